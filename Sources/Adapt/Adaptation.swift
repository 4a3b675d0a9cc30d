import Kernels
import LM

/// Changed weights, and how they came to be.
package struct Adaptation: Sendable {
  package let method: Method
  package let weights: FloatWeights
  /// Whether the confirmation windows bear it out; where not, the weights are those of the base.
  package let isConfirmed: Bool
  /// The parameters that differ from the base.
  package let changed: [ParameterLayout.Parameter]
  /// What was chosen, for people; empty for nothing.
  package let choices: [String]
  package let seconds: Double
  /// Where the seconds went, as far as that is known.
  package let phases: Phases
  /// How many candidates were measured.
  package let candidates: Int

  /// The rungs of the ladder.
  package enum Method: String, CaseIterable, Codable, Sendable {
    /// The model as it is.
    case none
    /// The scale of the logits.
    case temperature
    /// The scale of the logits and the bias of every token.
    case bias
    /// Rank reduction where the gradient of the singular values promises a gain, in 1, 2, 4 and 8 blocks
    /// of rows: Compress to Impress.
    case c2i
    /// The same in one block.
    case c2iSingle = "c2i-single"
    /// In 2, 4 and 8 blocks that together keep as many numbers as one block would.
    case c2iMatched = "c2i-matched"
    /// As c2i, with the Fisher information of the singular values in the score.
    case c2iFisher = "c2i-fisher"
    /// As c2i, with as many matrices and ranks chosen at random: what the search alone gives.
    case random
    /// Rank reduction by trying every matrix and rank on all of the text: LASER.
    case laser
    /// A step of the singular values along their gradient.
    case spectralStep = "spectral-step"
    /// A step of each singular value as far as its Fisher information allows.
    case spectralShrink = "spectral-shrink"
    /// Singular values trained: SVF.
    case svf
    /// A step along the leading component of the gradient of every matrix.
    case lora1 = "lora-1"
    /// The same with a rank of 4.
    case lora4 = "lora-4"
    /// The same with a rank of 8.
    case lora8 = "lora-8"
    /// A step along the gradient.
    case step
    /// Output bias, logit scale, temperatures of the heads and mixes of the layers, trained.
    case vectors
    /// All weights trained until the choice windows get no better.
    case full
  }
}

extension Workbench {
  /// Adapts the model by one method; where the confirmation windows do not bear it out, it stays as it is.
  ///
  /// - Throws: `TrainingError` where training by `full` fails.
  package func adapt(_ method: Adaptation.Method, seed: UInt64 = 1) throws -> Adaptation {
    let start = ContinuousClock.now
    var search = Search(self, seed: seed)
    let found = try search.run(method)
    let isConfirmed = method == .none || found.map { confirms($0, over: base) } ?? false
    let weights = isConfirmed ? found ?? base : base
    let changed = layout.all.filter {
      isConfirmed && weights.values.array($0.range) != base.values.array($0.range)
    }
    return Adaptation(
      method: method, weights: weights, isConfirmed: isConfirmed, changed: changed,
      choices: search.choices, seconds: (ContinuousClock.now - start) / .seconds(1),
      phases: search.phases, candidates: search.candidates)
  }

  /// Whether the mean gain over `other` on the confirmation windows is above two standard errors.
  func confirms(_ weights: FloatWeights, over other: FloatWeights) -> Bool {
    let batch = samples.confirmation
    let change = change(weights, batch, before: bits(other, batch))
    return change.mean + 2 * change.standardError < 0
  }
}
