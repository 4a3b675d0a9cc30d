import Foundation
import Kernels
import LM

/// The search of one method for better weights. Its parts are in extensions, by kind of method.
struct Search {
  let bench: Workbench
  var generator: SeededGenerator
  let seed: UInt64
  var choices: [String] = []
  var candidates = 0
  /// Where the time went.
  var phases = Phases()
  var decompositions = Decompositions()

  init(_ bench: Workbench, seed: UInt64) {
    self.bench = bench
    self.seed = seed
    generator = SeededGenerator(seed: seed)
  }

  var choice: TrainingBatch { bench.samples.choice }

  /// - Returns: the best weights found; nil where none were better than the base.
  mutating func run(_ method: Adaptation.Method) throws -> FloatWeights? {
    switch method {
    case .none: bench.base
    case .temperature: bestTemperature(bench.base)
    case .bias: bias()
    case .c2i: greedy { $0.promising(.gradient) }
    case .c2iSingle: greedy { $0.promising(.gradient, blocks: [1]) }
    case .c2iMatched: greedy { $0.promising(.gradient, blocks: [2, 4, 8], isMatched: true) }
    case .c2iFisher: greedy { $0.promising(.gradientAndFisher) }
    case .random: greedy { $0.randomReductions() }
    case .laser: laser()
    case .spectralStep: spectralStep()
    case .spectralShrink: spectralShrink()
    case .svf: singularValueTuning()
    case .lora1: bestStep(rank: 1)
    case .lora4: bestStep(rank: 4)
    case .lora8: bestStep(rank: 8)
    case .step: bestStep(rank: nil)
    case .vectors: try training(.vectors)
    case .full: try training(.everything)
    }
  }

  /// The candidate with the fewest bits on the choice windows; nil where none beats the base.
  mutating func best<Candidate>(
    of tried: [Candidate], name: (Candidate) -> String, make: (Candidate) -> FloatWeights
  ) -> FloatWeights? {
    let before = bench.bits(bench.base, choice)
    candidates += tried.count
    var best: (candidate: Candidate, weights: FloatWeights, change: Double)?
    for candidate in tried {
      let weights = make(candidate)
      let change = bench.change(weights, choice, before: before).mean
      if change < best?.change ?? 0 { best = (candidate, weights, change) }
    }
    guard let best else { return nil }
    choices.append(name(best.candidate))
    return best.weights
  }
}

// MARK: - The output layer

extension Search {
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
}
