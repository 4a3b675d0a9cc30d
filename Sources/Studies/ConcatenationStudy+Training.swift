import Adapt
import Figures
import Foundation
import LM
import LMZ

extension AdaptedConcatenation {
  /// Which numbers of the model are trained: few, or all.
  private static let parts: [(name: String, part: Optimizer.Settings.Part)] = [
    ("output bias and scales", .vectors), ("everything", .everything),
  ]
  private static let epochs = 4

  /// Sizes of X, Y and both, each by a model that was trained on it, and of the adapters.
  private struct Trained {
    let relation: Relation
    let part: String
    let texts: Concatenation
    let withAdapters: Concatenation
  }

  /// For each relation the gap where every text is coded by a model that was trained on that text: with the
  /// adapters, without which nobody could decode it, and without.
  func trained(_ pairs: [ConcatenationPairs.Pair], length: Int, threads: Int) throws -> String {
    var measured: [Trained] = []
    for (name, part) in Self.parts {
      // Pairs have texts in common.
      var known: [[UInt8]: (text: Int, adapter: Int)] = [:]
      func sizes(_ text: [UInt8]) throws -> (text: Int, adapter: Int) {
        if let found = known[text] { return found }
        let adapter = try adapter(trainedOn: text, part, threads: threads)
        let model = try NamedModel(adapter: adapter, base: { _ in file })
        let sizes = (text: try size(text, model), adapter: adapter.count)
        known[text] = sizes
        return sizes
      }
      for pair in pairs {
        let (x, y) = pair.contents(length)
        let sizes = try [x, y, x + y].map(sizes)
        func concatenation(_ size: ((text: Int, adapter: Int)) -> Int) -> Concatenation {
          Concatenation(x: size(sizes[0]), y: size(sizes[1]), xy: size(sizes[2]))
        }
        measured.append(
          Trained(
            relation: pair.relation, part: name, texts: concatenation { $0.text },
            withAdapters: concatenation { $0.text + $0.adapter }))
      }
    }
    let rows = Self.parts.flatMap { name, _ in
      Self.relations.compactMap { relation -> [String]? in
        let all = measured.filter { $0.relation == relation && $0.part == name }
        guard !all.isEmpty else { return nil }
        func mean(_ value: (Trained) -> Int) -> String {
          String(format: "%.0f", Double(all.reduce(0) { $0 + value($1) }) / Double(all.count))
        }
        return [
          name, relation.rawValue, mean(\.texts.x), mean(\.texts.y), mean(\.texts.xy),
          mean(\.texts.gap), mean { ($0.withAdapters.x - $0.texts.x) }, mean(\.withAdapters.gap),
        ]
      }
    }
    return """
      ## Weights trained on X, on Y and on both

      Every text is coded by the model after \(Self.epochs) epochs over that very text, \(length >> 10) KB \
      each of X and Y. Only with the adapter could it be decoded; as one adapter serves both texts in \
      place of two, the gap with adapters has an adapter's bytes whatever the texts are.

      \(markdownTable([
        ["trained", "X", "C(X)", "C(Y)", "C(X‖Y)", "gap", "an adapter", "gap with adapters"]
      ] + rows))
      """
  }

  /// An adapter after some epochs over a text.
  private func adapter(trainedOn text: [UInt8], _ part: Optimizer.Settings.Part, threads: Int)
    throws -> [UInt8]
  {
    let corpus = TrainingCorpus([text], merges: trainable.tokenizer.merges)
    var settings = TrainingSettings.fineTuning(
      part, tokens: Self.epochs * corpus.predicted, length: Self.length, workers: threads)
    settings.evaluateEvery = 1
    let trainer = try Trainer(
      trainable.weights.copy(), rotary: trainable.rotary, corpus: corpus, heldOut: corpus,
      settings: settings)
    _ = try trainer.run(isStopped: { false }, report: { _ in }, save: { _ in })
    let changed = trainer.layout.all.filter {
      trainer.weights.values.array($0.range) != trainable.weights.values.array($0.range)
    }
    return try Adapter.file(
      base: base.identityText, name: "", method: "trained",
      change: (trainable.weights, trainer.weights, changed), priming: [])
  }
}
