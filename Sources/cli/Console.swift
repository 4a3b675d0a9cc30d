import Foundation
import Synchronization

/// What the program says: results on standard output, everything else on standard error.
enum Console {
  private static let worst = Mutex(ExitStatus.done)

  /// The exit status that the messages so far call for: an error outweighs a warning.
  static var status: ExitStatus { worst.withLock { $0 } }

  static func error(_ message: String) {
    worst.withLock { $0 = .error }
    say(message)
  }

  static func warning(_ message: String, quiet: Bool = false) {
    worst.withLock { if $0 == .done { $0 = .warning } }
    if !quiet { say(message) }
  }

  /// A line on standard error, `lmz: ` first.
  static func say(_ message: String) { note("lmz: \(message)\n") }

  /// Text on standard error as it is. A failure to write there is nobody's to hear.
  static func note(_ text: String) {
    try? FileSink(descriptor: STDERR_FILENO).write(Array(text.utf8))
  }

  /// A line on standard output.
  ///
  /// - Throws: `FileError` where it cannot be written.
  static func print(_ text: String) throws {
    try FileSink(descriptor: STDOUT_FILENO, name: "standard output").write(
      Array((text + "\n").utf8))
  }

  static func isTerminal(_ descriptor: Int32) -> Bool { isatty(descriptor) == 1 }

  /// A file name for a message, with control characters and bytes of no character replaced.
  static func shown(_ name: String) -> String {
    String(
      String.UnicodeScalarView(
        name.unicodeScalars.map {
          $0.value < 32 || $0.value == 127 || FileName.isByte($0) ? "?" : $0
        }))
  }
}
