import Foundation
import LMZ

/// Files under Tests/Golden.
package enum Golden {
  package static let folder = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().appending(path: "Golden")

  package static func bytes(_ name: String) throws -> [UInt8] {
    [UInt8](try Data(contentsOf: folder.appending(path: name)))
  }

  /// The small frozen model of the tests.
  package static func tinyModel() throws -> NamedModel {
    try NamedModel(file: bytes("tiny.safetensors"))
  }

  /// A file of the samples in corpora/.
  package static func sample(_ name: String) throws -> [UInt8] {
    let corpora = folder.deletingLastPathComponent().deletingLastPathComponent()
    return [UInt8](try Data(contentsOf: corpora.appending(path: "corpora/\(name)")))
  }
}

/// SplitMix64 (Steele et al., 2014): the same numbers everywhere.
package struct SeededGenerator: RandomNumberGenerator {
  private var state: UInt64

  package init(seed: UInt64) { state = seed }

  package mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  package mutating func bytes(_ count: Int) -> [UInt8] {
    (0..<count).map { _ in UInt8(truncatingIfNeeded: next()) }
  }
}
