import Kernels
import LM

/// What one backward pass over the samples says of the singular values of every matrix: the derivatives of
/// the mean loss, and the mean of their squares (Fisher).
///
/// Compress to Impress (Sreeram et al., 2025): gᵢ = uᵢᵀ G vᵢ tells which components the loss could do
/// without.
package final class SpectralGradient {
  /// The spectrum of one matrix.
  struct Spectrum {
    let parameter: ParameterLayout.Parameter
    let singular: SingularValues
    /// Derivative of the mean loss in nats by each singular value.
    var derivatives: [Float]
    /// Mean over samples of the squared derivative.
    var fisher: [Float]
  }

  private(set) var spectra: [Spectrum]

  /// - Parameters:
  ///   - fisher: whether that is wanted; where not it is zero, and all takes less time.
  ///   - phases: told of the time for SVD and gradient.
  /// - Returns: nil where the weights are not finite.
  init?(_ bench: Workbench, fisher: Bool, phases: inout Phases) {
    let layout = bench.layout
    spectra = []
    for parameter in layout.layers.flatMap(\.matrices) {
      let singular = phases.time("SVD") { SingularValues(of: bench.base.matrix(parameter)) }
      guard let singular else { return nil }
      let zeros = [Float](repeating: 0, count: singular.values.count)
      spectra.append(
        Spectrum(parameter: parameter, singular: singular, derivatives: zeros, fisher: zeros))
    }
    // Of the mean loss in nats per token.
    let gradient: FloatWeights
    if fisher {
      let job = Job(bench, spectra)
      phases.time("gradient") { runTeam(bench.passes.count) { job.run(worker: $0) } }
      gradient = job.gradients[0]
      for other in job.gradients.dropFirst() {
        gradient.values.combine(at: 0, b: 1, 1, other.values, at: 0, count: layout.count)
      }
      for i in spectra.indices {
        for k in spectra[i].fisher.indices {
          spectra[i].fisher[k] = job.squares.reduce(0) { $0 + $1[i][k] } / Float(job.samples)
        }
      }
    } else {
      let base = bench.base
      let batch = bench.samples.gradient
      gradient = phases.time("gradient") {
        bench.sum(over: batch) {
          $0.addGradient($1, base, scale: 1 / Float(batch.rows), tables: false, to: $2)
        }
      }
    }
    for i in spectra.indices {
      spectra[i].derivatives = spectra[i].singular.derivatives(
        of: gradient.matrix(spectra[i].parameter))
    }
  }

  /// Each worker takes every n-th sample, with arrays of its own.
  private final class Job: @unchecked Sendable {
    let passes: [TrainingPass]
    let base: FloatWeights
    let batch: TrainingBatch
    let spectra: [Spectrum]
    let gradients: [FloatWeights]
    let squares: [[Buffer<Float>]]

    var samples: Int { batch.sequences.count }

    init(_ bench: Workbench, _ spectra: [Spectrum]) {
      passes = bench.passes
      base = bench.base
      batch = bench.samples.gradient
      self.spectra = spectra
      gradients = passes.map { _ in FloatWeights(bench.layout) }
      squares = passes.map { _ in
        spectra.map { Buffer<Float>(count: $0.singular.values.count) }
      }
    }

    func run(worker: Int) {
      let one = FloatWeights(base.layout)
      let count = base.layout.count
      let rows = Float(batch.rows)
      for i in stride(from: worker, to: batch.sequences.count, by: passes.count) {
        let sample = TrainingBatch([batch.sequences[i]])
        one.values.fill(0..<count, 0)
        passes[worker].addGradient(
          sample, base, scale: 1 / Float(sample.rows), tables: false, to: one)
        // Per sample the mean loss of its tokens; in the sum every token counts alike.
        gradients[worker].values.combine(
          at: 0, b: 1, Float(sample.rows) / rows, one.values, at: 0, count: count)
        for (k, spectrum) in spectra.enumerated() {
          let d = spectrum.singular.derivatives(of: one.matrix(spectrum.parameter))
          for (j, value) in d.enumerated() { squares[worker][k][j] += value * value }
        }
      }
    }
  }
}
