import Foundation
import TestSupport
import Testing

@testable import LM

@Suite struct TokenizerTests {
  let model: Model

  init() throws { model = try Golden.tinyModel().model }

  @Test func agreesWithThePythonTokenizer() throws {
    for (name, text) in try GoldenText.all() {
      var encoder = BytePairEncoder(model.merges)
      #expect(encoder.encode(Array(text.text.utf8)[...]) == text.tokens, "\(name)")
    }
  }

  @Test func everyByteStringComesBack() {
    var random = SeededGenerator(seed: 7)
    var encoder = BytePairEncoder(model.merges)
    for _ in 0..<300 {
      let count = Int.random(in: 0...400, using: &random)
      var bytes = random.bytes(count)
      if Bool.random(using: &random) {
        // Closer to text: few values, blanks and line ends among them.
        bytes = bytes.map {
          [0x20, 0x20, 0x0A, 0x0D, 0x09, 0x61, 0x65, 0x74, 0x31, 0x2E, 0xE3][Int($0) % 11]
        }
      }
      #expect(model.vocabulary.decode(encoder.encode(bytes[...])) == bytes, "seed 7: \(bytes)")
    }
    let all = (0...255).map { UInt8($0) }
    #expect(model.vocabulary.decode(encoder.encode(all[...])) == all)
    #expect(encoder.encode([]) == [])
  }

  @Test func longRunsAreCutAndComeBack() {
    var encoder = BytePairEncoder(model.merges)
    let bytes = [UInt8](repeating: 0x61, count: BytePairEncoder.longestPiece * 2 + 5)
    #expect(model.vocabulary.decode(encoder.encode(bytes[...])) == bytes)
  }

  @Test func vocabularyMustBeInOrderAndComplete() throws {
    let bytes = (0...255).map { [UInt8($0)] }
    #expect(throws: ModelFileError.corrupted("its vocabulary is out of order")) {
      try Vocabulary(Array(bytes.reversed()))
    }
    #expect(throws: ModelFileError.corrupted("its vocabulary lacks single bytes")) {
      try Vocabulary(Array(bytes.dropLast()))
    }
    #expect(throws: ModelFileError.corrupted("its vocabulary is out of order")) {
      try Vocabulary(bytes + [[UInt8](repeating: 255, count: 65)])
    }
  }
}

/// What pretraining/golden.py wrote.
struct GoldenText: Decodable {
  let text: String
  let tokens: [UInt16]
  let floatBits: Double
  let quantisedBits: Double

  enum CodingKeys: String, CodingKey {
    case text, tokens
    case floatBits = "bits_float"
    case quantisedBits = "bits_quantised"
  }

  static func all() throws -> [(String, GoldenText)] {
    let data = Data(try Golden.bytes("tiny.json"))
    return try JSONDecoder().decode([String: GoldenText].self, from: data).sorted {
      $0.key < $1.key
    }
  }
}
