import TestSupport
import Testing

@testable import Kernels

@Suite struct ProductTests {
  static let shapes: [(rows: Int, outputs: Int, inputs: Int)] = [
    (1, 16, 2), (1, 160, 64), (2, 48, 34), (3, 17, 31), (5, 130, 256), (9, 16, 640), (17, 272, 96),
    (1, 208, 62), (7, 112, 20), (16, 32, 30), (64, 48, 130), (70, 33, 1602), (18, 16, 770),
  ]

  @Test(arguments: InstructionSet.available)
  func kernelsAgreeWithTheDefinition(set: InstructionSet) throws {
    var random = SeededGenerator(seed: 1)
    for (rows, outputs, inputs) in Self.shapes {
      let a = (0..<rows * inputs).map { _ in Int16.random(in: -2047...2047, using: &random) }
      let w = (0..<outputs * inputs).map { _ in Int8.random(in: -127...127, using: &random) }
      #expect(
        try Self.product(set, a, w, rows, outputs, inputs)
          == InstructionSet.referenceProduct(
            a: a, w: w, rows: rows, outputs: outputs, inputs: inputs),
        "\(set) \(rows)x\(outputs)x\(inputs), seed 1")
    }
  }

  @Test(arguments: InstructionSet.available)
  func extremesDoNotOverflow(set: InstructionSet) throws {
    for (rows, inputs, extreme) in [(1, 1032, 16383), (17, 1032, 16383), (17, 516, -32768)] {
      let a = [Int16](repeating: Int16(extreme), count: rows * inputs)
      for sign in [1, -1] {
        let w = [Int8](repeating: Int8(127 * sign), count: 16 * inputs)
        let sums = try Self.product(set, a, w, rows, 16, inputs)
        let expected = Int32(extreme * 127 * inputs * sign)
        #expect(sums.allSatisfy { $0 == expected }, "\(rows) rows of \(extreme)")
      }
    }
  }

  /// Float32 BLAS on integers is exact while sums stay below 2^24: an oracle that shares no code.
  @Test func kernelsAgreeWithBLAS() throws {
    var random = SeededGenerator(seed: 2)
    let (rows, outputs, inputs) = (7, 96, 512)
    let a = (0..<rows * inputs).map { _ in Int16.random(in: -255...255, using: &random) }
    let w = (0..<outputs * inputs).map { _ in Int8.random(in: -127...127, using: &random) }
    let c = FloatMatrix(Buffer(count: rows * outputs), rows: rows, columns: outputs)
    c.setProduct(
      FloatMatrix(Buffer(a.map(Float.init)), rows: rows, columns: inputs),
      timesTransposed: FloatMatrix(Buffer(w.map(Float.init)), rows: outputs, columns: inputs))
    for set in InstructionSet.available {
      #expect(
        try Self.product(set, a, w, rows, outputs, inputs)
          == c.buffer.array(0..<rows * outputs).map { Int32($0) })
    }
  }

  @Test func partsOfAMatrixCanBeUsed() throws {
    var random = SeededGenerator(seed: 3)
    let w = (0..<64 * 32).map { _ in Int8.random(in: -127...127, using: &random) }
    let a = (0..<32).map { _ in Int16.random(in: -2047...2047, using: &random) }
    let matrix = try PackedMatrix(outputs: 64, inputs: 32, values: Buffer(w))
    for set in InstructionSet.available {
      let sums = Buffer<Int32>(count: 64)
      set.product(
        Buffer(a), Rows(1, stride: 32), matrix, outputs: 20, inputs: 10, into: sums,
        Rows(1, stride: 64))
      for n in 0..<32 {
        let expected = (0..<10).reduce(Int32(0)) { $0 + Int32(a[$1]) * Int32(w[32 * n + $1]) }
        #expect(sums[n] == expected)
      }
      #expect(sums[32] == 0, "groups beyond the outputs asked for stay untouched")
    }
  }

  static func product(
    _ set: InstructionSet, _ a: [Int16], _ w: [Int8], _ rows: Int, _ outputs: Int, _ inputs: Int
  ) throws -> [Int32] {
    let aStride = inputs + inputs % 2 + 6
    let cStride = (outputs + 15) / 16 * 16 + 3
    let activations = Buffer<Int16>(count: rows * aStride)
    for m in 0..<rows { for k in 0..<inputs { activations[m * aStride + k] = a[m * inputs + k] } }
    let sums = Buffer<Int32>(count: rows * cStride)
    set.product(
      activations, Rows(rows, stride: aStride),
      try PackedMatrix(outputs: outputs, inputs: inputs, values: Buffer(w)), into: sums,
      Rows(rows, stride: cStride))
    return (0..<rows).flatMap { sums.array(($0 * cStride)..<($0 * cStride + outputs)) }
  }
}
