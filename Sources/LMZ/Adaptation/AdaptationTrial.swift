import Adapt
import Kernels
import LM

/// Adapts a model to a corpus and measures what that is worth through the real coder, on documents that
/// nothing else saw.
package final class AdaptationTrial {
  package struct Settings: Sendable {
    /// Windows in each role.
    package var samples = 100
    /// Tokens of a window.
    package var length = 128
    /// Bytes of text that streams may begin with.
    package var priming = 32 << 10
    package var seed: UInt64 = 1

    package init() {}
  }

  /// A way of adapting, as it came out.
  package struct Outcome: Sendable {
    package let name: String
    /// Nil where the confirmation windows did not bear the method out.
    package let adapter: [UInt8]?
    package let choices: [String]
    package let seconds: Double
    package let phases: Phases
    package let candidates: Int
  }

  private let base: NamedModel
  private let baseFile: [UInt8]
  /// For documents: one lane, one thread.
  private let options: Options
  private let workers: Int
  private let settings: Settings
  private let bench: Workbench
  private let primingText: [UInt8]
  /// What decides between ways of adapting, each document compressed alone.
  private let confirmation: [[UInt8]]
  /// What is reported, untouched until then.
  package let test: [[UInt8]]

  /// Largest document of those that are measured.
  private static let measuredPiece = 4 << 10
  /// The most documents to decide or report with.
  private static let measuredDocuments = 48

  /// - Parameter documents: the corpus; a fifth of it is kept for the report and an eighth of the rest to
  ///   decide with.
  package init(
    _ documents: [[UInt8]], baseFile: [UInt8], settings: Settings, options: Options
  ) throws {
    base = try NamedModel(file: baseFile)
    self.baseFile = baseFile
    self.settings = settings
    var single = options
    single.lanes = 1
    single.threads = 1
    self.options = single
    workers = options.threads
    let outer = HeldOutSplit(
      documents, share: 0.2, limit: 128 << 10, largestPiece: Self.measuredPiece,
      seed: settings.seed)
    let inner = HeldOutSplit(
      outer.training, share: 0.125, limit: 64 << 10, largestPiece: Self.measuredPiece,
      seed: settings.seed &+ 1)
    var generator = SeededGenerator(seed: settings.seed &+ 3)
    test = Array(outer.heldOut.shuffled(using: &generator).prefix(Self.measuredDocuments))
    confirmation = Array(inner.heldOut.shuffled(using: &generator).prefix(Self.measuredDocuments))
    let isFolded = Self.isFolded(inner.training)
    func coded(_ text: [UInt8]) -> [UInt8] { isFolded ? Spelling(of: text).bytes : text }
    let limit = min(settings.priming, Adapter.longestPriming)
    let priming = coded(Self.priming(inner.training, limit: limit, seed: settings.seed))
    // What is kept takes a byte more.
    primingText = Array(priming.suffix(limit))
    let file = try Safetensors(baseFile)
    let model = base.model
    let trainable = try TrainableModel(file: file)
    let samples = AdaptationSamples(
      training: TrainingCorpus(inner.training.map(coded), merges: model.merges),
      confirmation: TrainingCorpus(inner.heldOut.map(coded), merges: model.merges),
      count: settings.samples,
      length: settings.length, seed: settings.seed)
    guard !samples.gradient.sequences.isEmpty, !samples.choice.sequences.isEmpty,
      !samples.confirmation.sequences.isEmpty, !test.isEmpty
    else { throw TrainingError.noText }
    bench = try Workbench(
      trainable.weights, rotary: trainable.rotary, samples: samples, length: settings.length,
      workers: options.threads)
  }

  /// Whether the coder folds escapes in most of the text, each document by itself.
  private static func isFolded(_ documents: [[UInt8]]) -> Bool {
    let folded = documents.filter { Spelling(of: $0).form?.escapes != nil }
    return 2 * folded.reduce(0) { $0 + $1.count } > documents.reduce(0) { $0 + $1.count }
  }

  /// Windows that the corpus had for gradient, choice and confirmation.
  package var windows: (gradient: Int, choice: Int, confirmation: Int) {
    let s = bench.samples
    return (s.gradient.sequences.count, s.choice.sequences.count, s.confirmation.sequences.count)
  }

  /// Documents drawn at random, up to `limit` bytes; the last part of the last one where that is longer.
  private static func priming(_ documents: [[UInt8]], limit: Int, seed: UInt64) -> [UInt8] {
    var generator = SeededGenerator(seed: seed &+ 2)
    var text: [UInt8] = []
    for document in documents.shuffled(using: &generator) where text.count < limit {
      text = document.suffix(limit - text.count) + text
    }
    return text
  }

  /// Adapts once, for each of `variants`: whether streams also begin with text of the corpus.
  package func run(_ method: Adaptation.Method, primed variants: [Bool]) throws -> [Outcome] {
    let adaptation = try bench.adapt(method, seed: settings.seed)
    return try variants.map { primed in
      let priming = primed ? primingText : []
      var adapter: [UInt8]?
      if adaptation.isConfirmed, !adaptation.changed.isEmpty || !priming.isEmpty {
        adapter = try Adapter.file(
          base: base.identityText, name: "", method: Self.name(method, primed),
          change: (bench.base, adaptation.weights, adaptation.changed), priming: priming)
      }
      return Outcome(
        name: Self.name(method, primed), adapter: adapter, choices: adaptation.choices,
        seconds: adaptation.seconds, phases: adaptation.phases,
        candidates: adaptation.candidates)
    }
  }

  private static func name(_ method: Adaptation.Method, _ primed: Bool) -> String {
    switch (method, primed) {
    case (.none, true): "prime"
    case (_, true): "\(method.rawValue)+prime"
    default: method.rawValue
    }
  }

  /// Compressed bytes of each document with an adapter, or with the base.
  private func sizes(_ documents: [[UInt8]], _ adapter: [UInt8]?) throws -> [Int] {
    let model =
      try adapter.map { try NamedModel(adapter: $0, base: { _ in baseFile }) } ?? base
    return try sizes(documents, Compressor(model: model, options: options))
  }

  private func sizes(_ documents: [[UInt8]], _ compressor: Compressor) throws -> [Int] {
    let (sizes, workers) = (Buffer<Int>(count: documents.count), self.workers)
    // A document has one lane and keeps one thread busy.
    try runTeam(workers) { (worker: Int) throws in
      for i in stride(from: worker, to: documents.count, by: workers) {
        sizes[i] =
          try compressor.compress(from: ArraySource(documents[i]), to: CollectingSink()).archive
      }
    }
    return sizes.array(0..<documents.count)
  }

  /// What an adapter does for the documents of the report.
  package struct Measurement: Sendable {
    package let bitsPerByte: Double
    /// Change against the base in percent of its size, and half of a 95 % interval.
    package let change: Double
    package let interval: Double
    package let adapterBytes: Int
  }

  /// What the codec itself does for the documents of the report, without any adapter: each by the model
  /// alone, and all in one stream, where the context models learn from one for the next. That counts as
  /// many headers as there are documents.
  package func measureCodec() throws -> (
    modelAlone: Measurement, oneStream: (bitsPerByte: Double, change: Double)
  ) {
    let before = try sizes(test, nil)
    var aloneOptions = options
    aloneOptions.method = .languageModelOnly
    let alone = try sizes(test, Compressor(model: base, options: aloneOptions))
    let stream = try sizes([test.flatMap { $0 }, []], nil)
    let together = Double(stream[0] + (test.count - 1) * stream[1])
    let bytes = test.reduce(0) { $0 + $1.count }
    return (
      Self.measurement(test, before, alone, adapterBytes: 0),
      (8 * together / Double(bytes), 100 * (together / Double(before.reduce(0, +)) - 1))
    )
  }

  /// Measures adapters on the documents of the report, in one go with the base.
  package func measure(_ adapters: [[UInt8]?]) throws -> [Measurement] {
    let before = try sizes(test, nil)
    return try adapters.map { adapter in
      let after = adapter == nil ? before : try sizes(test, adapter)
      return Self.measurement(test, before, after, adapterBytes: adapter?.count ?? 0)
    }
  }

  private static func measurement(
    _ documents: [[UInt8]], _ before: [Int], _ after: [Int], adapterBytes: Int
  ) -> Measurement {
    let bytes = documents.reduce(0) { $0 + $1.count }
    let total = Double(before.reduce(0, +))
    let ratio = Double(after.reduce(0, +)) / total
    // Documents as samples of a ratio of sums.
    let squares = zip(before, after).reduce(0.0) {
      let residual = Double($1.1) - ratio * Double($1.0)
      return $0 + residual * residual
    }
    let n = Double(documents.count)
    let error = n > 1 ? (squares * n / (n - 1)).squareRoot() / total : .infinity
    return Measurement(
      bitsPerByte: 8 * Double(after.reduce(0, +)) / Double(max(1, bytes)),
      change: 100 * (ratio - 1), interval: 100 * 1.96 * error, adapterBytes: adapterBytes)
  }

  /// The way that makes the confirming documents smallest, where its gain is above two standard errors;
  /// else nothing is changed.
  ///
  /// - Returns: the choice, and what was tried.
  package func automatic() throws -> (chosen: Outcome, tried: [Outcome]) {
    let isPrimed = settings.priming > 0
    var tried = try run(.none, primed: isPrimed ? [false, true] : [false])
    tried += try run(.bias, primed: [isPrimed])
    let before = try sizes(confirmation, nil)
    var best = tried[0]
    var bestChange = 0.0
    for outcome in tried {
      guard let adapter = outcome.adapter else { continue }
      let result = Self.measurement(
        confirmation, before, try sizes(confirmation, adapter), adapterBytes: adapter.count)
      if result.change < bestChange && result.change + result.interval < 0 {
        best = outcome
        bestChange = result.change
      }
    }
    return (best, tried)
  }
}
