import Kernels
import TestSupport
import Testing

@testable import LM

/// The backward pass against PyTorch's gradients and against finite differences.
@Suite struct GradientTests {
  let file: Safetensors
  let layout: ParameterLayout
  let weights: FloatWeights
  let batch: TrainingBatch
  let rotary: RotaryPhases

  init() throws {
    let bytes = try Golden.bytes("parity.safetensors")
    file = try Safetensors(bytes)
    let model = try Model(file: bytes)
    layout = ParameterLayout(model.configuration)
    rotary = model.weights.rotary
    weights = try file.floats("float", layout)
    let values: Buffer<UInt16> = try file.tensor("tokens", .u16, [96])
    let tokens = values.array(0..<values.count)
    batch = TrainingBatch([tokens[...], tokens[10..<41]])
  }

  func pass(gradients: Bool = true, tableBits: Int = 4) -> TrainingPass {
    var configuration = layout.configuration
    configuration.tableBits = tableBits
    return TrainingPass(
      ParameterLayout(configuration), rows: 128, longest: 95, rotary: rotary, gradients: gradients)
  }

  func meanLoss(_ pass: TrainingPass, _ weights: FloatWeights) -> Double {
    pass.evaluate(batch, weights)
    return (0..<batch.rows).reduce(0) { $0 + Double(pass.losses[$1]) } / Double(batch.rows)
  }

  @Test func lossIsTheTwins() throws {
    let twin: Buffer<Float> = try file.tensor("loss", .f32, [1])
    let ours = meanLoss(pass(gradients: false), weights)
    #expect(abs(ours - Double(twin[0])) < 1e-5 * Double(twin[0]), "\(ours) against \(twin[0])")
  }

  /// Every number within 1e-4 of the largest of its parameter.
  @Test func gradientIsTheTwins() throws {
    let gradient = FloatWeights(layout)
    pass().addGradient(batch, weights, scale: 1 / Float(batch.rows), to: gradient)
    let twin = try file.floats("gradient", layout)
    for parameter in layout.all {
      let largest = parameter.range.map { abs(twin.values[$0]) }.max() ?? 0
      let error =
        parameter.range.map { abs(twin.values[$0] - gradient.values[$0]) }.max() ?? .infinity
      #expect(
        largest > 0 && error <= 1e-4 * largest, "\(parameter.name): \(error) of \(largest)")
    }
  }

  /// The slope along random directions of each parameter, dropout included, whose choice is the seed's. Rows of
  /// four bits have no slope: their gradient is that of rows as they are.
  @Test func gradientIsTheSlope() {
    let dropout = TrainingPass.Dropout(probability: 0.2, seed: 7)
    var generator = SeededGenerator(seed: 3)
    let gradient = FloatWeights(layout)
    let pass = pass(tableBits: 8)
    pass.addGradient(batch, weights, scale: 1, dropout: dropout, to: gradient)
    for parameter in layout.all {
      let step: Float = parameter.count == 1 ? 1e-2 : 2e-3
      let direction = parameter.range.map { _ in Bool.random(using: &generator) ? step : -step }
      let expected = zip(parameter.range, direction).reduce(0.0) {
        $0 + Double(gradient.values[$1.0]) * Double($1.1)
      }
      func loss(_ sign: Float) -> Double {
        let moved = weights.copy()
        for (i, d) in zip(parameter.range, direction) { moved.values[i] += sign * d }
        let ignored = FloatWeights(layout)
        pass.addGradient(batch, moved, scale: 0, dropout: dropout, to: ignored)
        return (0..<batch.rows).reduce(0) { $0 + Double(pass.losses[$1]) }
      }
      let slope = (loss(1) - loss(-1)) / 2
      #expect(
        abs(slope - expected) < 0.02 * abs(expected) + 2e-3,
        "\(parameter.name): \(slope) against \(expected)")
    }
  }
}
