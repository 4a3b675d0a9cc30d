import Foundation

/// A directory for several files of results; made where it is not there.
struct OutputDirectory {
  private let path: String

  /// - Throws: `FileError` where there is something else of that name, or it cannot be made.
  init(_ path: String) throws {
    self.path = path
    var isDirectory: ObjCBool = false
    if FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) {
      guard isDirectory.boolValue else { throw FileError(path, "is not a directory") }
      return
    }
    do {
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    } catch {
      throw FileError(path, "cannot be made a directory")
    }
  }

  /// Writes a file, replacing an older one.
  func write(_ content: String, to name: String) throws {
    let file = try OutputFile("\(path)/\(name)", replacing: true)
    try file.sink.write(Array(content.utf8))
    try file.commit(like: nil)
  }
}
