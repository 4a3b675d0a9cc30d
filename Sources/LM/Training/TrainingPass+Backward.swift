import Kernels

/// Gradients of the activations of one layer, and what else only the backward pass needs.
final class BackwardBuffers {
  let features: Buffer<Float>  // [M, D] by the normalised features
  let residual: Buffer<Float>  // [M, D] by the residual stream
  let first: Buffer<Float>  // [M, D] by the normalised embedding
  let width: Buffer<Float>  // [M, D]
  let hidden: Buffer<Float>  // [M, F]
  let gateUp: Buffer<Float>  // [M, 2F]
  let attended: Buffer<Float>  // [M, H E]
  let heads: Buffer<Float>  // [M, projected]
  let scores: Buffer<Float>  // one attention block
  let rowWeights: Buffer<Float>  // [M] factor of each row's loss

  init(_ c: Configuration, rows: Int) {
    features = Buffer(count: rows * c.width)
    residual = Buffer(count: rows * c.width)
    first = Buffer(count: rows * c.width)
    width = Buffer(count: rows * c.width)
    hidden = Buffer(count: rows * c.hidden)
    gateUp = Buffer(count: rows * 2 * c.hidden)
    attended = Buffer(count: rows * c.heads * c.headSize)
    heads = Buffer(count: rows * c.projected)
    scores = Buffer(count: AttentionBlock.size * (AttentionBlock.size + c.window))
    rowWeights = Buffer(count: rows)
  }
}

extension TrainingPass {
  /// From the gradient by the normalised features down to all parameters.
  func backward(
    _ batch: TrainingBatch, _ weights: FloatWeights, dropout: Dropout?, tables: Bool,
    to gradient: FloatWeights
  ) {
    guard let b = backward else { return }
    let c = layout.configuration
    let a = activations
    let rows = batch.rows
    let count = rows * c.width
    b.residual.setNormalisedGradient(
      rows: rows, width: c.width, y: a.output, factors: a.outputFactors, dy: b.features,
      adding: false)
    b.first.fill(0..<count, 0)
    for (i, names) in layout.layers.enumerated().reversed() {
      let layer = a.layers[i]
      feedForwardGradient(
        names, layer, weights, dropout, seed: dropout?.seed(i, 1), rows, to: gradient)
      attentionGradient(
        batch, names, layer, weights, dropout, seed: dropout?.seed(i, 0), to: gradient)
      let mix = names.mix.offset
      gradient.values[mix] += b.residual.dot(at: 0, layer.input, at: 0, count: count)
      gradient.values[mix + 1] += b.residual.dot(at: 0, a.first, at: 0, count: count)
      b.first.combine(at: 0, b: 1, weights.values[mix + 1], b.residual, at: 0, count: count)
      b.residual.combine(at: 0, b: weights.values[mix], 0, b.residual, at: 0, count: count)
    }
    guard tables else { return }
    b.first.combine(at: 0, b: 1, 1, b.residual, at: 0, count: count)
    b.width.setNormalisedGradient(
      rows: rows, width: c.width, y: a.first, factors: a.firstFactors, dy: b.first, adding: false)
    var row = 0
    for sequence in batch.sequences {
      for i in sequence.indices.dropLast() {
        let (token, bigram, trigram) = layout.sources(sequence, i)
        let at = row * c.width
        gradient.values.combine(at: token, b: 1, 1, b.width, at: at, count: c.width)
        gradient.values.combine(at: bigram, b: 1, 1, b.width, at: at, count: c.width)
        gradient.values.combine(at: trigram, b: 1, 1, b.width, at: at, count: c.width)
        row += 1
      }
    }
  }

  /// The gradient by what a branch added to the residual stream, as a matrix [M, D].
  private func branch(_ b: BackwardBuffers, _ dropout: Dropout?, _ seed: UInt64?, _ rows: Int)
    -> FloatMatrix
  {
    let width = layout.configuration.width
    guard let dropout, let seed else {
      return FloatMatrix(b.residual, rows: rows, columns: width)
    }
    b.width.copyRow(0, from: b.residual, at: 0, count: rows * width)
    b.width.dropOut(count: rows * width, probability: dropout.probability, seed: seed)
    return FloatMatrix(b.width, rows: rows, columns: width)
  }

