import Foundation
import Kernels
import LM

/// The search of one method for better weights.
struct Search {
  private let bench: Workbench
  private var generator: SeededGenerator
  private let seed: UInt64
  private(set) var choices: [String] = []
  private(set) var candidates = 0

  /// Matrices that are searched after the gradient has spoken, and kept shares of each.
  static let keptMatrices = 5
  static let keptFractions = 3

  init(_ bench: Workbench, seed: UInt64) {
    self.bench = bench
    self.seed = seed
    generator = SeededGenerator(seed: seed)
  }

  private var choice: TrainingBatch { bench.samples.choice }

  /// - Returns: the best weights found; nil where none were better than the base.
  mutating func run(_ method: Adaptation.Method) throws -> FloatWeights? {
    switch method {
    case .none: bench.base
    case .temperature: bestTemperature(bench.base)
    case .bias: bias()
    case .c2i: greedy { $0.scoredReductions() }
    case .random: greedy { $0.randomReductions() }
    case .laser: laser()
    case .lora: bestStep(rank: 8)
    case .step: bestStep(rank: nil)
    case .full: try full()
    }
  }

  // MARK: Output

  private mutating func bestTemperature(_ weights: FloatWeights) -> FloatWeights? {
    let at = bench.layout.logitScale.offset
    let tried = [0.9, 0.95, 1.05, 1.1].map { factor in
      let copy = weights.copy()
      copy.values[at] *= Float(factor)
      return ("logit scale × \(factor)", copy)
    }
    return bestOutput(of: tried, against: weights)
  }

  /// One step of generalised iterative scaling (Darroch and Ratcliff, 1972): a token's bias grows by the
  /// logarithm of how often it came over how often it was expected, with `c` of each added.
  private mutating func bias() -> FloatWeights? {
    let batch = bench.samples.gradient
    let base = bench.base
    let gradient = bench.sum(over: batch) { $0.addBiasGradient($1, base, to: $2) }
    let parameter = bench.layout.outputBias
    var counts = [Float](repeating: 0, count: parameter.count)
    for sequence in batch.sequences {
      for token in sequence.dropFirst() { counts[Int(token)] += 1 }
    }
    let tried = [0.5, 2, 8, 32].map { (c: Float) in
      let copy = base.copy()
      for (token, count) in counts.enumerated() {
        let expected = max(0, gradient.values[parameter.offset + token] + count)
        copy.values[parameter.offset + token] += log((count + c) / (expected + c))
      }
      return ("bias, c = \(c)", copy)
    }
    guard let best = bestOutput(of: tried, against: base) else { return nil }
    return bestTemperature(best) ?? best
  }

  /// As `best`, for candidates that differ in the output layer alone.
  private mutating func bestOutput(
    of tried: [(name: String, weights: FloatWeights)], against base: FloatWeights
  ) -> FloatWeights? {
    candidates += tried.count
    let bits = bench.bits(bench.base, outputs: [base] + tried.map(\.weights), choice)
      .map { $0.reduce(0, +) }
    guard let i = tried.indices.min(by: { bits[$0 + 1] < bits[$1 + 1] }), bits[i + 1] < bits[0]
    else { return nil }
    choices.append(tried[i].name)
    return tried[i].weights
  }

  // MARK: Rank reduction

  /// Reductions for which gradient and Fisher information promise most: of the best matrices the best
  /// kept shares, in one block or several. Removing components i > r changes the loss by about
  /// −Σ sᵢgᵢ + ½ Σ sᵢ²Fᵢ.
  private func scoredReductions() -> [RankReduction] {
    guard let spectral = SpectralGradient(bench) else { return [] }
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
      .flatMap { Self.reductions(of: $0.matrix, $0.fractions) }
  }

  private mutating func randomReductions() -> [RankReduction] {
    let names = bench.layout.layers.flatMap(\.matrices).map(\.name)
    return names.shuffled(using: &generator).prefix(Self.keptMatrices).flatMap {
      Self.reductions(
        of: $0,
        Array(RankReduction.rankFractions.shuffled(using: &generator).prefix(Self.keptFractions)))
    }
  }

  private static func reductions(of matrix: String, _ fractions: [Double]) -> [RankReduction] {
    RankReduction.blockCounts.flatMap { blocks in
      fractions.map { RankReduction(matrix: matrix, blocks: blocks, rankFraction: $0) }
    }
  }

  /// Takes the best reduction, then the best of the rest on top of it, until the confirmation windows
  /// do not bear one out. Candidates that do badly on a quarter of the choice windows are dropped, then
  /// on half.
  private mutating func greedy(_ proposals: (inout Search) -> [RankReduction]) -> FloatWeights? {
    var current = bench.base
    var left = proposals(&self)
    var found: FloatWeights?
    while !left.isEmpty {
      guard let (reduction, weights) = halving(left, from: current),
        bench.confirms(weights, over: current)
      else { break }
      choices.append(reduction.description)
      current = weights
      found = weights
      left.removeAll { $0.matrix == reduction.matrix }
    }
    return found
  }

