import Kernels

/// The forward pass, with the working memory of one thread.
///
/// Legend: M rows (tokens in this call), V vocabulary, D width, H heads, E head size, F hidden.
/// Linear layers are integer products; everything between them is strict float32 row by row. So the
/// result for a token depends on its lane's tokens alone, not on the rows beside it: a lane's tokens
/// may come one by one or many at once, alone or beside other lanes (docs/DETERMINISM.md).
public final class Transformer {
  public let model: Model
  private let set: InstructionSet
  private let capacity: Int

  private let residual: Buffer<Float>  // [M, D]
  private let first: Buffer<Float>  // [M, D] normalised embedding
  private let wide: Buffer<Float>  // [M, max(projected, 2F, D)]
  private let integers: Buffer<Int16>  // [M, max(D, F)]
  private let scales: Buffer<Float>  // [M]
  private let sums: Buffer<Int32>  // [M, max(projected, 2F, D, V)]
  private let cosines: Buffer<Float>  // [M, E/2]
  private let sines: Buffer<Float>
  private let keyFactors: Buffer<Float>  // [G], ones
  private let scratch: AttentionScratch
  private let keyScratch: Buffer<Int16>
  private let integersStride: Int
  private let wideStride: Int
  private let sumStride: Int

  /// Tokens that one lane adds in this call.
  public struct Work {
    public let lane: LaneState
    public let tokens: ArraySlice<UInt16>

    public init(lane: LaneState, tokens: ArraySlice<UInt16>) {
      self.lane = lane
      self.tokens = tokens
    }
  }

  /// - Parameter capacity: the most tokens in one call of `forward`.
  public init(_ model: Model, capacity: Int, instructionSet: InstructionSet) {
    let c = model.configuration
    self.model = model
    self.capacity = capacity
    set = instructionSet
    let widest = max(c.projected, 2 * c.hidden, c.width)
    integersStride = max(c.width, c.hidden)
    wideStride = widest
    sumStride = (max(widest, c.vocabulary) + 15) / 16 * 16
    residual = Buffer(count: capacity * c.width)
    first = Buffer(count: capacity * c.width)
    wide = Buffer(count: capacity * widest)
    integers = Buffer(count: capacity * integersStride)
    scales = Buffer(count: capacity * max(1, c.heads))
    sums = Buffer(count: capacity * sumStride)
    cosines = Buffer(count: capacity * c.headSize / 2)
    sines = Buffer(count: capacity * c.headSize / 2)
    keyFactors = Buffer([Float](repeating: 1, count: c.kvHeads))
    scratch = AttentionScratch(
      queries: capacity, slots: c.window + capacity - 1, headSize: c.headSize)
    keyScratch = Buffer(count: c.headSize)
  }

  /// Runs all tokens of `work` through the model and advances the lanes. Row order is that of `work`.
  ///
  /// Precondition: at most `capacity` tokens in all, at most the lane's `chunk` for each, ids in range.
  public func forward(_ work: [Work]) {
    let c = model.configuration
    let rows = work.reduce(0) { $0 + $1.tokens.count }
    precondition(rows <= capacity)
    embed(work)
    let visible = work.map { item in
      (0..<item.tokens.count).map {
        SlotRanges(position: item.lane.position + $0, window: c.window, slots: item.lane.slots)
      }
    }
    for (i, layer) in model.weights.layers.enumerated() {
      for row in 0..<rows {
        residual.mixRow(
          row * c.width, count: c.width, by: layer.mix.residual, with: first, at: row * c.width,
          by: layer.mix.first)
      }
      attention(i, layer, work, visible, rows)
      feedForward(layer, rows)
    }
    for item in work { item.lane.position += item.tokens.count }
    for row in 0..<rows {
      scales[row] = residual.quantiseNormalisedRow(
        set, row * c.width, count: c.width, to: row * integersStride, of: integers)
    }
    product(model.weights.output, rows)
  }

  /// The probabilities of the token after row `row` of the last `forward`.
  public func weights(row: Int, into weights: TokenWeights) {
    weights.set(
      set, sums: sums, at: row * sumStride, scale: scales[row],
      weightScales: model.weights.logitScales, bias: model.weights.logitBias)
  }

