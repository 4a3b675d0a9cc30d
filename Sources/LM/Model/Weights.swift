import Kernels

/// A matrix of int8 weights with one scale per output row: y = scale[n] · Σ_k w[n, k] x[k].
struct QuantisedMatrix: Sendable {
  let matrix: PackedMatrix
  let scales: Buffer<Float>

  init(
    _ file: Safetensors, _ name: String, outputs: Int, inputs: Int, in arena: Arena
  ) throws(ModelFileError) {
    let values: Buffer<Int8> = try file.tensor("\(name).weight", .i8, [outputs, inputs])
    matrix = try packed(values, outputs: outputs, inputs: inputs, in: arena)
    scales = try file.finite("\(name).scale", [outputs])
  }
}

private func packed(
  _ values: Buffer<Int8>, outputs: Int, inputs: Int, in arena: Arena
) throws(ModelFileError) -> PackedMatrix {
  do {
    return try PackedMatrix(outputs: outputs, inputs: inputs, values: values, in: arena)
  } catch {
    throw .outOfMemory
  }
}

/// Rows of integers with a scale each, as they lie in the file: what is looked up, not multiplied.
struct QuantisedTable: Sendable {
  enum Values: Sendable {
    case int8(Buffer<Int8>)
    /// Four bits each.
    case nibbles(Buffer<UInt8>)
  }

  let values: Values
  let scales: Buffer<Float>

  init(_ values: Buffer<Int8>, scales: Buffer<Float>) {
    self.values = .int8(values)
    self.scales = scales
  }

  /// - Parameter bits: of each integer, 8 or 4.
  init(_ file: Safetensors, _ name: String, rows: Int, width: Int, bits: Int)
    throws(ModelFileError)
  {
    values =
      bits == 8
      ? .int8(try file.tensor("\(name).weight", .i8, [rows, width]))
      : .nibbles(try file.tensor("\(name).weight", .u8, [rows, width / 2]))
    scales = try file.finite("\(name).scale", [rows])
  }
}

extension Buffer where Element == Float {
  /// Row `row` of a table with `width` columns, written to or added to self[offset...].
  func setRow(_ offset: Int, from table: QuantisedTable, row: Int, width: Int, adding: Bool) {
    let scale = table.scales[row]
    switch table.values {
    case .int8(let values):
      setRow(offset, from: values, row: row, scale: scale, width: width, adding: adding)
    case .nibbles(let values):
      setRow(offset, fromNibbles: values, row: row, scale: scale, width: width, adding: adding)
    }
  }
}

/// An object, as every thread goes over all layers for every token: copies of a structure would count the
/// references to each of its buffers up and down, on all threads at once.
final class LayerWeights: Sendable {
  let queryKeyValue: QuantisedMatrix
  let attentionOutput: QuantisedMatrix
  let gateUp: QuantisedMatrix
  let down: QuantisedMatrix
  /// One factor per query head.
  let temperature: Buffer<Float>
  /// Shares of the residual stream and of the first embedding.
  let mix: (residual: Float, first: Float)

  init(
    _ file: Safetensors, _ index: Int, _ c: Configuration, in arena: Arena
  ) throws(ModelFileError) {
    let name = "layers.\(index)"
    queryKeyValue = try .init(
      file, "\(name).attention.qkv", outputs: c.projected, inputs: c.width, in: arena)
    attentionOutput = try .init(
      file, "\(name).attention.out", outputs: c.width, inputs: c.heads * c.headSize, in: arena)
    gateUp = try .init(
      file, "\(name).feed_forward.gate_up", outputs: 2 * c.hidden, inputs: c.width, in: arena)
    down = try .init(
      file, "\(name).feed_forward.down", outputs: c.width, inputs: c.hidden, in: arena)
    temperature = try file.finite("\(name).attention.temperature", [c.heads])
    let shares = try file.finite("\(name).mix", [2])
    mix = (shares[0], shares[1])
  }
}

/// Everything that the forward pass reads.
struct Weights: Sendable {
  let embedding: QuantisedTable
  let bigram: QuantisedTable
  let trigram: QuantisedTable
  let layers: [LayerWeights]
  /// The token embedding again, as the output matrix.
  let output: PackedMatrix
  /// Scale and bias of each token's logit in powers of two, padded to a multiple of 16.
  let logitScales: Buffer<Float>
  let logitBias: Buffer<Float>
  let rotary: RotaryPhases

  init(_ file: Safetensors, _ c: Configuration) throws(ModelFileError) {
    let tokens: Buffer<Int8> = try file.tensor("embedding.weight", .i8, [c.vocabulary, c.width])
    embedding = .init(tokens, scales: try file.finite("embedding.scale", [c.vocabulary]))
    bigram = try .init(file, "bigram", rows: c.bigramRows, width: c.width, bits: c.tableBits)
    trigram = try .init(file, "trigram", rows: c.trigramRows, width: c.width, bits: c.tableBits)
    let arena = Arena()
    var layers: [LayerWeights] = []
    for i in 0..<c.layers { layers.append(try LayerWeights(file, i, c, in: arena)) }
    self.layers = layers
    output = try packed(tokens, outputs: c.vocabulary, inputs: c.width, in: arena)
    let bias = try file.finite("output_bias", [c.vocabulary])
    let scale = try file.finite("logit_scale", [1])
    let padded = (c.vocabulary + 15) / 16 * 16
    logitScales = Buffer(count: padded)
    logitBias = Buffer(count: padded)
    for i in 0..<padded {
      logitScales[i] = i < c.vocabulary ? embedding.scales[i] * scale[0] * log2OfE : 0
      logitBias[i] = i < c.vocabulary ? bias[i] * log2OfE : -1e30
    }
    let steps: Buffer<UInt64> = try file.tensor("rotary.steps", .u64, [c.headSize / 2])
    rotary = RotaryPhases(steps: steps.array(0..<steps.count))
  }
}

extension Safetensors {
  /// A float32 tensor of moderate numbers: no NaN, no infinity, nothing that could overflow on the way
  /// through the model.
  func finite(_ name: String, _ shape: [Int]) throws(ModelFileError) -> Buffer<Float> {
    let tensor: Buffer<Float> = try tensor(name, .f32, shape)
    for i in 0..<tensor.count where !(tensor[i].magnitude < 1e6) { throw .notFinite(name) }
    return tensor
  }
}
