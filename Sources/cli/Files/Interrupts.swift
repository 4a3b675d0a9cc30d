import Dispatch
import Foundation
import Synchronization

/// Removes the temporary file when the program is told to stop, and then stops as it was told.
enum Interrupts {
  private static let path = Mutex<String?>(nil)
  private static let stop = Mutex<(@Sendable () -> Void)?>(nil)
  // Made once, before any work begins, and never touched again.
  nonisolated(unsafe) private static let sources = [SIGINT, SIGTERM, SIGHUP].map(watch)

  static func install() {
    _ = sources
    // A closed pipe is an error of write(), which is reported and cleaned up after.
    signal(SIGPIPE, SIG_IGN)
    // So is a file that may not become as large.
    signal(SIGXFSZ, SIG_IGN)
  }

  private static func watch(_ number: Int32) -> any DispatchSourceSignal {
    signal(number, SIG_IGN)
    let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
    source.setEventHandler {
      // The first signal asks; a second one ends the program as it does elsewhere.
      let ask = stop.withLock { stop in
        defer { stop = nil }
        return stop
      }
      if let ask { return ask() }
      path.withLock { path in
        if let path { unlink(path.fileSystemName) }
        signal(number, SIG_DFL)
        // Threads of Dispatch block signals.
        var set = sigset_t()
        sigemptyset(&set)
        sigaddset(&set, number)
        pthread_sigmask(SIG_UNBLOCK, &set, nil)
        raise(number)
      }
    }
    source.resume()
    return source
  }

  /// The file to remove; nil when it is in place or gone.
  static func cleanUp(_ temporary: String?) { path.withLock { $0 = temporary } }

  /// Calls `body` in place of ending the program, the first time that a signal comes.
  static func onFirst(_ body: @escaping @Sendable () -> Void) { stop.withLock { $0 = body } }
}

/// Whether the user wants work to stop at the next place where it can go on from later.
final class StopRequest: Sendable {
  private let requested = Mutex(false)

  init() {
    Interrupts.install()
    Interrupts.onFirst { [self] in requested.withLock { $0 = true } }
  }

  var isRequested: Bool { requested.withLock { $0 } }
}
