import Foundation
import Kernels
import LM
import LMZ

/// What the studies of learning train on, and how: from random weights, each model alike.
public struct TrainingStudy {
  public struct Settings: Sendable {
    public var seed: UInt64 = 1
    public var threads = 1

    public init() {}
  }

  let training: [[UInt8]]
  let heldOut: [[UInt8]]
  let settings: Settings
  let tokenizer: Tokenizer
  let model: Model

  /// - Parameters:
  ///   - documents: a twentieth of them, but at most 64 KB, is held out.
  ///   - base: the model file whose tokenizer is used.
  /// - Throws: `TrainingError.noText`, or `ModelFileError` where the file is no model.
  public init(_ documents: [[UInt8]], base: [UInt8], settings: Settings) throws {
    let split = HeldOutSplit(documents, limit: 64 << 10, seed: settings.seed)
    training = split.training
    heldOut = split.heldOut
    self.settings = settings
    model = try Model(file: base)
    tokenizer = model.tokenizer
    guard !training.isEmpty, !heldOut.isEmpty else { throw TrainingError.noText }
  }

  /// A shape of this width and depth without n-gram tables, whose numbers would be counted otherwise.
  func shape(width: Int, layers: Int) -> Configuration {
    var shape = model.configuration
    shape.width = width
    shape.layers = layers
    shape.heads = max(1, width / 32)
    shape.kvHeads = shape.heads
    shape.hidden = (width * 8 / 3 + 15) / 16 * 16
    shape.window = 128
    shape.bigramRows = 1
    shape.trigramRows = 1
    return shape
  }

  /// Random weights of a shape, the same ones every time.
  func start(_ shape: Configuration) throws -> TrainableModel {
    var generator = SeededGenerator(seed: settings.seed)
    return try TrainableModel(random: shape, tokenizer: tokenizer, using: &generator)
  }

  /// - Parameters:
  ///   - tokens: to train on.
  ///   - change: of the settings that all models share.
  func trainer(
    _ start: TrainableModel, on documents: [[UInt8]], tokens: Int,
    _ change: (inout TrainingSettings) -> Void = { _ in }
  ) throws -> Trainer {
    var training = TrainingSettings(budget: .tokens(tokens))
    training.tokensPerStep = 4096
    training.length = 128
    training.decay = 0.5
    training.seed = settings.seed
    training.workers = settings.threads
    change(&training)
    return try Trainer(
      start.weights, rotary: start.rotary,
      corpus: TrainingCorpus(documents, merges: tokenizer.merges),
      heldOut: TrainingCorpus(heldOut, merges: tokenizer.merges), settings: training)
  }

  static func bytes(_ documents: [[UInt8]]) -> Int { documents.reduce(0) { $0 + $1.count } }

  static func shown(_ count: Int) -> String {
    switch count {
    case 1_000_000...: String(format: "%.1f M", Double(count) / 1e6)
    case 1000...: String(format: "%.0f k", Double(count) / 1e3)
    default: "\(count)"
    }
  }
}
