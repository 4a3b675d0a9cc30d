import Kernels
import TestSupport
import Testing

@testable import Codec

@Suite struct CorrectionsTests {
  /// A slot's corrections go with its histories.
  @Test func correctionsBelongToTheirContext() throws {
    let corrections = try Corrections(
      count: 1 << 16, most: 1, Logistic(), instructionSet: .portable)
    var table = try HistoryTable(log2Size: 16, corrections)
    table.beginBlock(usesCorrections: true)
    func learn(_ hash: UInt64) -> Int {
      let slot = table.slot(hash)
      slot[1] = 1
      let i = table.index(of: slot + 1)
      corrections.update(i, bit: 1, expectation: 0)
      return i
    }
    let first = learn(0x1234_5678_9ABC_DE11)
    let once = corrections[first]
    #expect(once > 1 && learn(0x1234_5678_9ABC_DE11) == first && corrections[first] > once)
    for i in 0..<20 {
      let slot = table.slot(0x1234_5678_9ABC_0020 + UInt64(i))
      #expect(corrections[table.index(of: slot + 1)] == 0)
      _ = learn(0x1234_5678_9ABC_0020 + UInt64(i))
    }
  }

  /// A correction makes an expectation right that is wrong, and leaves one alone that is right.
  @Test(arguments: [(9, 10, 0.0), (1, 2, 0.0), (1, 2, -3.0), (1, 20, 2.0)])
  func correctionsFindTheFrequency(ones: Int, of all: Int, expectation: Float) throws {
    let logistic = Logistic()
    let corrections = try Corrections(count: 1, most: 1, logistic, instructionSet: .best)
    var random = SeededGenerator(seed: 55)
    var mean: Float = 0
    for i in 0..<4000 {
      let bit = Int.random(in: 0..<all, using: &random) < ones ? 1 : 0
      corrections.update(
        0, bit: bit, expectation: expectation, divisor: Corrections.divisor(seen: i))
      if i >= 1000 { mean += logistic.squash(expectation + corrections[0]) / 3000 }
    }
    #expect(abs(mean - Float(ones) / Float(all)) < 0.06, "seed 55, \(mean)")
    // Far beyond what can be kept.
    for _ in 0..<50 { corrections.update(0, bit: 1, expectation: -11) }
    #expect(corrections[0] > 7.9 && corrections[0] < 8)
  }

  /// Every instruction set moves many as one by one, and takes no notice of what stands behind them.
  @Test(arguments: InstructionSet.available)
  func correctionsMoveTogether(set: InstructionSet) throws {
    let logistic = Logistic()
    let many = try Corrections(count: 24, most: 24, logistic, instructionSet: set)
    let one = try Corrections(count: 1, most: 1, logistic, instructionSet: .portable)
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

extension Corrections {
  static func none() throws -> Corrections {
    try Corrections(count: 0, most: 1, Logistic(), instructionSet: .best)
  }

  /// Teaches one of them a bit.
  fileprivate func update(_ i: Int, bit: Int, expectation: Float, divisor: Float = 1) {
    let x = [self[i]] + [Float](repeating: 0, count: 7)
    divisors[0] = divisor
    move(x, count: 1, bit: bit, expectation: expectation)
    values[i] = moved[0]
  }
}
