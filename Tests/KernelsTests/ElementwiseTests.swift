import Foundation
import TestSupport
import Testing

@testable import Kernels

@Suite struct ElementwiseTests {
  /// These bit patterns are part of the format: a machine that computes others cannot decode.
  @Test func exponentialHasTheCommittedBits() {
    let table: [(Float, UInt32)] = [
      (0, 0x3F80_0000), (1, 0x4000_0000), (-1, 0x3F00_0000), (0.5, 0x3FB5_04F2),
      (-0.5, 0x3F35_04F5), (0.25, 0x3F98_37F0), (-3.7, 0x3D9D_9624), (10.1, 0x4489_2FE2),
      (-24.3, 0x334F_EFCD), (-120, 0x0380_0000), (-1e30, 0x0380_0000), (1e30, 0x7B80_0000),
      (119.99, 0x7B7E_3B37), (-0.001, 0x3F7F_D297),
    ]
    for (x, bits) in table {
      #expect(exp2Strict(x).bitPattern == bits, "2^\(x) = \(exp2Strict(x))")
    }
  }

  @Test func exponentialIsAccurate() {
    var x: Float = -30
    while x < 30 {
      let expected = Foundation.exp2(Double(x))
      #expect(abs(Double(exp2Strict(x)) / expected - 1) < 3e-7, "2^\(x)")
      x += 0.0371
    }
  }

  /// One hash over a sweep, so that a change of any bit is seen.
  @Test func exponentialSweepHash() {
    var hash: UInt64 = 14_695_981_039_346_656_037
    for i in -40000...40000 {
      hash = (hash ^ UInt64(exp2Strict(Float(i) / 1024).bitPattern)) &* 1_099_511_628_211
    }
    #expect(hash == 0x907C_1733_354B_DBF3)
  }

  @Test func rotaryAnglesAreAccurateAtAnyPosition() {
    let turns = 0.123_456_789_012
    let phases = RotaryPhases(steps: [UInt64(turns * 0x1p53) << 11])
    for position in [0, 1, 7, 1000, 123_456, 3_000_000] {
      let cosines = Buffer<Float>(count: 1)
      let sines = Buffer<Float>(count: 1)
      phases.angles(position: position, cosines: cosines, sines: sines, at: 0)
      let angle = 2 * Double.pi * (Double(position) * turns).truncatingRemainder(dividingBy: 1)
      #expect(abs(Double(cosines[0]) - cos(angle)) < 1e-6)
      #expect(abs(Double(sines[0]) - sin(angle)) < 1e-6)
    }
  }

  @Test func normalisedRowHasUnitRootMeanSquare() {
    let x = Buffer<Float>((0..<64).map { Float($0) - 20 })
    let y = Buffer<Float>(count: 64)
    y.copyRow(0, from: x, at: 0, count: 64)
    y.normaliseRow(.best, 0, count: 64, to: 0)
    let square = y.array(0..<64).reduce(0.0) { $0 + Double($1) * Double($1) } / 64
    #expect(abs(square - 1) < 1e-5)
    #expect(abs(y[63] / y[60] - x[63] / x[60]) < 1e-5)
  }

  @Test func quantisationUndoesItself() {
    var random = SeededGenerator(seed: 4)
    let x = Buffer<Float>((0..<128).map { _ in Float.random(in: -3...3, using: &random) })
    let q = Buffer<Int16>(count: 128)
    let scale = x.quantiseRow(.best, 0, count: 128, to: 0, of: q)
    for i in 0..<128 {
      #expect(q[i].magnitude <= 2047)
      #expect(abs(Float(q[i]) * scale - x[i]) <= scale * 0.5001)
    }
    let normalised = x.quantiseNormalisedRow(.best, 0, count: 128, to: 0, of: q)
    let rms = (x.array(0..<128).reduce(0) { $0 + $1 * $1 } / 128).squareRoot()
    #expect(abs(Float(q[5]) * normalised - x[5] / rms) < 2e-3)
    #expect(Buffer<Float>(count: 8).quantiseRow(.best, 0, count: 8, to: 0, of: q) == 0)
  }

