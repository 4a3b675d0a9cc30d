import Foundation
import LMZ

@_exported import struct LM.SeededGenerator

/// Files under Tests/Golden.
package enum Golden {
  package static let folder = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().appending(path: "Golden")

  package static func bytes(_ name: String) throws -> [UInt8] {
    [UInt8](try Data(contentsOf: folder.appending(path: name)))
  }

  /// The small frozen model of the tests, with n-grams of its vocabulary or without.
  package static func tinyModel(ngrams: Bool = true) throws -> NamedModel {
    try NamedModel(
      file: bytes("tiny.safetensors"),
      ngrams: ngrams ? NGramTable(file: bytes("tiny.ngrams")) : nil)
  }

  /// A file of the samples in corpora/.
  package static func sample(_ name: String) throws -> [UInt8] {
    let corpora = folder.deletingLastPathComponent().deletingLastPathComponent()
    return [UInt8](try Data(contentsOf: corpora.appending(path: "corpora/\(name)")))
  }
}

extension SeededGenerator {
  package mutating func bytes(_ count: Int) -> [UInt8] {
    (0..<count).map { _ in UInt8(truncatingIfNeeded: next()) }
  }
}
