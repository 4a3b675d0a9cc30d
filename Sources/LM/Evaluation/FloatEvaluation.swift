import Foundation
import Kernels

/// Measures float32 weights on several threads.
package enum FloatEvaluation {
  /// The bits of each sequence's predicted tokens; one thread per pass.
  package static func bits(
    _ passes: [TrainingPass], _ weights: FloatWeights, _ batch: TrainingBatch
  ) -> [Double] {
    let rows = passes.map(\.capacity).min() ?? 1
    let parts = batch.split(rows: rows, workers: passes.count)
    let bits = Buffer<Double>(count: batch.sequences.count)
    var starts = [0]
    for part in parts { starts.append(starts[starts.count - 1] + part.sequences.count) }
    let job = Job(passes: passes, weights: weights, parts: parts, starts: starts, bits: bits)
    runTeam(passes.count) { worker in
      for i in stride(from: worker, to: job.parts.count, by: job.passes.count) {
        job.measure(i, on: job.passes[worker])
      }
    }
    return bits.array(0..<bits.count)
  }

  /// Each worker has a pass of its own and writes the bits of its own sequences.
  private struct Job: @unchecked Sendable {
    let passes: [TrainingPass]
    let weights: FloatWeights
    let parts: [TrainingBatch]
    let starts: [Int]
    let bits: Buffer<Double>

    func measure(_ i: Int, on pass: TrainingPass) {
      pass.evaluate(parts[i], weights)
      var row = 0
      for (j, sequence) in parts[i].sequences.enumerated() {
        let count = sequence.count - 1
        let nats = (row..<(row + count)).reduce(0.0) { $0 + Double(pass.losses[$1]) }
        bits[starts[i] + j] = nats / log(2)
        row += count
      }
    }
  }
}
