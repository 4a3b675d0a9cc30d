import Dispatch
import Foundation
import Synchronization

/// Removes the temporary file when the program is told to stop, and then stops as it was told.
enum Interrupts {
  private static let path = Mutex<String?>(nil)
  // Made once, before any work begins, and never touched again.
  nonisolated(unsafe) private static let sources = [SIGINT, SIGTERM, SIGHUP].map(watch)

  static func install() {
    _ = sources
    // A closed pipe is an error of write(), which is reported and cleaned up after.
    signal(SIGPIPE, SIG_IGN)
  }

  private static func watch(_ number: Int32) -> any DispatchSourceSignal {
    signal(number, SIG_IGN)
    let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
    source.setEventHandler {
      path.withLock { path in
        if let path { unlink(path) }
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
}
