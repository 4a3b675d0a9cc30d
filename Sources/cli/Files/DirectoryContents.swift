import Foundation

/// What is in directories.
enum DirectoryContents {
  /// Operands, with directories replaced by the files below them that suit.
  static func expanded(_ operands: [String], where suits: (String) -> Bool = { _ in true })
    -> [String]
  {
    operands.flatMap { files($0)?.filter(suits) ?? [$0] }
  }

  /// The regular files below a directory, in the order of their names; links are not followed. A directory
  /// that cannot be read is reported.
  ///
  /// - Returns: nil where the path is no directory.
  static func files(_ path: String) -> [String]? {
    var status = stat()
    guard stat(path.fileSystemName, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else {
      return nil
    }
    var files: [String] = []
    collect(path.hasSuffix("/") ? path : path + "/", into: &files)
    return files.sorted()
  }

  /// - Parameter folder: ends with a slash.
  private static func collect(_ folder: String, into files: inout [String]) {
    guard let directory = opendir(folder.fileSystemName) else {
      Console.error("\(FileError(folder, code: errno))")
      return
    }
    defer { closedir(directory) }
    while let entry = readdir(directory) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: Int(NAME_MAX) + 1, FileName.string)
      }
      var status = stat()
      guard name != ".", name != "..", lstat((folder + name).fileSystemName, &status) == 0 else {
        continue
      }
      switch status.st_mode & S_IFMT {
      case S_IFREG: files.append(folder + name)
      case S_IFDIR: collect(folder + name + "/", into: &files)
      default: break
      }
    }
  }
}
