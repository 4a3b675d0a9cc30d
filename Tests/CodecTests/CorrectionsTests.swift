import Kernels
import TestSupport
import Testing

@testable import Codec

@Suite struct CorrectionsTests {
  /// A slot's corrections go with its histories.
  @Test func correctionsBelongToTheirContext() throws {
    var table = try HistoryTable(log2Size: 16, hasCorrections: true)
    table.beginBlock(usesCorrections: true)
    func learn(_ hash: UInt64) -> Int16 {
      let slot = table.slot(hash)
      slot.histories[1] = 1
      slot.corrections[1] += 5
      return slot.corrections[1]
    }
    #expect(learn(0x1234_5678_9ABC_DE11) == 5 && learn(0x1234_5678_9ABC_DE11) == 10)
    for i in 0..<20 { #expect(learn(0x1234_5678_9ABC_0020 + UInt64(i)) == 5) }
  }

  /// A correction makes an expectation right that is wrong, and leaves one alone that is right.
  @Test(arguments: [(9, 10, 0.0), (1, 2, 0.0), (1, 2, -3.0), (1, 20, 2.0)])
  func correctionsFindTheFrequency(ones: Int, of all: Int, expectation: Float) {
    let logistic = Logistic.shared
    let corrections = Corrections(most: 1, logistic, instructionSet: .best)
    var kept: Int16 = 0
    func update(bit: Int, expectation: Float, divisor: Float = 1) {
      let x = [Corrections.value(kept)] + [Float](repeating: 0, count: 7)
      corrections.divisors[0] = divisor
      corrections.move(x, count: 1, bit: bit, expectation: expectation)
      kept = corrections.moved[0]
    }
    var random = SeededGenerator(seed: 55)
    var mean: Float = 0
    for i in 0..<4000 {
      let bit = Int.random(in: 0..<all, using: &random) < ones ? 1 : 0
      update(bit: bit, expectation: expectation, divisor: Corrections.divisor(seen: i))
      if i >= 1000 { mean += logistic.squash(expectation + Corrections.value(kept)) / 3000 }
    }
    #expect(abs(mean - Float(ones) / Float(all)) < 0.06, "seed 55, \(mean)")
    // Far beyond what can be kept.
    for _ in 0..<50 { update(bit: 1, expectation: -11) }
    #expect(Corrections.value(kept) > 7.9 && Corrections.value(kept) < 8)
  }

  /// Every instruction set moves many as one by one, and takes no notice of what stands behind them.
  @Test(arguments: InstructionSet.available)
  func correctionsMoveTogether(set: InstructionSet) {
    let logistic = Logistic.shared
    let many = Corrections(most: 24, logistic, instructionSet: set)
    let one = Corrections(most: 1, logistic, instructionSet: .portable)
    var random = SeededGenerator(seed: 56)
    for count in [1, 7, 8, 9, 24] {
      let x = (0..<24).map { _ in Float.random(in: -9...9, using: &random) }
      let divisors = (0..<24).map { _ in Float.random(in: 1...8, using: &random) }
      for i in 0..<24 { many.divisors[i] = divisors[i] }
      let expectation = Float.random(in: -11...11, using: &random)
      many.move(x, count: count, bit: 1, expectation: expectation)
      for i in 0..<count {
        one.divisors[0] = divisors[i]
        one.move(
          [x[i]] + [Float](repeating: 0, count: 7), count: 1, bit: 1,
          expectation: expectation)
        #expect(many.moved[i] == one.moved[0], "seed 56, \(count), \(i)")
      }
    }
  }
}
