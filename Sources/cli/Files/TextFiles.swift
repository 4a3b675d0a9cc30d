import Foundation
import LMZ

/// Text to learn from: files, and the files of directories.
struct TextFiles {
  private(set) var documents: [[UInt8]] = []
  private(set) var files = 0

  var bytes: Int { documents.reduce(0) { $0 + $1.count } }

  /// The documents as the coder writes them: with LF alone, and with what escapes in strings stand for.
  var spelled: [[UInt8]] { documents.map { Spelling(of: $0).bytes } }

  /// Reads files, and directories with all that is below them in the order of the names. A byte 0 ends
  /// a document, so that many may be in one file. What is no text is passed over with a warning; text in
  /// another encoding is put into UTF-8.
  ///
  /// - Throws: `FileError` where an operand cannot be read.
  init(_ operands: [String], quiet: Bool) throws {
    for name in DirectoryContents.expanded(operands) { try read(name, quiet: quiet) }
  }

  private mutating func read(_ name: String, quiet: Bool) throws {
    let bytes = Spelling(characterSetOf: try InputFile.content(name)).bytes
    guard !bytes.isEmpty else { return }
    guard ContentKind.isText(bytes) else {
      Console.warning("\(Console.shown(name)): is no text -- ignored", quiet: quiet)
      return
    }
    files += 1
    documents += bytes.split(separator: 0).map(Array.init)
  }
}
