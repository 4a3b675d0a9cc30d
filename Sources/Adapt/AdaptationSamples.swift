import LM

/// Windows of a corpus in roles that do not overlap: what the gradient is taken of, what candidates are
/// tried on, and what confirms them (shared design: C2I).
package struct AdaptationSamples: Sendable {
  package let gradient: TrainingBatch
  package let choice: TrainingBatch
  /// All windows that the two were drawn from.
  package let everything: TrainingBatch
  /// From documents, or parts of documents, that neither of the others saw.
  package let confirmation: TrainingBatch

  /// - Parameters:
  ///   - training: where the windows of `gradient` and `choice` come from.
  ///   - confirmation: other documents.
  ///   - count: the most windows in each role.
  ///   - length: tokens of a window.
  package init(
    training: TrainingCorpus, confirmation: TrainingCorpus, count: Int, length: Int, seed: UInt64
  ) {
    var generator = SeededGenerator(seed: seed)
    func drawn(_ corpus: TrainingCorpus) -> [Range<Int>] {
      corpus.windows(length: length).shuffled(using: &generator)
    }
    let windows = drawn(training)
    everything = training.batch(windows)
    // Where there is little text, half of it is for the gradient.
    let first = min(count, (windows.count + 1) / 2)
    gradient = training.batch(windows.prefix(first))
    choice = training.batch(windows.dropFirst(first).prefix(count))
    self.confirmation = confirmation.batch(drawn(confirmation).prefix(count))
  }
}

/// Differences of bits between two models on the same windows.
package struct PairedChange: Sendable {
  /// Mean change in bits per token; negative is better.
  package let mean: Double
  /// Standard error of the mean, over windows.
  package let standardError: Double

  /// - Parameters: bits of each window before and after; tokens of each.
  init(before: [Double], after: [Double], tokens: [Int]) {
    let total = Double(max(1, tokens.reduce(0, +)))
    let mean = zip(after, before).reduce(0) { $0 + $1.0 - $1.1 } / total
    let count = Double(before.count)
    // Residuals against a change that is the same for every token.
    let squares = zip(zip(after, before), tokens).reduce(0.0) {
      let residual = $1.0.0 - $1.0.1 - mean * Double($1.1)
      return $0 + residual * residual
    }
    self.mean = mean
    standardError = count > 1 ? (squares * count / (count - 1)).squareRoot() / total : .infinity
  }
}
