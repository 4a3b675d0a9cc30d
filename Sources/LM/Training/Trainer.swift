import Foundation
import Kernels

/// Trains the weights of a model on a corpus, on several worker threads that each take a part of every
/// step's windows.
///
/// Results depend on the number of workers, not on their timing: parts and the order of all sums are
/// fixed. So a run that goes on from a checkpoint ends where an uninterrupted one does.
package final class Trainer {
  package let layout: ParameterLayout
  package let settings: TrainingSettings
  package let weights: FloatWeights
  package let optimizer: Optimizer
  package internal(set) var state = State()
  /// The weights that measured best on held-out text.
  package let best: FloatWeights

  private let corpus: TrainingCorpus
  private let heldOut: TrainingCorpus
  private var order: WindowOrder
  private let passes: [TrainingPass]
  private let gradients: [FloatWeights]

  /// What a checkpoint keeps beside the numbers.
  package struct State: Codable, Equatable, Sendable {
    package var tokens = 0
    package var steps = 0
    package var windows = 0
    package var seconds = 0.0
    package var best: Double?
    package var measurementsSinceBest = 0
    package var nextMeasurement = 0.0
  }

  /// What is told of a run.
  package enum Event: Sendable {
    /// Mean loss of the steps since the last event, in bits per token.
    case trained(State, bitsPerToken: Double, rateFactor: Float, progress: Double)
    /// Bits per byte of the held-out text.
    case measured(State, heldOut: Double, isBest: Bool)
  }

  package enum Outcome: String, Sendable { case finished, stoppedEarly, interrupted }

  /// Rows of one pass of one worker.
  static let rowsPerPass = 2048

  /// - Parameter weights: trained in place.
  package init(
    _ weights: FloatWeights, rotary: RotaryPhases, corpus: TrainingCorpus, heldOut: TrainingCorpus,
    settings: TrainingSettings
  ) throws {
    guard corpus.predicted > 0, heldOut.predicted > 0 else { throw TrainingError.noText }
    try OpenBLAS.load()
    self.settings = settings
    self.weights = weights
    self.corpus = corpus
    self.heldOut = heldOut
    layout = weights.layout
    best = weights.copy()
    optimizer = Optimizer(layout, settings.optimizer, workers: settings.workers)
    order = WindowOrder(corpus, length: settings.length, seed: settings.seed)
    let layout = layout
    let rows = min(
      Self.rowsPerPass, (settings.tokensPerStep + settings.workers - 1) / settings.workers)
    passes = (0..<settings.workers).map { _ in
      TrainingPass(layout, rows: rows, longest: settings.length, rotary: rotary, gradients: true)
    }
    gradients = (0..<settings.workers).map { _ in FloatWeights(layout) }
  }

  /// Takes up the run of a checkpoint, whose numbers the caller has put into place.
  func resume(_ state: State) {
    self.state = state
    order = WindowOrder(
      corpus, length: settings.length, seed: settings.seed, seen: state.windows)
  }

  /// Passes over the corpus so far.
  package var epochs: Int { order.epoch }

  /// Tells one corpus and held-out text from others.
  package var corpusDescription: String {
    [corpus, heldOut].map { "\($0.tokens.count)-\($0.fingerprint)" }.joined(separator: " ")
  }

  package var progress: Double {
    switch settings.budget {
    case .tokens(let count): Double(state.tokens) / Double(max(1, count))
    case .seconds(let seconds): state.seconds / max(1e-9, seconds)
    }
  }

  /// Trains until the budget is used up, held-out text stops getting better, or `isStopped`.
  ///
  /// - Parameters:
  ///   - report: told of every measurement and of some steps.
  ///   - save: called after steps; decides whether a checkpoint is due.
  /// - Throws: `TrainingError.notFinite`.
  package func run(
    isStopped: () -> Bool, report: (Event) -> Void, save: (Trainer) throws -> Void
  ) throws -> Outcome {
    var recent: [Double] = []
    let (start, already) = (ContinuousClock.now, state.seconds)
    if state.steps == 0 { measure(report) }
    while progress < 1 {
      if isStopped() { return .interrupted }
      let factor = settings.rateFactor(progress)
      recent.append(try step(factor))
      state.seconds = already + (ContinuousClock.now - start) / .seconds(1)
      if recent.count == 8 {
        report(
          .trained(
            state, bitsPerToken: recent.reduce(0, +) / Double(recent.count), rateFactor: factor,
            progress: progress))
        recent.removeAll()
      }
      if progress >= state.nextMeasurement || progress >= 1 {
        measure(report)
        if settings.patience > 0 && state.measurementsSinceBest >= settings.patience {
          return .stoppedEarly
        }
      }
      try save(self)
    }
    return .finished
  }

  private func measure(_ report: (Event) -> Void) {
    let bits = heldOutBitsPerByte()
    let isBest = bits < state.best ?? .infinity
    if isBest {
      state.best = bits
      state.measurementsSinceBest = 0
      best.values.copyRow(0, from: weights.values, at: 0, count: layout.count)
    } else {
      state.measurementsSinceBest += 1
    }
    state.nextMeasurement = progress + settings.evaluateEvery
    report(.measured(state, heldOut: bits, isBest: isBest))
  }

  /// Bits per byte of the held-out text with the weights of now.
  package func heldOutBitsPerByte() -> Double { bitsPerByte(of: heldOut) }

  /// Bits per byte of a text with the weights of now.
  package func bitsPerByte(of text: TrainingCorpus) -> Double {
    let bits = FloatEvaluation.bits(
      passes, weights, text.batch(text.windows(length: settings.length)))
    return bits.reduce(0, +) / Double(text.bytes)
  }

  /// One step; returns its mean loss in bits per token.
  private func step(_ factor: Float) throws -> Double {
    let batch = corpus.batch(order.take(tokens: settings.tokensPerStep))
    state.steps += 1
    let job = StepJob(
      passes: passes, gradients: gradients, weights: weights, optimizer: optimizer, batch: batch,
      dropout: (settings.dropout, settings.seed &+ UInt64(state.steps) << 40))
    let workers = settings.workers
    runTeam(workers) { job.addGradients(worker: $0) }
    let loss = job.loss / Double(batch.rows)
    guard loss.isFinite else { throw TrainingError.notFinite(step: state.steps) }
    runTeam(workers) { job.sumGradients(worker: $0) }
    let norm = job.gradientNorm
    guard norm.isFinite else { throw TrainingError.notFinite(step: state.steps) }
    if norm > settings.optimizer.clip {
      let scale = settings.optimizer.clip / norm
      runTeam(workers) { job.scaleGradient(worker: $0, by: scale) }
    }
    let number = state.steps
    runTeam(workers) { job.update(number, worker: $0, rateFactor: factor) }
    state.tokens += batch.rows
    state.windows = order.seen
    return loss / log(2)
  }
}
