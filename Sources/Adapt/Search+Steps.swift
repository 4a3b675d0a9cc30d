import Kernels
import LM

/// Methods that move weights along the gradient: one step of it, or training.
extension Search {
  /// A step against the gradient of every matrix, or its leading components: LoRA-One (Zhang et al.,
  /// 2025) begins with these.
  mutating func bestStep(rank: Int?) -> FloatWeights? {
    let gradient = meanGradient(bench.samples.gradient, bench.base)
    let direction = FloatWeights(bench.layout)
    for parameter in bench.layout.layers.flatMap(\.matrices) {
      let part = gradient.matrix(parameter)
      if let rank {
        guard let singular = phases.time("SVD", { SingularValues(of: part) }) else { return nil }
        singular.compose(Array(singular.values.prefix(rank)), into: direction.matrix(parameter))
      } else {
        direction.values.copyRow(
          parameter.offset, from: gradient.values, at: parameter.offset, count: parameter.count)
      }
    }
    return bestStep(along: direction)
  }

  /// Gradient of the mean loss of a batch, in nats per token; nothing for the tables.
  mutating func meanGradient(_ batch: TrainingBatch, _ weights: FloatWeights) -> FloatWeights {
    let bench = bench
    return phases.time("gradient") {
      bench.sum(over: batch) {
        $0.addGradient($1, weights, scale: 1 / Float(batch.rows), tables: false, to: $2)
      }
    }
  }

  /// The best length of a step against `direction`, relative to the lengths of the matrices together.
  mutating func bestStep(along direction: FloatWeights) -> FloatWeights? {
    let layout = bench.layout
    func norm(_ weights: FloatWeights) -> Float {
      layout.layers.flatMap(\.matrices).reduce(0) {
        $0
          + weights.values.dot(
            at: $1.offset, weights.values, at: $1.offset, count: $1.count)
      }.squareRoot()
    }
    let base = bench.base
    let unit = norm(base) / max(norm(direction), 1e-20)
    func moved(_ length: Float) -> FloatWeights {
      let weights = base.copy()
      weights.values.combine(
        at: 0, b: 1, -length * unit, direction.values, at: 0, count: layout.count)
      return weights
    }
    return best(
      of: [0.002, 0.005, 0.01, 0.02, 0.04, 0.08], name: { "step of \($0)" }, make: moved)
  }

  /// Weights trained on the gradient windows until the choice windows get no better.
  mutating func training(_ part: Optimizer.Settings.Part) throws -> FloatWeights? {
    var settings = TrainingSettings.fineTuning(
      part, tokens: 8 * bench.samples.gradient.rows, length: bench.longest,
      workers: bench.passes.count, seed: seed)
    settings.evaluateEvery = 0.125
    settings.patience = 2
    let weights = bench.base.copy()
    let trainer = try Trainer(
      weights, rotary: bench.rotary, corpus: TrainingCorpus(bench.samples.gradient),
      heldOut: TrainingCorpus(choice), settings: settings)
    _ = try trainer.run(isStopped: { false }, report: { _ in }, save: { _ in })
    candidates = trainer.state.steps
    choices.append("\(trainer.state.steps) steps, \(trainer.epochs) epochs")
    return trainer.best
  }
}
