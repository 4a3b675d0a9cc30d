import Foundation
import Kernels

/// Measures float32 weights on several threads.
package enum FloatEvaluation {
  /// The bits of each sequence's predicted tokens; one thread per pass.
  package static func bits(
    _ passes: [TrainingPass], _ weights: FloatWeights, _ batch: TrainingBatch
  ) -> [Double] {
    bits(passes, weights, batch, outputs: [weights])[0]
  }

  /// The same for several output layers on top of the same layers. [outputs][sequences]
  package static func bits(
    _ passes: [TrainingPass], _ weights: FloatWeights, _ batch: TrainingBatch,
    outputs: [FloatWeights]
  ) -> [[Double]] {
    let job = Job(passes, weights, batch, outputs)
    runTeam(passes.count) { worker in
      for i in stride(from: worker, to: job.parts.count, by: job.passes.count) {
        job.measure(i, on: job.passes[worker])
      }
    }
    return job.bits.map { $0.array(0..<$0.count) }
  }

  /// Each worker has a pass of its own and writes the bits of its own sequences.
  private struct Job: @unchecked Sendable {
    let passes: [TrainingPass]
    let weights: FloatWeights
    let outputs: [FloatWeights]
    let parts: [TrainingBatch]
    let starts: [Int]
    let bits: [Buffer<Double>]

    init(
      _ passes: [TrainingPass], _ weights: FloatWeights, _ batch: TrainingBatch,
      _ outputs: [FloatWeights]
    ) {
      self.passes = passes
      self.weights = weights
      self.outputs = outputs
      parts = batch.split(rows: passes.map(\.capacity).min() ?? 1, workers: passes.count)
      var starts = [0]
      for part in parts { starts.append(starts[starts.count - 1] + part.sequences.count) }
      self.starts = starts
      bits = outputs.map { _ in Buffer(count: batch.sequences.count) }
    }

    func measure(_ i: Int, on pass: TrainingPass) {
      pass.evaluate(parts[i], weights, outputs: outputs) { output in
        var row = 0
        for (j, sequence) in parts[i].sequences.enumerated() {
          let count = sequence.count - 1
          let nats = (row..<(row + count)).reduce(0.0) { $0 + Double(pass.losses[$1]) }
          bits[output][starts[i] + j] = nats / log(2)
          row += count
        }
      }
    }
  }
}
