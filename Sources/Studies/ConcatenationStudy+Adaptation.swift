import Adapt
import Figures
import Foundation
import LM
import LMZ

/// Other ways to learn from X than coding Y behind it: the model's weights are adapted to X, or trained
/// on it.
public struct AdaptedConcatenation: Sendable {
  let file: [UInt8]
  let base: NamedModel
  let trainable: TrainableModel
  private let options: Options

  /// Methods that are tried: one that moves few numbers, and one that moves all.
  private static let methods = [Adaptation.Method.bias, .full]
  static let relations: [Relation] = [
    .sameSource, .sameKind, .sameGroup, .otherGroup, .bytes,
  ]
  /// Tokens of a window; windows for the gradient and to choose with.
  static let length = 128
  private static let windows = 100

  /// What adapting to X does for Y.
  private struct Measurement {
    let relation: Relation
    let method: Adaptation.Method
    /// Bytes of Y by the base and by the adapted model.
    let before: Int
    let after: Int
    let adapter: Int
  }

  /// - Parameters:
  ///   - file: the model file.
  ///   - options: for coding; one lane.
  /// - Throws: `ModelFileError` where the file is no model.
  public init(file: [UInt8], options: Options) throws {
    self.file = file
    base = try NamedModel(file: file)
    trainable = try TrainableModel(file: Safetensors(file))
    self.options = options
  }

  /// Sections of the report: weights adapted to X, and trained on X, on Y and on both.
  func sections(_ pairs: [ConcatenationPairs.Pair], length: Int, threads: Int) throws -> [String] {
    let chosen = pairs.filter { Self.relations.contains($0.relation) }
    return [
      try adapted(chosen, length: length, threads: threads),
      try trained(chosen, length: length, threads: threads),
    ]
  }

  /// For each relation the mean of what texts Y of `length` bytes need less when
  /// the model was adapted to X.
  private func adapted(_ pairs: [ConcatenationPairs.Pair], length: Int, threads: Int) throws
    -> String
  {
    var measured: [Measurement] = []
    for pair in pairs {
      let (x, y) = pair.contents(length)
      let before = try size(y, base)
      let bench = try workbench(on: x, threads: threads)
      for method in Self.methods {
        let adapter = try bench.flatMap { try self.adapter(method, $0) }
        let after = try adapter.map {
          try size(y, NamedModel(adapter: $0, base: { _ in file }))
        }
        measured.append(
          Measurement(
            relation: pair.relation, method: method, before: before, after: after ?? before,
            adapter: adapter?.count ?? 0))
      }
    }
    let texts = Set(pairs.map(\.number)).count
    let rows = Self.relations.flatMap { relation in
      Self.methods.compactMap { method -> [String]? in
        let all = measured.filter { $0.relation == relation && $0.method == method }
        guard !all.isEmpty else { return nil }
        func mean(_ value: (Measurement) -> Int) -> Double {
          Double(all.reduce(0) { $0 + value($1) }) / Double(all.count)
        }
        return [
          relation.rawValue, method.rawValue, String(format: "%.0f", mean(\.before)),
          String(format: "%.0f", mean { $0.before - $0.after }),
          String(format: "%.0f", mean { $0.before - $0.after - $0.adapter }),
        ]
      }
    }
    return """
      ## Weights adapted to X

      Instead of coding Y behind X, the model is adapted to X (docs/LEARNING.md; where its windows do not \
      confirm a gain, it stays as it is) and codes Y alone. \(length >> 10) KB each, \(texts) texts Y, \
      bytes saved without and with those of the adapter.

      \(markdownTable([["X", "method", "C(Y)", "saved", "less the adapter"]] + rows))
      """
  }

  /// Samples of a text, with the model; nil where the text is too short.
  private func workbench(on text: [UInt8], threads: Int) throws -> Workbench? {
    let split = HeldOutSplit([text], share: 0.2, largestPiece: 2 << 10, seed: 1)
    let merges = trainable.tokenizer.merges
    let samples = AdaptationSamples(
      training: TrainingCorpus(split.training, merges: merges),
      confirmation: TrainingCorpus(split.heldOut, merges: merges), count: Self.windows,
      length: Self.length, seed: 1)
    guard !samples.choice.sequences.isEmpty, !samples.confirmation.sequences.isEmpty else {
      return nil
    }
    return try Workbench(
      trainable.weights, rotary: trainable.rotary, samples: samples, length: Self.length,
      workers: threads)
  }

  /// An adapter; nil where nothing is gained on windows that were not used.
  private func adapter(_ method: Adaptation.Method, _ bench: Workbench) throws -> [UInt8]? {
    let adaptation = try bench.adapt(method)
    guard adaptation.isConfirmed, !adaptation.changed.isEmpty else { return nil }
    return try Adapter.file(
      base: base.identityText, name: "", method: method.rawValue,
      change: (bench.base, adaptation.weights, adaptation.changed), priming: [])
  }

  /// Bytes of an archive that was decoded and compared.
  func size(_ content: [UInt8], _ model: NamedModel) throws -> Int {
    try Compressor(model: model, options: options).verifiedSize(of: content)
  }
}