  private mutating func halving(_ reductions: [RankReduction], from current: FloatWeights)
    -> (RankReduction, FloatWeights)?
  {
    var left = reductions
    let windows = choice.sequences
    for share in [4, 2, 1] {
      let batch = TrainingBatch(Array(windows.prefix(max(1, windows.count / share))))
      let before = bench.bits(current, batch)
      var measured: [(RankReduction, Double)] = []
      for reduction in left {
        guard let weights = reduction.applied(to: current) else { continue }
        candidates += 1
        measured.append((reduction, bench.change(weights, batch, before: before).mean))
      }
      measured.sort { $0.1 < $1.1 }
      let keep = share == 1 ? 1 : max(1, measured.count / (share == 4 ? 8 : 4))
      left = measured.prefix(keep).filter { $0.1 < 0 }.map(\.0)
    }
    guard let best = left.first, let weights = best.applied(to: current) else { return nil }
    return (best, weights)
  }

  /// Every matrix and kept share, each measured on all of the training text; the best one is taken.
  private mutating func laser() -> FloatWeights? {
    let names = bench.layout.layers.flatMap(\.matrices).map(\.name)
    let all = bench.samples.everything
    let before = bench.bits(bench.base, all)
    var best: (RankReduction, Double)?
    for name in names {
      for fraction in RankReduction.rankFractions {
        let reduction = RankReduction(matrix: name, blocks: 1, rankFraction: fraction)
        guard let weights = reduction.applied(to: bench.base) else { continue }
        candidates += 1
        let change = bench.change(weights, all, before: before).mean
        if change < best?.1 ?? 0 { best = (reduction, change) }
      }
    }
    guard let best else { return nil }
    choices.append(best.0.description)
    return best.0.applied(to: bench.base)
  }

  // MARK: Steps

  /// A step against the gradient of every matrix, or its leading components: LoRA-One (Zhang et al.,
  /// 2025) begins with these. Lengths are relative to the matrix; the best on the choice windows is taken.
  private mutating func bestStep(rank: Int?) -> FloatWeights? {
    let base = bench.base
    let gradient = bench.sum(over: bench.samples.gradient) {
      $0.addGradient($1, base, scale: 1, tables: false, to: $2)
    }
    let direction = FloatWeights(bench.layout)
    for parameter in bench.layout.layers.flatMap(\.matrices) {
      let part = gradient.matrix(parameter)
      if let rank {
        guard let singular = SingularValues(of: part) else { return nil }
        singular.compose(Array(singular.values.prefix(rank)), into: direction.matrix(parameter))
      } else {
        direction.values.copyRow(
          parameter.offset, from: gradient.values, at: parameter.offset, count: parameter.count)
      }
    }
    func norm(_ weights: FloatWeights) -> Float {
      bench.layout.layers.flatMap(\.matrices).reduce(0) {
        $0
          + weights.values.dot(
            at: $1.offset, weights.values, at: $1.offset, count: $1.count)
      }.squareRoot()
    }
    let unit = norm(bench.base) / max(norm(direction), 1e-20)
    let tried = [0.002, 0.005, 0.01, 0.02, 0.04, 0.08].map { (length: Float) in
      let copy = bench.base.copy()
      copy.values.combine(
        at: 0, b: 1, -length * unit, direction.values, at: 0, count: bench.layout.count)
      return ("step of \(length)", copy)
    }
    return best(of: tried, against: bench.base)
  }

  /// All weights, trained on the gradient windows until the choice windows get no better.
  private mutating func full() throws -> FloatWeights? {
    var settings = TrainingSettings(budget: .tokens(8 * bench.samples.gradient.rows))
    settings.tokensPerStep = 1024
    settings.length = bench.longest
    settings.optimizer.muonRate = 0.004
    settings.optimizer.adamRate = 0.001
    settings.warmup = 0.1
    settings.decay = 0.9
    settings.evaluateEvery = 0.125
    settings.patience = 2
    settings.seed = seed
    settings.workers = bench.passes.count
    let weights = bench.base.copy()
    let trainer = try Trainer(
      weights, rotary: bench.rotary, corpus: TrainingCorpus(bench.samples.gradient),
      heldOut: TrainingCorpus(choice), settings: settings)
    _ = try trainer.run(isStopped: { false }, report: { _ in }, save: { _ in })
    candidates = trainer.state.steps
    choices.append("\(trainer.state.steps) steps, \(trainer.epochs) epochs")
    return trainer.best
  }

  /// The candidate with the fewest bits on the choice windows; nil where none beats `base`.
  private mutating func best(
    of tried: [(name: String, weights: FloatWeights)], against base: FloatWeights
  ) -> FloatWeights? {
    let before = bench.bits(base, choice)
    candidates += tried.count
    let changes = tried.map { bench.change($0.weights, choice, before: before).mean }
    guard let i = changes.indices.min(by: { changes[$0] < changes[$1] }), changes[i] < 0 else {
      return nil
    }
    choices.append(tried[i].name)
    return tried[i].weights
  }
}
