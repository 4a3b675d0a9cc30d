import Foundation
import Kernels
import LM

/// Methods that move singular values and leave singular vectors as they are.
extension Search {
  /// s ← s − ηg, with η chosen; lengths are relative to the matrices together.
  mutating func spectralStep() -> FloatWeights? {
    guard let spectral = spectralGradient(fisher: false) else { return nil }
    let direction = FloatWeights(bench.layout)
    for spectrum in spectral.spectra {
      spectrum.singular.compose(spectrum.derivatives, into: direction.matrix(spectrum.parameter))
    }
    return bestStep(along: direction)
  }

  /// s ← clip(s − g / (F + λ), 0, 2s): every value moves as far as its own curvature allows. λ is a
  /// multiple of the mean of F.
  mutating func spectralShrink() -> FloatWeights? {
    guard let spectral = spectralGradient(fisher: true) else { return nil }
    let values = spectral.spectra.flatMap(\.fisher)
    let mean = values.reduce(0, +) / Float(max(1, values.count))
    let base = bench.base
    func moved(_ multiple: Float) -> FloatWeights {
      let weights = base.copy()
      for spectrum in spectral.spectra {
        let values = spectrum.singular.values.indices.map { i in
          let s = spectrum.singular.values[i]
          let step = spectrum.derivatives[i] / (spectrum.fisher[i] + multiple * mean + 1e-20)
          return min(max(s - step, 0), 2 * s)
        }
        spectrum.singular.compose(values, into: weights.matrix(spectrum.parameter))
      }
      return weights
    }
    return best(
      of: [1, 10, 100, 1000, 10_000], name: { "λ = \(Int($0)) mean F" }, make: moved)
  }

  /// Trains a factor for every singular value, 50 steps of 1,024 tokens, and takes the best of five
  /// moments: SVF (Sun et al., "Transformer-Squared", 2025).
  mutating func singularValueTuning() -> FloatWeights? {
    let (bench, choice) = (bench, choice)
    var factors: [SingularValueFactors] = []
    for parameter in bench.layout.layers.flatMap(\.matrices) {
      let found = phases.time("SVD") { SingularValues(of: bench.base.matrix(parameter)) }
      guard let found else { return nil }
      factors.append(SingularValueFactors(parameter, found))
    }
    let corpus = TrainingCorpus(bench.samples.gradient)
    var order = WindowOrder(corpus, length: bench.longest, seed: seed)
    let before = bench.bits(bench.base, choice)
    let weights = bench.base.copy()
    var best: FloatWeights?
    var bestChange = 0.0
    let steps = 50
    for step in 1...steps {
      let gradient = meanGradient(corpus.batch(order.take(tokens: 1024)), weights)
      let rate = 0.02 * Float(steps - step + 1) / Float(steps)
      for i in factors.indices {
        factors[i].step(step, gradient: gradient, rate: rate, into: weights)
      }
      guard step % 10 == 0 else { continue }
      candidates += 1
      let change = phases.time("scan") { bench.change(weights, choice, before: before).mean }
      if change < bestChange {
        best = weights.copy()
        bestChange = change
        choices = ["\(step) steps"]
      }
    }
    return best
  }
}

/// Factors of the singular values of one matrix, trained with Adam (Kingma and Ba, 2014).
private struct SingularValueFactors {
  private let parameter: ParameterLayout.Parameter
  private let singular: SingularValues
  private var factors: [Float]
  private var first: [Float]
  private var second: [Float]

  init(_ parameter: ParameterLayout.Parameter, _ singular: SingularValues) {
    self.parameter = parameter
    self.singular = singular
    factors = [Float](repeating: 1, count: singular.values.count)
    first = [Float](repeating: 0, count: singular.values.count)
    second = first
  }

  /// Step `number`, from 1, with the gradient of all weights; leaves the matrix in `weights`.
  mutating func step(
    _ number: Int, gradient: FloatWeights, rate: Float, into weights: FloatWeights
  ) {
    let (b1, b2): (Float, Float) = (0.9, 0.95)
    let (c1, c2) = (1 - pow(b1, Float(number)), 1 - pow(b2, Float(number)))
    let derivatives = singular.derivatives(of: gradient.matrix(parameter))
    for i in factors.indices {
      let g = derivatives[i] * singular.values[i]
      first[i] = b1 * first[i] + (1 - b1) * g
      second[i] = b2 * second[i] + (1 - b2) * g * g
      factors[i] -= rate * (first[i] / c1) / ((second[i] / c2).squareRoot() + 1e-8)
    }
    singular.compose(
      zip(singular.values, factors).map { $0 * $1 }, into: weights.matrix(parameter))
  }
}