  private func feedForwardGradient(
    _ names: ParameterLayout.Layer, _ layer: Activations.Layer, _ weights: FloatWeights,
    _ dropout: Dropout?, seed: UInt64?, _ rows: Int, to gradient: FloatWeights
  ) {
    guard let b = backward else { return }
    let c = layout.configuration
    let added = branch(b, dropout, seed, rows)
    gradient.matrix(names.down).setProduct(
      transposed: added, times: FloatMatrix(layer.gated, rows: rows, columns: c.hidden),
      adding: true)
    FloatMatrix(b.hidden, rows: rows, columns: c.hidden)
      .setProduct(added, times: weights.matrix(names.down))
    b.gateUp.setGatedGradient(rows: rows, hidden: c.hidden, x: layer.gateUp, at: 0, dy: b.hidden)
    addInputGradient(
      FloatMatrix(b.gateUp, rows: rows, columns: 2 * c.hidden), weights, names.gateUp,
      input: layer.secondNormalised, factors: layer.secondFactors, to: gradient)
  }

  private func attentionGradient(
    _ batch: TrainingBatch, _ names: ParameterLayout.Layer, _ layer: Activations.Layer,
    _ weights: FloatWeights, _ dropout: Dropout?, seed: UInt64?, to gradient: FloatWeights
  ) {
    guard let b = backward else { return }
    let c = layout.configuration
    let rows = batch.rows
    let added = branch(b, dropout, seed, rows)
    let attended = FloatMatrix(b.attended, rows: rows, columns: c.heads * c.headSize)
    gradient.matrix(names.attentionOutput).setProduct(
      transposed: added,
      times: FloatMatrix(layer.attended, rows: rows, columns: c.heads * c.headSize), adding: true)
    attended.setProduct(added, times: weights.matrix(names.attentionOutput))

    let heads = FloatMatrix(layer.heads, rows: rows, columns: c.projected)
    let headGradients = FloatMatrix(b.heads, rows: rows, columns: c.projected)
    b.heads.fill(0..<(rows * c.projected), 0)
    forEachAttention(batch, layer) { block, q, k, v, head, probabilities in
      let dy = attended.rows(q.rows).columns(head * c.headSize..<(head + 1) * c.headSize)
      let scores = FloatMatrix(b.scores, rows: block.queries.count, columns: block.keys.count)
      headGradients.part(v, c).setProduct(transposed: probabilities, times: dy, adding: true)
      scores.setProduct(dy, timesTransposed: heads.part(v, c))
      scores.softmaxGradient(
        probabilities: probabilities, scale: 1 / Float(c.headSize).squareRoot())
      headGradients.part(q, c).setProduct(scores, times: heads.part(k, c), adding: true)
      headGradients.part(k, c).setProduct(transposed: scores, times: heads.part(q, c), adding: true)
    }
    let gains = HeadGains(weights.values, at: names.temperature.offset)
    let gainGradients = HeadGains(gradient.values, at: names.temperature.offset)
    forEachHeadRow(batch) { query, key in
      b.heads.rotateGradient(
        query, y: layer.heads, at: query.offset, gains: gains, gainGradients: gainGradients,
        factors: layer.headFactors, cosines: cosines, sines: sines)
      b.heads.rotateGradient(
        key, y: layer.heads, at: key.offset, gains: nil, gainGradients: nil,
        factors: layer.headFactors, cosines: cosines, sines: sines)
    }
    addInputGradient(
      headGradients, weights, names.queryKeyValue, input: layer.normalised, factors: layer.factors,
      to: gradient)
  }

  /// The gradient of a matrix that reads the normalised residual stream, and on to the stream.
  private func addInputGradient(
    _ dy: FloatMatrix, _ weights: FloatWeights, _ parameter: ParameterLayout.Parameter,
    input: Buffer<Float>, factors: Buffer<Float>, to gradient: FloatWeights
  ) {
    guard let b = backward else { return }
    let width = layout.configuration.width
    gradient.matrix(parameter).setProduct(
      transposed: dy, times: FloatMatrix(input, rows: dy.rows, columns: width), adding: true)
    FloatMatrix(b.width, rows: dy.rows, columns: width)
      .setProduct(dy, times: weights.matrix(parameter))
    b.residual.setNormalisedGradient(
      rows: dy.rows, width: width, y: input, factors: factors, dy: b.width, adding: true)
  }
}
