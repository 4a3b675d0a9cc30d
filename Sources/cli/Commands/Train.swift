import ArgumentParser
import Figures
import Foundation
import LMZ

/// `lmz train`: a model from one's own text.
struct Train: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Train a model on your own text.",
    discussion: """
      Reads files and directories of text and writes a model file for --model, beside it the measurements \
      as OUT.jsonl and as a chart OUT.svg. A twentieth of the text is held out to measure with, unless \
      --held-out names other files; the model that measured best is written. Where it is interrupted, \
      the same command goes on from OUT.checkpoint.
      """)

  @Argument(help: "Text files and directories.") var data: [String]
  @Option(name: .shortAndLong, help: "Write the model to this file.") var output: String
  @Option(help: "Begin with this model: nano, small, or a model file.") var `init`: String?
  @Option(help: "Train a new model of this shape: nano, small, or a JSON file.") var size: String?
  @Option(help: "With --size: train a tokenizer of this many tokens on the text, too.")
  var vocabulary: Int?
  @Option(help: "Stop after this many minutes.") var minutes: Double?
  @Option(help: "Stop after this many tokens.") var tokens: Double?
  @Option(name: .customLong("held-out"), help: "Measure with this file; may be repeated.")
  var heldOut: [String] = []
  @OptionGroup var hyperparameters: Hyperparameters
  @OptionGroup var execution: ThreadOptions
  @Option(help: "Name of the model; the file's name unless given.") var name: String?
  @Flag(name: .shortAndLong, help: "Replace an existing model.") var force = false
  @Flag(name: .shortAndLong, help: "No progress.") var quiet = false

  /// The most bytes that a tokenizer learns from.
  private static let tokenizerText = 32 << 20

  func validate() throws {
    if `init` != nil && size != nil {
      throw ValidationError("--init and --size exclude each other")
    }
    if let vocabulary {
      guard size != nil else { throw ValidationError("--vocabulary needs --size") }
      guard (300...32768).contains(vocabulary) else {
        throw ValidationError("--vocabulary must be in 300...32768")
      }
    }
    if minutes != nil && tokens != nil {
      throw ValidationError("--minutes and --tokens exclude each other")
    }
    if let minutes, !(minutes > 0 && minutes <= 1e6) {
      throw ValidationError("--minutes must be positive")
    }
    if let tokens, !(tokens >= 1 && tokens <= 1e12) {
      throw ValidationError("--tokens must be positive")
    }
  }

  func run() throws {
    if !force && FileManager.default.fileExists(atPath: output) {
      throw FileError(output, "already exists; use -f to replace it")
    }
    let origin = try origin()
    let documents = try documents()
    let start = try startingModel(origin, documents.training)
    func corpus(_ documents: [[UInt8]]) -> TrainingCorpus {
      TrainingCorpus(documents, merges: start.tokenizer.merges)
    }
    let trainer = try Trainer(
      start.weights, rotary: start.rotary, corpus: corpus(documents.training),
      heldOut: corpus(documents.heldOut), settings: settings())
    let files = TrainingFiles(output)
    try files.resume(trainer, quiet: quiet)
    let monitor = TrainingMonitor(trainer, log: files.log, quiet: quiet)
    Interrupts.install()
    Interrupts.askFirst()
    let outcome = try trainer.run(
      isStopped: { Interrupts.isStopRequested }, report: monitor.report, save: files.saveIfDue)
    monitor.finish()
    if outcome == .interrupted {
      try files.save(trainer)
      Console.say("\(Console.shown(output)): stopped; the same command goes on")
      throw ExitStatus.error
    }
    try write(trainer, start, origin.shape == nil ? origin.file.model : nil, outcome, monitor)
    files.removeCheckpoint()
  }

  /// The model that gives weights, or tokenizer and shape; and the shape where weights shall be random.
  private func origin() throws -> (file: ModelFile, shape: Configuration?) {
    guard let size else { return (try ModelFile(`init` ?? "small"), nil) }
    if EmbeddedModel(rawValue: size) != nil {
      let file = try ModelFile(size)
      return (file, file.model.configuration)
    }
    return (try ModelFile("small"), try shape(size))
  }

  private func startingModel(
    _ origin: (file: ModelFile, shape: Configuration?), _ documents: [[UInt8]]
  ) throws -> TrainableModel {
    guard let shape = origin.shape else {
      return try TrainableModel(file: origin.file.safetensors)
    }
    var generator = SeededGenerator(seed: hyperparameters.seed)
    let tokenizer =
      try vocabulary.map { try trainedTokenizer($0, from: documents) }
      ?? origin.file.model.tokenizer
    return try TrainableModel(random: shape, tokenizer: tokenizer, using: &generator)
  }

  /// A tokenizer learned from documents drawn at random.
  private func trainedTokenizer(_ size: Int, from documents: [[UInt8]]) throws -> Tokenizer {
    var generator = SeededGenerator(seed: hyperparameters.seed)
    var drawn: [[UInt8]] = []
    var bytes = 0
    for document in documents.shuffled(using: &generator) where bytes < Self.tokenizerText {
      drawn.append(document)
      bytes += document.count
    }
    let tokenizer = try BytePairTrainer(drawn).train(vocabulary: size)
    if tokenizer.vocabulary.count < size {
      Console.warning(
        "the text has words for \(tokenizer.vocabulary.count) tokens only, not \(size)",
        quiet: quiet)
    }
    return tokenizer
  }

  private func shape(_ name: String) throws -> Configuration {
    let bytes = try InputFile.content(name)
    do {
      return try JSONDecoder().decode(Configuration.self, from: Data(bytes))
    } catch let error as DecodingError {
      throw FileError(name, "is no model shape: \(error)")
    }
  }

  private func documents() throws -> (training: [[UInt8]], heldOut: [[UInt8]]) {
    let text = try TextFiles(data, quiet: quiet)
    let minimum = 4096
    guard text.bytes >= minimum else {
      throw ValidationError(
        "\(text.bytes) bytes of text in \(text.files) files; training needs \(minimum) or more")
    }
    if heldOut.isEmpty {
      let split = HeldOutSplit(text.spelled, seed: hyperparameters.seed)
      return (split.training, split.heldOut)
    }
    let other = try TextFiles(heldOut, quiet: quiet)
    guard other.bytes > 0 else { throw ValidationError("the files of --held-out hold no text") }
    return (text.spelled, other.spelled)
  }

  private func settings() -> TrainingSettings {
    let isNew = size != nil
    let budget: TrainingSettings.Budget =
      tokens.map { .tokens(Int($0)) } ?? .seconds(60 * (minutes ?? 10))
    var settings = hyperparameters.settings(budget: budget, isNew: isNew)
    settings.workers = execution.count
    return settings
  }

  private func write(
    _ trainer: Trainer, _ start: TrainableModel, _ origin: Model?, _ outcome: Trainer.Outcome,
    _ monitor: TrainingMonitor
  ) throws {
    let before = origin.map(Self.tokensSeen) ?? 0
    let provenance = try Measure.jsonObject([
      "tokens": .number(before + Double(trainer.state.tokens)),
      "steps": .number(Double(trainer.state.steps)),
      "init": .text(origin?.name ?? "random"),
    ])
    let name = name ?? URL(filePath: output).deletingPathExtension().lastPathComponent
    let bytes = try start.file(named: name, weights: trainer.best, provenance: provenance)
    let file = try OutputFile(output, replacing: force)
    try file.sink.write(bytes)
    try file.commit(like: nil)
    try monitor.writeChart(output + ".svg", title: name)
    if !quiet {
      Console.say("\(Console.shown(output)): \(monitor.summary(outcome)), \(bytes.count) bytes")
    }
  }
}

