import Kernels
import TestSupport
import Testing

@testable import LM

@Suite struct OptimizerTests {
  /// Two steps with the twin's gradient move every parameter as the twin's optimizers do.
  @Test func stepsAreTheTwins() throws {
    let file = try Safetensors(Golden.bytes("parity.safetensors"))
    let layout = ParameterLayout(try Model(file: file.bytes).configuration)
    let weights = try file.floats("float", layout)
    let expected = try file.floats("stepped", layout)
    let before = weights.copy()
    let optimizer = Optimizer(layout, .init(), workers: 2)
    for step in 1...2 {
      let gradient = try file.floats("gradient", layout)
      for worker in 0..<2 {
        optimizer.step(step, worker: worker, weights, gradient: gradient, factor: 1)
      }
    }
    for parameter in layout.all {
      func largest(_ a: FloatWeights, _ b: FloatWeights) -> Float {
        parameter.range.map { abs(a.values[$0] - b.values[$0]) }.max() ?? 0
      }
      let moved = largest(before, expected)
      #expect(moved > 0 && largest(weights, expected) < 2e-3 * moved, "\(parameter.name)")
    }
  }

  @Test(arguments: [(24, 24), (16, 40), (40, 16)])
  func singularValuesComeCloseToOne(rows: Int, columns: Int) {
    var generator = SeededGenerator(seed: 9)
    let buffer = Buffer<Float>(count: rows * columns)
    for i in 0..<buffer.count { buffer[i] = generator.normal() }
    let matrix = FloatMatrix(buffer, rows: rows, columns: columns)
    let x = Orthogonaliser(buffer.count).orthogonalise(matrix, iterations: 8)
    // Lengths after the matrix are near those before it, in every direction of the smaller side.
    for _ in 0..<20 {
      let side = min(rows, columns)
      let direction = FloatMatrix(
        Buffer((0..<side).map { _ in generator.normal() }), rows: 1, columns: side)
      let image = FloatMatrix(
        Buffer(count: max(rows, columns)), rows: 1, columns: max(rows, columns))
      if rows < columns {
        image.setProduct(direction, times: x)
      } else {
        image.setProduct(direction, timesTransposed: x)
      }
      func length(_ m: FloatMatrix) -> Float {
        m.buffer.dot(at: 0, m.buffer, at: 0, count: m.columns).squareRoot()
      }
      #expect((0.6...1.3).contains(length(image) / length(direction)))
    }
  }
}

extension Safetensors {
  /// Float32 tensors `prefix`.name of all parameters.
  func floats(_ prefix: String, _ layout: ParameterLayout) throws -> FloatWeights {
    let weights = FloatWeights(layout)
    for parameter in layout.all {
      let name = "\(prefix).\(parameter.name)"
      guard let found = tensors[name] else { throw ModelFileError.missingTensor(name) }
      let values: Buffer<Float> = try tensor(name, .f32, found.shape)
      weights.values.copyRow(parameter.offset, from: values, at: 0, count: parameter.count)
    }
    return weights
  }
}
