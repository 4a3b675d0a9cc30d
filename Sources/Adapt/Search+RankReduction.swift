import Kernels
import LM

/// Rank reduction: LASER, Compress to Impress, and chance.
extension Search {
  /// Matrices that are searched after the gradient has spoken, and kept shares of each.
  static let keptMatrices = 5
  static let keptFractions = 3
  /// Reductions that are tried again on top of the first one.
  static let keptReductions = 8

  /// What a matrix is judged by before anything is measured.
  enum Score { case gradient, gradientAndFisher }

  /// Reductions that promise most: of the best matrices the best kept shares. Removing components i > r
  /// changes the loss by −Σ sᵢgᵢ to first order, and by about ½ Σ sᵢ²Fᵢ more to second.
  mutating func promising(
    _ score: Score, blocks: [Int] = RankReduction.blockCounts, isMatched: Bool = false
  ) -> [RankReduction] {
    guard let spectral = spectralGradient(fisher: score == .gradientAndFisher) else { return [] }
    let promises = spectral.spectra.map { spectrum in
      let size = spectrum.singular.values.count
      let scores = RankReduction.rankFractions.map { fraction in
        (max(1, Int(fraction * Double(size)))..<size).reduce(0.0) {
          let s = Double(spectrum.singular.values[$1])
          return $0 + s * Double(spectrum.derivatives[$1])
            - 0.5 * s * s * Double(spectrum.fisher[$1])
        }
      }
      let ranked = zip(RankReduction.rankFractions, scores).sorted { $0.1 > $1.1 }
      return (
        matrix: spectrum.parameter.name, best: ranked[0].1,
        fractions: ranked.prefix(Self.keptFractions).map(\.0)
      )
    }
    return promises.sorted { $0.best > $1.best }.prefix(Self.keptMatrices)
      .flatMap { Self.reductions(of: $0.matrix, $0.fractions, blocks, isMatched) }
  }

  mutating func spectralGradient(fisher: Bool) -> SpectralGradient? {
    guard let spectral = SpectralGradient(bench, fisher: fisher, phases: &phases) else {
      return nil
    }
    for spectrum in spectral.spectra {
      decompositions.remember(spectrum.singular, of: spectrum.parameter.name)
    }
    return spectral
  }

  mutating func randomReductions() -> [RankReduction] {
    let names = bench.layout.layers.flatMap(\.matrices).map(\.name)
    return names.shuffled(using: &generator).prefix(Self.keptMatrices).flatMap {
      Self.reductions(
        of: $0,
        Array(RankReduction.rankFractions.shuffled(using: &generator).prefix(Self.keptFractions)),
        RankReduction.blockCounts, false)
    }
  }

  private static func reductions(
    of matrix: String, _ fractions: [Double], _ blocks: [Int], _ isMatched: Bool
  ) -> [RankReduction] {
    blocks.flatMap { blocks in
      fractions.map {
        RankReduction(matrix: matrix, blocks: blocks, rankFraction: $0, isMatched: isMatched)
      }
    }
  }

  /// Takes the best reduction, then the best of the rest on top of it, until the confirmation windows
  /// do not bear one out. The rest are those of other matrices that did best by themselves.
  mutating func greedy(_ proposals: (inout Search) -> [RankReduction]) -> FloatWeights? {
    // A copy, as candidates are measured in place.
    var current = bench.base.copy()
    var left = proposals(&self)
    while !left.isEmpty {
      left = halving(left, from: current)
      guard let reduction = left.first else { break }
      let next = current.copy()
      guard apply(reduction, to: next), bench.confirms(next, over: current) else { break }
      choices.append(reduction.description)
      current = next
      left = Array(left.filter { $0.matrix != reduction.matrix }.prefix(Self.keptReductions))
    }
    return choices.isEmpty ? nil : current
  }

  /// Reductions that make fewer bits, the best first. All are measured on an eighth of the choice windows,
  /// the best of them on half, the best of these on all; their order is that of the last measurement.
  private mutating func halving(_ reductions: [RankReduction], from current: FloatWeights)
    -> [RankReduction]
  {
    var ranked = reductions
    var count = reductions.count
    let windows = choice.sequences
    for (share, keptShare) in [(8, 6), (2, 4), (1, 1)] {
      let batch = TrainingBatch(Array(windows.prefix(max(1, windows.count / share))))
      let before = phases.time("scan") { bench.bits(current, batch) }
      var measured: [(reduction: RankReduction, change: Double)] = []
      for reduction in ranked.prefix(count) {
        guard let change = change(of: reduction, in: current, batch, before) else { continue }
        measured.append((reduction, change))
      }
      measured.sort { $0.change < $1.change }
      let better = measured.filter { $0.change < 0 }
      ranked = better.map(\.reduction) + ranked.dropFirst(count)
      if better.isEmpty { return [] }
      count = max(1, better.count / keptShare)
    }
    return ranked
  }

  /// Every matrix and kept share, each measured on all of the training text; the best one is taken.
  mutating func laser() -> FloatWeights? {
    let all = bench.samples.everything
    let current = bench.base.copy()
    let before = phases.time("scan") { bench.bits(current, all) }
    var best: (reduction: RankReduction, change: Double)?
    for name in bench.layout.layers.flatMap(\.matrices).map(\.name) {
      for fraction in RankReduction.rankFractions {
        let reduction = RankReduction(matrix: name, blocks: 1, rankFraction: fraction)
        guard let change = change(of: reduction, in: current, all, before) else { continue }
        if change < best?.change ?? 0 { best = (reduction, change) }
      }
    }
    guard let best, apply(best.reduction, to: current) else { return nil }
    choices.append(best.reduction.description)
    return current
  }

  /// The mean change that a reduction makes on a batch; `weights` are as before afterwards.
  ///
  /// - Returns: nil where the matrix holds numbers that are not finite.
  private mutating func change(
    of reduction: RankReduction, in weights: FloatWeights, _ batch: TrainingBatch,
    _ before: [Double]
  ) -> Double? {
    guard let parameter = bench.layout[reduction.matrix], apply(reduction, to: weights) else {
      return nil
    }
    candidates += 1
    defer {
      weights.values.copyRow(
        parameter.offset, from: bench.base.values, at: parameter.offset, count: parameter.count)
    }
    return phases.time("scan") { bench.change(weights, batch, before: before).mean }
  }

  /// Puts the reduced form of a matrix of the base into `weights`.
  ///
  /// - Returns: false where the matrix holds numbers that are not finite.
  mutating func apply(_ reduction: RankReduction, to weights: FloatWeights) -> Bool {
    guard let parameter = bench.layout[reduction.matrix],
      let parts = phases.time(
        "SVD", { decompositions(parameter, blocks: reduction.blocks, of: bench.base) })
    else { return false }
    let rank = reduction.rank(rows: parameter.rows, columns: parameter.columns)
    for (block, singular) in parts.enumerated() {
      let rows = RankReduction.rows(block, of: reduction.blocks, parameter)
      singular.compose(
        Array(singular.values.prefix(rank)), into: weights.matrix(parameter).rows(rows))
    }
    return true
  }
}