extension Train {
  /// Tokens of training that a model file tells of.
  fileprivate static func tokensSeen(by model: Model) -> Double {
    struct Provenance: Decodable { let tokens: Double }
    let text = model.metadata["provenance"] ?? ""
    return (try? JSONDecoder().decode(Provenance.self, from: Data(text.utf8)))?.tokens ?? 0
  }
}

/// What one may choose about training.
struct Hyperparameters: ParsableArguments {
  @Option(help: "What trains the matrices: muon or adamw.") var optimizer = "muon"
  @Option(help: "Factor of the learning rates.") var rate: Float?
  @Option(help: "Tokens of one step.") var batch: Int?
  @Option(help: "Tokens of one sequence, at most.") var length: Int?
  @Option(help: "Share of the training in which the learning rate falls to zero.") var decay: Float?
  @Option(help: "Dropout.") var dropout: Float = 0
  @Option(name: .customLong("weight-decay"), help: "Weight decay of the matrices.")
  var weightDecay: Float = 0.02
  @Option(help: "Stop when this many measurements in a row were no better; 0: never.")
  var patience = 5
  @Option(help: "Seed of everything random.") var seed: UInt64 = 1

  func validate() throws {
    func check(_ holds: Bool, _ what: String) throws {
      if !holds { throw ValidationError(what) }
    }
    try check(
      Optimizer.Settings.Method(rawValue: optimizer) != nil, "--optimizer must be muon or adamw")
    try check(rate.map { $0 > 0 && $0 <= 100 } ?? true, "--rate must be positive")
    try check(batch.map { (16...1 << 24).contains($0) } ?? true, "--batch must be in 16...16777216")
    try check(length.map { (16...4096).contains($0) } ?? true, "--length must be in 16...4096")
    try check(decay.map { $0 > 0 && $0 <= 1 } ?? true, "--decay must be above 0, at most 1")
    try check(dropout >= 0 && dropout < 1, "--dropout must be in 0..<1")
    try check(weightDecay >= 0 && weightDecay < 10, "--weight-decay must be in 0..<10")
    try check(patience >= 0, "--patience must not be negative")
  }

  /// - Parameter isNew: whether training begins with random weights; a model that knows something
  ///   already is moved in smaller steps.
  func settings(budget: TrainingSettings.Budget, isNew: Bool) -> TrainingSettings {
    var settings = TrainingSettings(budget: budget)
    let factor = rate ?? (isNew ? 1 : 0.25)
    settings.optimizer.method = .init(rawValue: optimizer) ?? .muon
    settings.optimizer.muonRate *= factor
    settings.optimizer.adamRate *= factor
    settings.optimizer.weightDecay = weightDecay
    settings.tokensPerStep = batch ?? 4096
    settings.length = length ?? (isNew ? 256 : 2048)
    settings.warmup = isNew ? 0.01 : 0.03
    settings.decay = decay ?? (isNew ? 0.5 : 0.9)
    settings.dropout = dropout
    settings.patience = patience
    settings.seed = seed
    return settings
  }
}
