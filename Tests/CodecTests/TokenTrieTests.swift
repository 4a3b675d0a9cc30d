import Foundation
import Kernels
import TestSupport
import Testing

@testable import Codec

@Suite struct TokenTrieTests {
  /// All single bytes and some longer tokens with shared beginnings.
  static let tokens: [[UInt8]] = {
    var set = Set((0...255).map { [UInt8($0)] })
    for word in ["a", "ab", "abc", "abd", "abcde", "abcdef", "the", "then", "them", "日本", "日本語"] {
      set.insert(Array(word.utf8))
    }
    set.insert([255, 255])
    set.insert([255, 255, 255])
    return set.sorted { $0.lexicographicallyPrecedes($1) }
  }()

  static let trie: TokenTrie = {
    var starts: [Int32] = [0]
    for token in tokens { starts.append(starts[starts.count - 1] + Int32(token.count)) }
    return TokenTrie(starts: starts, bytes: Array(tokens.joined()))
  }()

  static func prefix(seed: UInt64) -> [UInt64] {
    var random = SeededGenerator(seed: seed)
    var prefix: [UInt64] = [0]
    for _ in tokens {
      let weight = UInt64(1) << UInt64.random(in: 0...24, using: &random)
      prefix.append(prefix[prefix.count - 1] + weight)
    }
    return prefix
  }

  @Test func everyTokenComesBackAtItsPrice() {
    for seed: UInt64 in 0..<4 {
      let prefix = Self.prefix(seed: seed)
      for token in Self.tokens.indices {
        var record = DecisionRecord()
        #expect(Self.trie.code(token: token, prefix: prefix.span, with: &record) == token)
        var log = DecisionLog()
        for i in 0..<record.count { record.replay(i, to: &log) }
        let bits = log.entries.reduce(0.0) { bits, entry in
          let p = Double(entry.decision.probability) / 65536
          return bits - log2(entry.answer ? p : 1 - p)
        }
        #expect(log.tokens == 1 && log.bytes == Self.tokens[token])
        var replay = Replay(answers: log.entries.map(\.answer))
        #expect(Self.trie.code(token: nil, prefix: prefix.span, with: &replay) == token)
        #expect(replay.bytes == Self.tokens[token])
        let share = Double(prefix[token + 1] - prefix[token]) / Double(prefix[prefix.count - 1])
        // Probabilities are cut to 1/65536 at the least; likely tokens must cost what they should.
        if share > 1e-3 { #expect(abs(bits + log2(share)) < 0.05, "token \(token), seed \(seed)") }
      }
    }
  }

  /// With expected tokens every token costs what it has of the language model's rest and of their shares together.
  @Test func expectedTokensChangeThePrice() {
    var random = SeededGenerator(seed: 71)
    for seed: UInt64 in 0..<4 {
      let prefix = Self.prefix(seed: seed)
      var expected = ExpectedTokens(most: 20)
      var shares = [Double](repeating: 0, count: Self.tokens.count)
      for _ in 0..<12 {
        let token = Int.random(in: shares.indices, using: &random)
        let share = UInt32.random(in: 0...6000, using: &random)
        expected.add(token, share)
        shares[token] += Double(share) / 65536
      }
      let rest = 1 - shares.reduce(0, +)
      #expect(abs(Double(expected.rest) / 65536 - rest) < 1e-9)
      for token in Self.tokens.indices {
        var record = DecisionRecord()
        _ = Self.trie.code(
          token: token, prefix: prefix.span, expected: expected, with: &record)
        var log = DecisionLog()
        for i in 0..<record.count { record.replay(i, to: &log) }
        var bits = 0.0
        var alone = 0.0
        var ngrams = 0.0
        for (decision, answer) in log.entries {
          let (p, q) = (Double(decision.expectation) / 65536, Double(decision.probability) / 65536)
          bits -= log2(answer ? p : 1 - p)
          alone -= log2(answer ? q : 1 - q)
          #expect(decision.trust <= 7)
          #expect((decision.trust == 0) == (decision.ngrams == 0))
          if decision.trust == 0 {
            #expect(decision.expectation == decision.probability)
          } else {
            let r = Double(decision.ngrams) / 65536
            ngrams -= log2(answer ? r : 1 - r)
          }
        }
        let model = Double(prefix[token + 1] - prefix[token]) / Double(prefix[prefix.count - 1])
        let share = rest * model + shares[token]
        if share > 1e-3 { #expect(abs(bits + log2(share)) < 0.05, "token \(token), seed \(seed)") }
        let part = shares[token] / (1 - rest)
        if part > 1e-3 { #expect(abs(ngrams + log2(part)) < 0.05, "token \(token), seed \(seed)") }
        if model > 1e-3 { #expect(abs(alone + log2(model)) < 0.05, "token \(token), seed \(seed)") }
      }
    }
  }

  /// What a coder was given.
  struct DecisionLog: DecisionCoder {
    var entries: [(decision: Decision, answer: Bool)] = []
    var bytes: [UInt8] = []
    var tokens = 0
    mutating func code(_ decision: Decision, answer: Bool) -> Bool {
      entries.append((decision, answer))
      return answer
    }
    mutating func beginToken() { tokens += 1 }
    mutating func append(_ byte: UInt8) { bytes.append(byte) }
  }

  /// Gives the answers of an earlier walk.
  struct Replay: DecisionCoder {
    var answers: [Bool] = []
    var next = 0
    var bytes: [UInt8] = []
    mutating func append(_ byte: UInt8) { bytes.append(byte) }
    mutating func code(_ decision: Decision, answer: Bool) -> Bool {
      defer { next += 1 }
      return answers[next]
    }
  }

  @Test func certainDecisionsAreNotCoded() {
    // 0xFF 0xFF can only go on with 0xFF: one decision on the end, none on bits.
    let token = Self.tokens.firstIndex(of: [255, 255, 255])!
    var record = DecisionRecord()
    _ = Self.trie.code(token: token, prefix: Self.prefix(seed: 1).span, with: &record)
    var log = DecisionLog()
    for i in 0..<record.count { record.replay(i, to: &log) }
    let kinds = log.entries.map(\.decision.kind)
    #expect(kinds.filter { $0 == Decision.endOfToken }.count == 2)
    #expect(kinds.count == 8 + 2)
  }
}
