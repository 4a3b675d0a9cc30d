import Kernels

/// The forward and backward pass of training in float32, with the working memory of one thread.
///
/// The floating-point twin of `Transformer`, checked against finite differences and against PyTorch's
/// gradients. Legend: M rows (predicted tokens), V vocabulary, D width, H heads, E head size, F hidden.
package final class TrainingPass {
  let layout: ParameterLayout
  /// The most rows of one call.
  package let capacity: Int
  let activations: Activations
  let backward: BackwardBuffers?
  let logits: Buffer<Float>  // [outputRows, V]
  let wide: Buffer<Float>  // [M, D]
  let cosines: Buffer<Float>  // [longest, E/2]
  let sines: Buffer<Float>
  let targets: Buffer<UInt16>  // [M]
  /// The loss of every row of the last call in nats. [M]
  package let losses: Buffer<Float>
  private let longest: Int

  /// Rows whose logits exist at once.
  static let outputRows = 256

  /// Dropout in one pass: a share of what every layer adds to the residual stream, chosen by `seed`.
  package struct Dropout {
    let probability: Float
    let seed: UInt64

    func seed(_ layer: Int, _ part: Int) -> UInt64 {
      (seed &+ UInt64(2 * layer + part)) &* 0x9E37_79B9_7F4A_7C15
    }
  }

  /// - Parameters:
  ///   - rows: the most predicted tokens in one call.
  ///   - longest: the most predicted tokens of one sequence.
  ///   - rotary: the model's positions.
  ///   - gradients: whether `gradient` will be called, which needs much more memory.
  package init(
    _ layout: ParameterLayout, rows: Int, longest: Int, rotary: RotaryPhases, gradients: Bool
  ) {
    let c = layout.configuration
    self.layout = layout
    self.longest = longest
    capacity = max(rows, longest)
    let scores = c.heads * AttentionBlock.scores(length: longest, window: c.window)
    activations = Activations(
      c, rows: capacity, probabilities: scores * ((capacity + longest - 1) / longest),
      keepsAll: gradients)
    backward = gradients ? BackwardBuffers(c, rows: capacity) : nil
    logits = Buffer(count: Self.outputRows * c.vocabulary)
    wide = Buffer(count: capacity * c.width)
    cosines = Buffer(count: longest * c.headSize / 2)
    sines = Buffer(count: longest * c.headSize / 2)
    targets = Buffer(count: capacity)
    losses = Buffer(count: capacity)
    for position in 0..<longest {
      rotary.angles(
        position: position, cosines: cosines, sines: sines, at: position * c.headSize / 2)
    }
  }

  /// Leaves the loss of every predicted token in `losses`.
  package func evaluate(_ batch: TrainingBatch, _ weights: FloatWeights) {
    forward(batch, weights, dropout: nil)
    output(batch, weights, gradient: nil, rowWeights: nil)
  }

  /// The losses with each of several output layers, of which only embedding, bias and logit scale are
  /// looked at; the layers below are those of `weights` and run once.
  ///
  /// - Parameter each: called when `losses` holds those with `outputs[i]`.
  package func evaluate(
    _ batch: TrainingBatch, _ weights: FloatWeights, outputs: [FloatWeights],
    each: (_ i: Int) -> Void
  ) {
    forward(batch, weights, dropout: nil)
    for (i, output) in outputs.enumerated() {
      self.output(batch, output, gradient: nil, rowWeights: nil)
      each(i)
    }
  }

  /// Adds the gradient of the sum of the losses by the output bias to `gradient`: how often each token was
  /// expected, less how often it came.
  package func addBiasGradient(
    _ batch: TrainingBatch, _ weights: FloatWeights, to gradient: FloatWeights
  ) {
    guard let backward else { preconditionFailure("this pass has no memory for gradients") }
    forward(batch, weights, dropout: nil)
    backward.rowWeights.fill(0..<batch.rows, 1)
    output(
      batch, weights, gradient: gradient, rowWeights: backward.rowWeights, isBiasAlone: true)
  }

  /// Adds the gradient of `scale` times the sum of the losses to `gradient`.
  ///
  /// - Parameter tables: whether the gradient of embedding and n-gram tables as inputs is wanted.
  package func addGradient(
    _ batch: TrainingBatch, _ weights: FloatWeights, scale: Float, dropout: Dropout? = nil,
    tables: Bool = true, to gradient: FloatWeights
  ) {
    guard let backward else { preconditionFailure("this pass has no memory for gradients") }
    forward(batch, weights, dropout: dropout, roundingTables: tables)
    backward.rowWeights.fill(0..<batch.rows, scale)
    output(batch, weights, gradient: gradient, rowWeights: backward.rowWeights)
    self.backward(batch, weights, dropout: dropout, tables: tables, to: gradient)
  }

  private func forward(
    _ batch: TrainingBatch, _ weights: FloatWeights, dropout: Dropout?, roundingTables: Bool = false
  ) {
    let c = layout.configuration
    let rows = batch.rows
    precondition(rows <= capacity && batch.sequences.allSatisfy { $0.count - 1 <= longest })
    let a = activations
    embed(batch, weights, roundingTables: roundingTables)
    a.residual.copyRow(0, from: a.first, at: 0, count: rows * c.width)
    for (i, names) in layout.layers.enumerated() {
      let layer = a.layers[i]
      layer.input.copyRow(0, from: a.residual, at: 0, count: rows * c.width)
      let mix = names.mix.offset
      a.residual.combine(
        at: 0, b: weights.values[mix], weights.values[mix + 1], a.first, at: 0,
        count: rows * c.width)
      layer.normalised.setNormalised(
        rows: rows, width: c.width, a.residual, factors: layer.factors)
      attend(batch, names, layer, weights)
      addBranch(rows, dropout, dropout?.seed(i, 0)) {
        $0.setProduct(
          FloatMatrix(layer.attended, rows: rows, columns: c.heads * c.headSize),
          timesTransposed: weights.matrix(names.attentionOutput))
      }
      layer.secondNormalised.setNormalised(
        rows: rows, width: c.width, a.residual, factors: layer.secondFactors)
      FloatMatrix(layer.gateUp, rows: rows, columns: 2 * c.hidden).setProduct(
        FloatMatrix(layer.secondNormalised, rows: rows, columns: c.width),
        timesTransposed: weights.matrix(names.gateUp))
      layer.gated.setGated(rows: rows, hidden: c.hidden, at: 0, layer.gateUp, at: 0)
      addBranch(rows, dropout, dropout?.seed(i, 1)) {
        $0.setProduct(
          FloatMatrix(layer.gated, rows: rows, columns: c.hidden),
          timesTransposed: weights.matrix(names.down))
      }
    }
    a.output.setNormalised(rows: rows, width: c.width, a.residual, factors: a.outputFactors)
  }

  /// Adds what `product` sets, after dropout, to the residual stream.
  private func addBranch(
    _ rows: Int, _ dropout: Dropout?, _ seed: UInt64?, product: (FloatMatrix) -> Void
  ) {
    let width = layout.configuration.width
    let count = rows * width
    product(FloatMatrix(wide, rows: rows, columns: width))
    if let dropout, let seed {
      wide.dropOut(count: count, probability: dropout.probability, seed: seed)
    }
    activations.residual.combine(at: 0, b: 1, 1, wide, at: 0, count: count)
  }

  /// - Parameter roundingTables: n-gram rows as their file will have them, where it has four bits for a number.
  private func embed(_ batch: TrainingBatch, _ weights: FloatWeights, roundingTables: Bool) {
    let c = layout.configuration
    let a = activations
    let isRounding = roundingTables && c.tableBits == 4
    func add(_ ngram: Int, _ at: Int) {
      if isRounding {
        wide.addRounded(at: at, weights.values, at: ngram, count: c.width)
      } else {
        wide.combine(at: at, b: 1, 1, weights.values, at: ngram, count: c.width)
      }
    }
    var row = 0
    for sequence in batch.sequences {
      for i in sequence.indices.dropLast() {
        let at = row * c.width
        let (token, bigram, trigram) = layout.sources(sequence, i)
        wide.copyRow(at, from: weights.values, at: token, count: c.width)
        add(bigram, at)
        add(trigram, at)
        targets[row] = sequence[i + 1]
        row += 1
      }
    }
    a.first.setNormalised(rows: row, width: c.width, wide, factors: a.firstFactors)
  }

  private func attend(
    _ batch: TrainingBatch, _ names: ParameterLayout.Layer, _ layer: Activations.Layer,
    _ weights: FloatWeights
  ) {
    let c = layout.configuration
    let rows = batch.rows
    let heads = FloatMatrix(layer.heads, rows: rows, columns: c.projected)
    heads.setProduct(
      FloatMatrix(layer.normalised, rows: rows, columns: c.width),
      timesTransposed: weights.matrix(names.queryKeyValue))
    let gains = HeadGains(weights.values, at: names.temperature.offset)
    forEachHeadRow(batch) { query, key in
      layer.heads.rotate(
        query, gains: gains, factors: layer.headFactors, cosines: cosines, sines: sines)
      layer.heads.rotate(
        key, gains: nil, factors: layer.headFactors, cosines: cosines, sines: sines)
    }
    let attended = FloatMatrix(layer.attended, rows: rows, columns: c.heads * c.headSize)
    forEachAttention(batch, layer) { block, q, k, v, head, probabilities in
      probabilities.setProduct(heads.part(q, c), timesTransposed: heads.part(k, c))
      probabilities.causalSoftmax(
        first: block.queries.lowerBound - block.keys.lowerBound, window: c.window,
        scale: 1 / Float(c.headSize).squareRoot())
      attended.rows(q.rows).columns(head * c.headSize..<(head + 1) * c.headSize)
        .setProduct(probabilities, times: heads.part(v, c))
    }
  }

  /// Output embedding and cross entropy, some rows at a time, so that the logits [M, V] never exist at
  /// once; with the gradient by the normalised features where one is wanted.
  private func output(
    _ batch: TrainingBatch, _ weights: FloatWeights, gradient: FloatWeights?,
    rowWeights: Buffer<Float>?, isBiasAlone: Bool = false
  ) {
    let c = layout.configuration
    let embedding = weights.matrix(layout.embedding)
    let scale = weights.values[layout.logitScale.offset]
    let rows = batch.rows
    let features = FloatMatrix(activations.output, rows: rows, columns: c.width)
    for start in stride(from: 0, to: rows, by: Self.outputRows) {
      let part = start..<min(rows, start + Self.outputRows)
      let z = FloatMatrix(logits, rows: part.count, columns: c.vocabulary)
      z.setProduct(features.rows(part), timesTransposed: embedding)
      z.crossEntropy(
        scale: scale, bias: weights.values, at: layout.outputBias.offset, targets: targets,
        at: start, weights: rowWeights, losses: losses)
      guard let gradient, let backward else { continue }
      gradient.values.addRows(
        logits, rows: part.count, columns: c.vocabulary, at: layout.outputBias.offset)
      if isBiasAlone { continue }
      FloatMatrix(backward.features, rows: rows, columns: c.width).rows(part)
        .setProduct(z, times: embedding, scale: scale)
      gradient.matrix(layout.embedding).setProduct(
        transposed: z, times: features.rows(part), scale: scale, adding: true)
    }
    guard let gradient, let backward, !isBiasAlone else { return }
    // The features' gradient holds the scale as a factor.
    gradient.values[layout.logitScale.offset] +=
      backward.features.dot(at: 0, activations.output, at: 0, count: rows * c.width) / scale
  }
}

extension ParameterLayout {
  /// Where the rows lie that make the input at `i`: of the token, its bigram and its trigram.
  func sources(_ sequence: ArraySlice<UInt16>, _ i: Int) -> (Int, Int, Int) {
    let c = configuration
    let start = sequence.startIndex
    let recent = (i > start ? sequence[i - 1] : 0, i > start + 1 ? sequence[i - 2] : 0)
    let token = sequence[i]
    return (
      embedding.offset + Int(token) * c.width,
      bigram.offset + ngramRow(token, after: recent, order: 2, rows: c.bigramRows) * c.width,
      trigram.offset + ngramRow(token, after: recent, order: 3, rows: c.trigramRows) * c.width
    )
  }
}