  private func embed(_ work: [Work]) {
    let c = model.configuration
    let w = model.weights
    var row = 0
    for item in work {
      for (i, token) in item.tokens.enumerated() {
        let recent = item.lane.recent
        let at = row * c.width
        func add(_ table: QuantisedTable, _ index: Int, adding: Bool = true) {
          residual.setRow(at, from: table, row: index, width: c.width, adding: adding)
        }
        add(w.embedding, Int(token), adding: false)
        add(w.bigram, ngramRow(token, after: recent, order: 2, rows: c.bigramRows))
        add(w.trigram, ngramRow(token, after: recent, order: 3, rows: c.trigramRows))
        residual.normaliseRow(set, at, count: c.width, to: at)
        first.copyRow(at, from: residual, at: at, count: c.width)
        w.rotary.angles(
          position: item.lane.position + i, cosines: cosines, sines: sines,
          at: row * c.headSize / 2)
        item.lane.recent = (token, recent.0)
        row += 1
      }
    }
  }

  /// - Parameter visible: which slots each token may see, item by item.
  private func attention(
    _ index: Int, _ layer: LayerWeights, _ work: [Work], _ visible: [[SlotRanges]], _ rows: Int
  ) {
    let c = model.configuration
    let e = c.headSize
    normaliseAndMultiply(layer.queryKeyValue, rows)
    for row in 0..<rows {
      let at = row * wideStride
      wide.setRow(
        set, at, fromSums: sums, at: row * sumStride, count: c.projected, scale: scales[row],
        weightScales: layer.queryKeyValue.scales, adding: false)
      wide.normaliseAndRotateHeads(
        set, at, size: e, factors: layer.temperature, cosines: cosines, sines: sines,
        angle: row * e / 2)
      wide.normaliseAndRotateHeads(
        set, at + c.heads * e, size: e, factors: keyFactors, cosines: cosines, sines: sines,
        angle: row * e / 2)
    }
    // Scores in powers of two: temperature is in q already, log2(e) / sqrt(E) goes into the scale.
    let scoreFactor = log2OfE / Float(e).squareRoot()
    var row = 0
    for (item, visible) in zip(work, visible) {
      let count = item.tokens.count
      let caches = item.lane.caches[index]
      for i in 0..<count {
        let at = (row + i) * wideStride
        let slot = (item.lane.position + i) % item.lane.slots
        for (g, cache) in caches.enumerated() {
          let key = at + (c.heads + g) * e
          cache.store(
            set, slot: slot, from: wide, key: key, value: key + c.kvHeads * e, scratch: keyScratch)
        }
        for head in 0..<c.heads {
          scales[(row + i) * c.heads + head] =
            scoreFactor
            * wide.quantiseRow(
              set, at + head * e, count: e, to: (row + i) * integersStride + head * e, of: integers)
        }
      }
      for head in 0..<c.heads {
        caches[head * c.kvHeads / c.heads].attend(
          set, q: integers,
          Rows(count, stride: integersStride, offset: row * integersStride + head * e),
          scales: scales, scaleOffset: row * c.heads + head, scaleStride: c.heads,
          visible: visible, scratch: scratch, output: wide,
          Rows(count, stride: wideStride, offset: row * wideStride + head * e))
      }
      row += count
    }
    for row in 0..<rows {
      scales[row] = wide.quantiseRow(
        set, row * wideStride, count: c.heads * e, to: row * integersStride, of: integers)
    }
    product(layer.attentionOutput.matrix, rows)
    addToResidual(layer.attentionOutput.scales, rows)
  }

  private func feedForward(_ layer: LayerWeights, _ rows: Int) {
    let c = model.configuration
    normaliseAndMultiply(layer.gateUp, rows)
    for row in 0..<rows {
      let at = row * wideStride
      wide.setRow(
        set, at, fromSums: sums, at: row * sumStride, count: 2 * c.hidden, scale: scales[row],
        weightScales: layer.gateUp.scales, adding: false)
      wide.gateRow(set, at, hidden: c.hidden)
      scales[row] = wide.quantiseRow(
        set, at, count: c.hidden, to: row * integersStride, of: integers)
    }
    product(layer.down.matrix, rows)
    addToResidual(layer.down.scales, rows)
  }

  private func normaliseAndMultiply(_ matrix: QuantisedMatrix, _ rows: Int) {
    let width = model.configuration.width
    for row in 0..<rows {
      scales[row] = residual.quantiseNormalisedRow(
        set, row * width, count: width, to: row * integersStride, of: integers)
    }
    product(matrix.matrix, rows)
  }

  private func product(_ matrix: PackedMatrix, _ rows: Int) {
    set.product(
      integers, Rows(rows, stride: integersStride), matrix, into: sums,
      Rows(rows, stride: sumStride))
  }

  private func addToResidual(_ weightScales: Buffer<Float>, _ rows: Int) {
    let width = model.configuration.width
    for row in 0..<rows {
      residual.setRow(
        set, row * width, fromSums: sums, at: row * sumStride, count: width, scale: scales[row],
        weightScales: weightScales, adding: true)
    }
  }
}
