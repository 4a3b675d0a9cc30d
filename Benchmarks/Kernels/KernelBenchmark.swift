import Foundation
import Kernels

/// Speed of the integer products, alone and as steps of the model `small` use them: a decoder's, of one position in each
/// lane, and an encoder's, of 64 positions in one.
///
///     swift run -c release kernel-benchmark
///
/// *Alone* repeats one shape on weights that stay in the first-level caches; *in a step* goes through all
/// weights and all keys and values of the lanes once, so each is read from further away.
/// Rates are best of many repeats, in 10^9 integer operations per second (two per multiply-add).
@main
struct KernelBenchmark {
  struct Shape {
    var inputs: Int
    var outputs: Int
    var count: Int

    var operations: Double { Double(2 * inputs * outputs * count) }
  }

  /// One token: six layers and the output, then attention over 512 positions with four heads.
  static let linear = [
    Shape(inputs: 256, outputs: 768, count: 6), Shape(inputs: 256, outputs: 256, count: 6),
    Shape(inputs: 256, outputs: 1408, count: 6), Shape(inputs: 704, outputs: 256, count: 6),
    Shape(inputs: 256, outputs: 8192, count: 1),
  ]
  static let attention = [
    Shape(inputs: 64, outputs: 512, count: 24), Shape(inputs: 512, outputs: 64, count: 24),
  ]

  static let steps = [
    (lanes: 1, positions: 1), (lanes: 2, positions: 1), (lanes: 4, positions: 1),
    (lanes: 1, positions: 64),
  ]

  static let activations = {
    let buffer = Buffer<Int16>(count: 64 * 704)
    for i in 0..<buffer.count { buffer[i] = Int16(i * 37 % 4095) - 2047 }
    return buffer
  }()
  static let sums = Buffer<Int32>(count: 64 * 8192)

  static func matrix(_ shape: Shape) throws -> PackedMatrix {
    let values = Buffer<Int8>(count: shape.inputs * shape.outputs)
    for i in 0..<values.count { values[i] = Int8(truncatingIfNeeded: i &* 73 % 255) }
    return try PackedMatrix(outputs: shape.outputs, inputs: shape.inputs, values: values)
  }

  static func product(_ set: InstructionSet, _ matrix: PackedMatrix, rows: Int) {
    set.product(activations, Rows(rows, stride: 704), matrix, into: sums, Rows(rows, stride: 8192))
  }

  /// Seconds of the fastest of `repeats` calls.
  static func best(_ repeats: Int, _ body: () -> Void) -> Double {
    (0..<repeats).map { _ in ContinuousClock().measure(body) / .seconds(1) }.min() ?? 0
  }

  /// Seconds for all shapes, each by itself.
  static func alone(_ set: InstructionSet, _ shapes: [Shape], rows: Int) throws -> Double {
    try shapes.reduce(0) { sum, shape in
      let one = try matrix(shape)
      let repeats = 1 + 4_000_000 / (shape.inputs * shape.outputs)
      let seconds = best(20) { for _ in 0..<repeats { product(set, one, rows: rows) } }
      return sum + seconds / Double(repeats) * Double(shape.count)
    }
  }

  static func main() throws {
    let weights = try linear.flatMap { shape in
      try (0..<shape.count).map { _ in try matrix(shape) }
    }
    let shapes = attention
    print(
      "| kernels | lanes | positions | alone | in a step | share |\n|---|---:|---:|---:|---:|---:|")
    for set in InstructionSet.available {
      for (lanes, positions) in steps {
        let caches = try (0..<lanes).flatMap { _ in
          try shapes.flatMap { shape in try (0..<shape.count).map { _ in try matrix(shape) } }
        }
        let rows = lanes * positions
        let operations =
          (linear + shapes).reduce(0) { $0 + $1.operations } * Double(rows) / 1e9
        let single =
          try alone(set, linear, rows: rows) + alone(set, shapes, rows: positions) * Double(lanes)
        let step = best(50) {
          for weight in weights { product(set, weight, rows: rows) }
          for cache in caches { product(set, cache, rows: positions) }
        }
        print(
          "| \(set.rawValue) | \(lanes) | \(positions) | \(Int(operations / single)) | \(Int(operations / step)) | "
            + "\(Int(100 * single / step)) % |")
      }
    }
  }
}
