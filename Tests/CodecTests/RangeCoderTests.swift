import Foundation
import TestSupport
import Testing

@testable import Codec

@Suite struct RangeCoderTests {
  /// Random decisions with random probabilities; the answers follow the probabilities.
  static func decisions(_ count: Int, seed: UInt64, extreme: Bool) -> [(bit: Bool, p: UInt32)] {
    var random = SeededGenerator(seed: seed)
    return (0..<count).map { _ in
      let p: UInt32 =
        extreme
        ? [1, 2, 100, 65435, 65534, 65535].randomElement(using: &random)!
        : UInt32.random(in: 1...65535, using: &random)
      return (UInt32.random(in: 0..<65536, using: &random) < p, p)
    }
  }

  static func encode(_ decisions: [(bit: Bool, p: UInt32)]) -> [UInt8] {
    var encoder = RangeEncoder()
    for (bit, p) in decisions { encoder.encode(bit, probability: p) }
    return encoder.finish()
  }

  @Test(arguments: [(0, false), (1, false), (2, true), (3, true)] as [(UInt64, Bool)])
  func decodesWhatWasEncoded(seed: UInt64, extreme: Bool) {
    for count in [0, 1, 2, 3, 7, 100, 20000] {
      let decisions = Self.decisions(count, seed: seed, extreme: extreme)
      let bytes = Self.encode(decisions)
      var decoder = RangeDecoder(bytes[...])
      for (i, (bit, p)) in decisions.enumerated() {
        let decoded = decoder.decode(probability: p)
        if decoded != bit {
          Issue.record("decision \(i) of \(count), seed \(seed)")
          return
        }
      }
      #expect(!decoder.isExhausted)
    }
  }

  /// Long runs of 0xFF before a carry.
  @Test func carriesPropagate() {
    for ones in 1...40 {
      var decisions = [(bit: false, p: UInt32(1))]
      decisions += Array(repeating: (bit: false, p: UInt32(65535)), count: ones)
      decisions += Array(repeating: (bit: true, p: UInt32(1)), count: ones % 5)
      let bytes = Self.encode(decisions)
      var decoder = RangeDecoder(bytes[...])
      for (bit, p) in decisions { #expect(decoder.decode(probability: p) == bit) }
    }
  }

  @Test(arguments: [false, true]) func overheadIsBelowATenthOfAPercent(extreme: Bool) {
    let decisions = Self.decisions(400_000, seed: 9, extreme: extreme)
    let entropy = decisions.reduce(0.0) {
      let p = Double($1.p) / 65536
      return $0 - log2($1.bit ? p : 1 - p)
    }
    let bits = 8 * Double(Self.encode(decisions).count)
    #expect(bits < entropy * 1.001 + 8)
    #expect(bits > entropy - 8)
  }

  @Test func aStreamEndsWithinAByte() {
    for count in 0..<200 {
      let decisions = Self.decisions(count, seed: UInt64(count), extreme: false)
      let entropy = decisions.reduce(0.0) {
        let p = Double($1.p) / 65536
        return $0 - log2($1.bit ? p : 1 - p)
      }
      #expect(Double(Self.encode(decisions).count) <= (entropy / 8).rounded(.up) + 0.01)
    }
  }

  @Test func readingFarBeyondTheEndIsNoticed() {
    var decoder = RangeDecoder([1, 2, 3][...])
    for _ in 0..<200 { _ = decoder.decode(probability: 32768) }
    #expect(decoder.isExhausted)
  }
}