  /// Every instruction set gives the bits of docs/DETERMINISM.md's definitions.
  @Test(arguments: InstructionSet.available, [8, 64, 704])
  func rowsHaveTheBitsOfTheDefinition(set: InstructionSet, count: Int) {
    var random = SeededGenerator(seed: 9)
    let x = Buffer<Float>((0..<count).map { _ in Float.random(in: -3...3, using: &random) })
    let q = Buffer<Int16>(count: count)
    let scale = x.quantiseRow(set, 0, count: count, to: 0, of: q)
    let top = x.array(0..<count).map(\.magnitude).max()!
    #expect(scale == top / 2047)
    for i in 0..<count {
      let rounded = (x[i] * (2047 / top)).rounded(.toNearestOrEven)
      #expect(Float(q[i]) == rounded, "\(set), element \(i), seed 9")
    }
    var squares = [Float](repeating: 0, count: 8)
    for i in 0..<count { squares[i % 8] += x[i] * x[i] }
    let a = (0..<4).map { squares[$0] + squares[$0 + 4] }
    let mean = ((a[0] + a[2]) + (a[1] + a[3])) / Float(count)
    let normalised = x.quantiseNormalisedRow(set, 0, count: count, to: 0, of: q)
    #expect(normalised == scale * (1 / (mean + 1e-6).squareRoot()), "\(set)")

    let sums = Buffer<Int32>(
      (0..<count).map { _ in .random(in: -9_000_000...9_000_000, using: &random) })
    let weights = Buffer<Float>((0..<count).map { _ in Float.random(in: 0...1e-3, using: &random) })
    let y = Buffer<Float>(x.array(0..<count))
    for isAdding in [true, false] {
      y.setRow(
        set, 0, fromSums: sums, at: 0, count: count, scale: 0.0137, weightScales: weights,
        adding: isAdding)
      for i in 0..<count {
        let product = Float(sums[i]) * (weights[i] * 0.0137)
        #expect(y[i] == (isAdding ? x[i] + product : product), "\(set), element \(i), seed 9")
      }
    }
  }

  @Test func gateIsSiLUTimesUp() {
    let x = Buffer<Float>([-8, -1, -0.5, 0, 0.5, 1, 2, 8, 1, 2, 3, 4, 5, 6, 7, 8])
    let before = x.array(0..<16)
    x.gateRow(.best, 0, hidden: 8)
    for i in 0..<8 {
      let expected = Double(before[i]) / (1 + exp(-Double(before[i]))) * Double(before[8 + i])
      #expect(abs(Double(x[i]) - expected) < 1e-5)
    }
  }

  /// Every instruction set gives the bits of the definition, element by element.
  @Test(arguments: InstructionSet.available)
  func gateHasTheBitsOfTheDefinition(set: InstructionSet) {
    var random = SeededGenerator(seed: 7)
    let x = Buffer<Float>((0..<96).map { _ in Float.random(in: -99...99, using: &random) })
    x[3] = -1e30
    x[4] = 1e30
    let before = x.array(0..<96)
    x.gateRow(set, 0, hidden: 48)
    for i in 0..<48 {
      let sigmoid = 1 / (exp2Strict(before[i] * -log2OfE) + 1)
      #expect(x[i] == before[i] * sigmoid * before[48 + i], "\(set), element \(i), seed 7")
    }
  }

  @Test(arguments: InstructionSet.available, [1, 7, 8, 16, 40, 777])
  func tokenWeightsHaveTheBitsOfTheDefinition(set: InstructionSet, count: Int) {
    var random = SeededGenerator(seed: 8)
    let padded = (count + 15) / 16 * 16
    let sums = Buffer<Int32>(
      (0..<padded).map { _ in Int32.random(in: -900_000...900_000, using: &random) })
    let scales = Buffer<Float>(
      (0..<padded).map { _ in Float.random(in: 1e-6...3e-5, using: &random) })
    let bias = Buffer<Float>(
      (0..<padded).map { $0 < count ? Float.random(in: -2...2, using: &random) : -1e30 })
    let weights = TokenWeights(vocabulary: count)
    weights.set(set, sums: sums, at: 0, scale: 1.7, weightScales: scales, bias: bias)
    let logits = (0..<count).map { Float(sums[$0]) * (scales[$0] * 1.7) + bias[$0] }
    let highest = logits.max() ?? 0
    var total: UInt64 = 0
    weights.withPrefix { prefix in
      for i in 0..<count {
        #expect(prefix[i] == total, "\(set), token \(i), seed 8")
        let share = exp2Strict(logits[i] - highest) * 0x1p21
        total += 1 + 8 * UInt64(share.rounded(.toNearestOrEven))
      }
      #expect(prefix[count] == total)
    }
  }

  @Test func tokenWeightsFollowTheSoftmax() {
    let sums = Buffer<Int32>([100, 200, -300, 0, 50, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17])
    let scales = Buffer<Float>([Float](repeating: 0.01, count: 16))
    let bias = Buffer<Float>((0..<16).map { $0 < 10 ? Float($0) * 0.1 : -1e30 })
    let weights = TokenWeights(vocabulary: 10)
    weights.set(.best, sums: sums, at: 0, scale: 2, weightScales: scales, bias: bias)
    let exact = (0..<10).map { Foundation.exp2(Double(sums[$0]) * 0.02 + Double($0) * 0.1) }
    let total = exact.reduce(0, +)
    weights.withPrefix { prefix in
      #expect(prefix[0] == 0)
      for i in 0..<10 {
        let share = Double(prefix[i + 1] - prefix[i]) / Double(prefix[10])
        #expect(abs(share - exact[i] / total) < 1e-6)
      }
    }
  }
}
