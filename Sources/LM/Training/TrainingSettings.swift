/// How a model is trained.
package struct TrainingSettings: Codable, Equatable, Sendable {
  /// When it is done: the schedule of the learning rate follows from it.
  package enum Budget: Codable, Equatable, Sendable {
    case tokens(Int)
    case seconds(Double)
  }

  package var budget: Budget
  /// Predicted tokens of one step.
  package var tokensPerStep = 8192
  /// Tokens of one window.
  package var length = 512
  package var optimizer = Optimizer.Settings()
  /// Share of the budget in which the learning rate rises.
  package var warmup: Float = 0.01
  /// Share of the budget in which it falls to zero.
  package var decay: Float = 0.45
  package var dropout: Float = 0
  /// Held-out text is measured this often, as a share of the budget.
  package var evaluateEvery: Double = 0.05
  /// Training ends after this many measurements in a row without a better one; 0: never.
  package var patience = 0
  package var seed: UInt64 = 1
  package var workers = 2

  package init(budget: Budget) { self.budget = budget }

  /// Factor of the learning rates where `progress` of the budget is used up.
  package func rateFactor(_ progress: Double) -> Float {
    max(0, min(1, (Float(progress) + 1e-4) / warmup, (1 - Float(progress)) / decay))
  }
}

/// What can end training without a result.
package enum TrainingError: Error, Equatable, CustomStringConvertible {
  case notFinite(step: Int)
  case noText
  case notThisRun(String)

  package var description: String {
    switch self {
    case .notFinite(let step):
      "the loss is no longer a number at step \(step); lower the learning rates (--rate)"
    case .noText: "there is no text to train on"
    case .notThisRun(let what): "the checkpoint is of another run: \(what)"
    }
  }
}
