import Foundation

/// What is in directories.
enum DirectoryContents {
  /// Operands, with directories replaced by the files below them that suit.
  static func expanded(_ operands: [String], where suits: (String) -> Bool = { _ in true })
    -> [String]
  {
    operands.flatMap { files($0)?.filter(suits) ?? [$0] }
  }

  /// The regular files below a directory, in the order of their names; links are not followed.
  ///
  /// - Returns: nil where the path is no directory.
  static func files(_ path: String) -> [String]? {
    var isDirectory: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory),
      isDirectory.boolValue
    else { return nil }
    let names = FileManager.default.enumerator(atPath: path)?.compactMap { $0 as? String }
    let folder = path.hasSuffix("/") ? path : path + "/"
    return (names ?? []).sorted().map { folder + $0 }.filter {
      let attributes = try? FileManager.default.attributesOfItem(atPath: $0)
      return attributes?[.type] as? FileAttributeType == .typeRegular
    }
  }
}
