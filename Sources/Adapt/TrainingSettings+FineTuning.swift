import LM

extension TrainingSettings {
  /// Short training of a model that is trained already, on little text.
  ///
  /// - Parameters:
  ///   - part: which parameters change.
  ///   - tokens: to train on, all passes over the text together.
  ///   - length: tokens of a window.
  package static func fineTuning(
    _ part: Optimizer.Settings.Part, tokens: Int, length: Int, workers: Int, seed: UInt64 = 1
  ) -> TrainingSettings {
    var settings = TrainingSettings(budget: .tokens(tokens))
    settings.tokensPerStep = 1024
    settings.length = length
    settings.optimizer.part = part
    settings.optimizer.muonRate = 0.004
    settings.optimizer.adamRate = part == .vectors ? 0.01 : 0.001
    settings.warmup = 0.1
    settings.decay = 0.9
    settings.seed = seed
    settings.workers = workers
    return settings
  }
}
