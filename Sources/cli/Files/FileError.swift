import Foundation

/// What went wrong with a file, in the words of the system.
struct FileError: Error, CustomStringConvertible {
  let name: String
  let reason: String

  /// - Parameter code: errno of the failed call.
  init(_ name: String, code: Int32) {
    self.name = name
    reason = String(cString: strerror(code))
  }

  init(_ name: String, _ reason: String) {
    self.name = name
    self.reason = reason
  }

  var description: String { "\(Console.shown(name)): \(reason)" }
}
