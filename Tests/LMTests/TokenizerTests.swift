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

  @Test func trainingMergesWhatIsMostFrequent() throws {
    let tokenizer = try BytePairTrainer([Array("low low low low lower lower newest newest".utf8)])
      .train(vocabulary: 261)
    // "lo", "low" and " low" six times less the first, "we" stays behind " newest" for its two.
    for token in ["lo", "low", " low"] {
      #expect(tokenizer.vocabulary.id(of: Array(token.utf8)) != nil, "\(token)")
    }
    #expect(tokenizer.vocabulary.count == 261)
  }

  /// The same text gives the same tokenizer in whatever order dictionaries are, and it encodes that text
  /// in fewer tokens than one trained on other text of as many tokens.
  @Test func trainedTokenizersFitTheirText() throws {
    func trained(_ name: String) throws -> Tokenizer {
      try BytePairTrainer([Array(Golden.sample(name).prefix(60_000))]).train(vocabulary: 600)
    }
    let (english, log) = (try trained("english.txt"), try trained("package.log"))
    let again = try trained("english.txt")
    #expect(english.vocabulary.bytes == again.vocabulary.bytes)
    let text = try Golden.sample("english.txt").suffix(5000)
    var (fitting, other) = (BytePairEncoder(english.merges), BytePairEncoder(log.merges))
    let tokens = fitting.encode(text)
    #expect(english.vocabulary.decode(tokens) == Array(text))
    #expect(Double(tokens.count) < 0.8 * Double(other.encode(text).count))
    #expect((0..<600).allSatisfy { english.vocabulary.length($0) <= BytePairTrainer.longestToken })
  }

  @Test func textWithoutRepeatsMakesNoTokens() throws {
    #expect(try BytePairTrainer([]).train(vocabulary: 300).vocabulary.count == 256)
    #expect(try BytePairTrainer([[1, 2, 3]]).train(vocabulary: 300).vocabulary.count == 256)
    #expect(throws: ModelFileError.self) { try BytePairTrainer([]).train(vocabulary: 70_000) }
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
