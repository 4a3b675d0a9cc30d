import Foundation
import Synchronization

/// Removes the temporary file when the program is told to stop, and then stops as it was told.
///
/// Everything happens in the signal handler, which may therefore only use what POSIX allows there: no locks,
/// no allocation, no threads, which the system might not have to give.
enum Interrupts {
  static func install() {
    state.isStopRequested.store(false, ordering: .relaxed)
    for number in [SIGINT, SIGTERM, SIGHUP] where !isIgnored(number) { signal(number, handle) }
    // A closed pipe is an error of write(), which is reported and cleaned up after.
    signal(SIGPIPE, SIG_IGN)
    // So is a file that may not become as large.
    signal(SIGXFSZ, SIG_IGN)
  }

  /// As under nohup.
  private static func isIgnored(_ number: Int32) -> Bool {
    var action = sigaction()
    sigaction(number, nil, &action)
    return unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self)
      == unsafeBitCast(SIG_IGN, to: Int.self)
  }

  private static let handle: @convention(c) (Int32) -> Void = { number in
    // The first signal asks where somebody listens; a second one ends the program as it does elsewhere.
    if state.isAskedFirst.exchange(false, ordering: .relaxed) {
      state.isStopRequested.store(true, ordering: .relaxed)
      return
    }
    if let path = exchangePath(nil) { unlink(path) }
    signal(number, SIG_DFL)
    // Delivered when the handler returns.
    raise(number)
  }

  /// The file to remove; nil when it is in place or gone.
  static func cleanUp(_ temporary: String?) {
    free(exchangePath(temporary.flatMap { strdup($0.fileSystemName) }))
  }

  /// Whoever gets the path has it alone.
  private static func exchangePath(_ new: UnsafeMutablePointer<CChar>?)
    -> UnsafeMutablePointer<CChar>?
  {
    UnsafeMutablePointer(
      bitPattern: state.path.exchange(UInt(bitPattern: new), ordering: .acquiringAndReleasing))
  }

  /// Lets the first signal ask, in place of ending the program.
  static func askFirst() { state.isAskedFirst.store(true, ordering: .relaxed) }

  static var isStopRequested: Bool { state.isStopRequested.load(ordering: .relaxed) }

  private final class State: Sendable {
    /// The address of its bytes, or 0.
    let path = Atomic<UInt>(0)
    let isAskedFirst = Atomic(false)
    let isStopRequested = Atomic(false)
  }

  // Made by `install`, before any handler runs.
  private static let state = State()
}
