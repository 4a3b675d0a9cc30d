import Kernels

/// What the forward pass leaves for the backward pass, for at most `capacity` rows.
///
/// Legend: M rows (predicted tokens of all sequences), T rows of one sequence.
final class Activations {
  /// The part of one layer.
  struct Layer {
    let input: Buffer<Float>  // [M, D] residual stream
    let normalised: Buffer<Float>  // [M, D] of attention's input
    let factors: Buffer<Float>  // [M]
    let heads: Buffer<Float>  // [M, projected]: q and k normalised and rotated, v
    let headFactors: Buffer<Float>  // [M, H + G]
    let attended: Buffer<Float>  // [M, H E]
    let secondNormalised: Buffer<Float>  // [M, D] of the feed-forward's input
    let secondFactors: Buffer<Float>  // [M]
    let gateUp: Buffer<Float>  // [M, 2F]
    let gated: Buffer<Float>  // [M, F]
    /// Attention weights, block after block as `AttentionBlock.all` gives them.
    let probabilities: Buffer<Float>

    init(_ c: Configuration, rows: Int, probabilities: Int) {
      input = Buffer(count: rows * c.width)
      normalised = Buffer(count: rows * c.width)
      factors = Buffer(count: rows)
      heads = Buffer(count: rows * c.projected)
      headFactors = Buffer(count: rows * (c.heads + c.kvHeads))
      attended = Buffer(count: rows * c.heads * c.headSize)
      secondNormalised = Buffer(count: rows * c.width)
      secondFactors = Buffer(count: rows)
      gateUp = Buffer(count: rows * 2 * c.hidden)
      gated = Buffer(count: rows * c.hidden)
      self.probabilities = Buffer(count: probabilities)
    }
  }

  let layers: [Layer]
  let first: Buffer<Float>  // [M, D]
  let firstFactors: Buffer<Float>  // [M]
  let residual: Buffer<Float>  // [M, D]
  let output: Buffer<Float>  // [M, D] normalised
  let outputFactors: Buffer<Float>  // [M]

  /// - Parameter keepsAll: whether a backward pass will follow; without it the layers share memory.
  init(_ c: Configuration, rows: Int, probabilities: Int, keepsAll: Bool) {
    let shared = Layer(c, rows: rows, probabilities: probabilities)
    layers = (0..<c.layers).map {
      keepsAll && $0 > 0 ? Layer(c, rows: rows, probabilities: probabilities) : shared
    }
    first = Buffer(count: rows * c.width)
    firstFactors = Buffer(count: rows)
    residual = Buffer(count: rows * c.width)
    output = Buffer(count: rows * c.width)
    outputFactors = Buffer(count: rows)
  }
}
