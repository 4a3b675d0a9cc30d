import Kernels
import LM

/// A model on which adaptations are tried: its weights, windows to measure them on, and the threads that do it.
package final class Workbench {
  package let base: FloatWeights
  package let samples: AdaptationSamples
  let passes: [TrainingPass]
  let rotary: RotaryPhases
  /// The most tokens of a window.
  let longest: Int

  var layout: ParameterLayout { base.layout }

  static let rowsPerPass = 1024

  package init(
    _ base: FloatWeights, rotary: RotaryPhases, samples: AdaptationSamples, length: Int,
    workers: Int
  ) throws {
    try OpenBLAS.load()
    self.base = base
    self.samples = samples
    self.rotary = rotary
    longest = length
    let layout = base.layout
    passes = (0..<max(1, workers)).map { _ in
      TrainingPass(
        layout, rows: Self.rowsPerPass, longest: length, rotary: rotary, gradients: true)
    }
  }

  /// Bits of every window.
  func bits(_ weights: FloatWeights, _ batch: TrainingBatch) -> [Double] {
    FloatEvaluation.bits(passes, weights, batch)
  }

  /// Bits of every window with several output layers on top of the same layers.
  func bits(_ weights: FloatWeights, outputs: [FloatWeights], _ batch: TrainingBatch) -> [[Double]]
  {
    FloatEvaluation.bits(passes, weights, batch, outputs: outputs)
  }

  /// What `body` adds to zeros for every `workers`-th part of a batch, summed.
  func sum(
    over batch: TrainingBatch,
    _ body: @escaping @Sendable (TrainingPass, TrainingBatch, FloatWeights) -> Void
  ) -> FloatWeights {
    let sums = passes.map { _ in FloatWeights(layout) }
    let job = SumJob(
      passes: passes, parts: batch.split(rows: Self.rowsPerPass, workers: passes.count), sums: sums)
    runTeam(passes.count) { worker in
      for i in stride(from: worker, to: job.parts.count, by: job.passes.count) {
        body(job.passes[worker], job.parts[i], job.sums[worker])
      }
    }
    for other in sums.dropFirst() {
      sums[0].values.combine(at: 0, b: 1, 1, other.values, at: 0, count: layout.count)
    }
    return sums[0]
  }

  /// Each worker has a pass and a sum of its own.
  private struct SumJob: @unchecked Sendable {
    let passes: [TrainingPass]
    let parts: [TrainingBatch]
    let sums: [FloatWeights]
  }

  /// The change that `weights` make on a batch whose bits were `before`.
  func change(_ weights: FloatWeights, _ batch: TrainingBatch, before: [Double]) -> PairedChange {
    PairedChange(
      before: before, after: bits(weights, batch), tokens: batch.sequences.map { $0.count - 1 })
  }
}
