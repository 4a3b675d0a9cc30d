import TestSupport
import Testing

@testable import Kernels
@testable import LM

@Suite struct NGramTableTests {
  /// A table of one bucket, written as docs/FORMAT.md says. Bits as text.
  static func file(
    checkBits: Int = 10, levels: [UInt16], _ contexts: [(check: UInt64, [(token: Int, level: Int)])]
  ) -> [UInt8] {
    func little(_ x: UInt64, _ size: Int) -> [UInt8] {
      (0..<size).map { UInt8(truncatingIfNeeded: x >> (8 * UInt64($0))) }
    }
    func binary(_ x: Int, _ size: Int) -> String {
      let digits = String(x, radix: 2)
      return String(repeating: "0", count: size - digits.count) + digits
    }
    var bits = ""
    for (check, successors) in contexts {
      bits += binary(Int(check), checkBits)
      for (i, (token, level)) in successors.enumerated() {
        bits += binary(token, 13) + binary(level, 4) + (i + 1 < successors.count ? "1" : "0")
      }
    }
    let count = bits.count
    bits += String(repeating: "0", count: (8 - count % 8) % 8)
    let bytes = stride(from: 0, to: bits.count, by: 8).map { i in
      UInt8(bits.dropFirst(i).prefix(8), radix: 2) ?? 0
    }
    return Array("LMZNGRAM".utf8) + little(1, 4) + little(8192, 4) + little(99, 8)
      + [0, UInt8(checkBits), 13, 4] + little(3, 4) + levels.flatMap { little(UInt64($0), 2) }
      + little(0, 4) + little(UInt64(count), 4) + bytes
  }

  static let levels: [UInt16] = (0..<16).map { UInt16($0 * 4096 + 4095) }

  /// The check of a context in a table of one bucket, from the definition.
  static func check(_ tokens: [UInt64]) -> UInt64 {
    let packed = tokens.reduce(0) { ($0 << 13 | $1) & (1 << 51 - 1) }
    let h = (packed &+ UInt64(tokens.count) << 60) &* 0x9E37_79B9_7F4A_7C15
    return ((h ^ h >> 32) &* 0xD6E8_FEB8_6659_FD93) >> 54
  }

  static func expected(_ table: NGramTable, after tokens: [UInt16]) -> ExpectedTokens {
    var expected = ExpectedTokens(most: NGramTable.most)
    table.expect(after: RecentTokens(tokens), &expected)
    return expected
  }

  static func share(_ token: Int, _ expected: ExpectedTokens) -> Double {
    Double(expected.shares(token, token, token + 1).both) / 65536
  }

  @Test func longContextsComeFirst() throws {
    let table = try NGramTable(
      file: Self.file(
        levels: Self.levels,
        [
          (Self.check([7, 8]), [(5, 3), (9, 7)]), (Self.check([6, 7, 8]), [(9, 7)]),
        ]))
    // Half of everything to 9 by the longer context; of what is left, a fourth to 5 and a half to 9.
    let expected = Self.expected(table, after: [1, 6, 7, 8])
    #expect(expected.count == 2)
    #expect(abs(Self.share(9, expected) - (0.5 + 0.5 * 0.5)) < 1e-3)
    #expect(abs(Self.share(5, expected) - 0.5 * 0.25) < 1e-3)
    #expect(abs(Double(expected.rest) / 65536 - 0.5 * 0.25) < 1e-3)
    let shorter = Self.expected(table, after: [1, 7, 8])
    #expect(abs(Self.share(9, shorter) - 0.5) < 1e-3 && shorter.count == 2)
    #expect(Self.expected(table, after: [7, 9]).count == 0)
    #expect(Self.expected(table, after: [8]).count == 0)
  }

  /// What was counted in the training text is what the table says.
  @Test func goldenTableKnowsItsText() throws {
    let table = try NGramTable(file: Golden.bytes("tiny.ngrams"))
    let model = try Model(file: Golden.bytes("tiny.safetensors"))
    #expect(table.fingerprint == model.vocabulary.fingerprint && table.count > 1000)
    var encoder = BytePairEncoder(model.merges)
    let tokens = try encoder.encode(Golden.sample("english.txt").prefix(30000))
    var (sure, right) = (0, 0)
    var recent = RecentTokens([0])
    var expected = ExpectedTokens(most: NGramTable.most)
    for token in tokens {
      table.expect(after: recent, &expected)
      let most =
        (0..<model.vocabulary.count).map { expected.shares($0, $0, $0 + 1).both }.max() ?? 0
      if most > 32768 {
        sure += 1
        if expected.shares(Int(token), Int(token), Int(token) + 1).both == most { right += 1 }
      }
      recent.append(token)
    }
    #expect(sure > tokens.count / 50 && right > sure / 2, "\(right) of \(sure)")
  }

  /// A file of the program is not copied; what lies behind it does not count.
  @Test func permanentFileSaysWhatItsCopySays() throws {
    let file = try Golden.bytes("tiny.ngrams")
    let table = try NGramTable(file: file)
    let model = try Model(file: Golden.bytes("tiny.safetensors"))
    var encoder = BytePairEncoder(model.merges)
    let tokens = try encoder.encode(Golden.sample("english.txt").prefix(3000))
    try (file + [UInt8](repeating: 0xFF, count: BitSequence.padding)).withUnsafeBufferPointer {
      let permanent = try NGramTable(
        permanent: UnsafeBufferPointer(rebasing: $0.dropLast(BitSequence.padding)))
      #expect(permanent.count == table.count && permanent.fileSize == table.fileSize)
      var known = 0
      for end in 2..<tokens.count {
        let context = Array(tokens[max(0, end - RecentTokens.most)..<end])
        let one = Self.expected(table, after: context)
        let other = Self.expected(permanent, after: context)
        #expect(one.count == other.count && one.rest == other.rest)
        #expect(one.shares(0, 0, Int(tokens[end])) == other.shares(0, 0, Int(tokens[end])))
        known += min(one.count, 1)
      }
      #expect(known > tokens.count / 4, "\(known) of \(tokens.count)")
    }
  }

  @Test func damagedFilesAreErrorsOrHarmless() throws {
    let file = try Golden.bytes("tiny.ngrams")
    for count in 0..<200 {
      #expect(throws: ModelFileError.self) { try NGramTable(file: Array(file.prefix(count))) }
    }
    var random = SeededGenerator(seed: 72)
    for i in 0..<300 {
      var damaged = file
      for _ in 0..<50 {
        let range = i % 2 == 0 ? 24..<2000 : 24..<file.count
        damaged[Int.random(in: range, using: &random)] = random.bytes(1)[0]
      }
      guard let table = try? NGramTable(file: damaged) else { continue }
      for _ in 0..<50 {
        let tokens = (0..<4).map { _ in UInt16.random(in: 0..<512, using: &random) }
        let expected = Self.expected(table, after: tokens)
        #expect(expected.rest >= 1 && expected.count <= NGramTable.most, "seed 72, \(i)")
      }
    }
  }
}
