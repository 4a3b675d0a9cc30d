import ArgumentParser
import Foundation
import LMZ
import Studies

/// `lmz study`: experiments that end in a report with figures.
struct Study: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Run an experiment and write a report with figures.",
    subcommands: [
      StudyConcat.self, StudyLearning.self, StudyScaling.self, StudyOverfit.self,
    ])
}

/// What all studies take.
struct StudyOptions: ParsableArguments {
  @Argument(help: "Text files and directories.") var data: [String]
  @Option(name: .shortAndLong, help: "Directory for the report.") var output: String
  @Option(help: "Seed of everything random.") var seed: UInt64 = 1
  @OptionGroup var execution: ThreadOptions
  @Flag(name: .shortAndLong, help: "No progress.") var quiet = false

  /// - Parameter minimum: bytes of text.
  func texts(atLeast minimum: Int) throws -> TextFiles {
    let text = try TextFiles(data, quiet: quiet)
    guard text.bytes >= minimum else {
      throw ValidationError("\(text.bytes) bytes of text; this study needs \(minimum) or more")
    }
    return text
  }

  /// Runs a study with a progress bar and writes its report.
  func run(_ study: (_ progress: @escaping @Sendable (Double) -> Void) throws -> StudyReport) throws
  {
    let directory = try OutputDirectory(output)
    let bar = ShareBar(isOn: !quiet)
    defer { bar.finish() }
    let report = try study { bar.show($0) }
    bar.finish()
    for figure in report.figures {
      try directory.write(figure.svg, to: "\(report.name)-\(figure.name).svg")
    }
    try directory.write(report.markdown, to: "\(report.name).md")
    try Console.print(report.markdown)
  }
}

/// `lmz study concat`.
struct StudyConcat: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "concat",
    abstract: "The gap C(X) + C(Y) - C(X+Y) by relation and length, beside controls.",
    discussion: """
      Texts of one kind are in one directory, or have names that begin alike up to __ (ja_docs__rurema.txt is \
      of the kind ja_docs, and of the group ja).
      """)

  @OptionGroup var options: StudyOptions
  @Option(help: "Use this model: nano, small, a model file or an adapter.") var model = "nano"
  @Flag(name: .customLong("lm-only"), help: "Use the language model alone.") var alone = false
  @Option(help: "Texts Y.") var pairs = 20
  @Option(help: "Texts Y for which the model, if it is no adapter, is adapted to X, too.")
  var adapted = 3
  @Option(help: "Largest length of X and Y in bytes.") var longest = 16 << 10
  @Option(help: "Other programs to measure beside: gzip,xz,zstd,brotli,bzip2.")
  var against = "gzip,xz,zstd"

  func validate() throws {
    guard (2...10_000).contains(pairs) else {
      throw ValidationError("--pairs must be in 2...10000")
    }
    guard (0...pairs).contains(adapted) else {
      throw ValidationError("--adapted must be in 0...\(pairs), the number of pairs")
    }
    guard (1 << 10...1 << 20).contains(longest) else {
      throw ValidationError("--longest must be in 1024...1048576")
    }
    _ = try Peer.list(against)
  }

  func run() throws {
    var settings = ConcatenationStudy.Settings()
    settings.pairs = pairs
    settings.longest = longest
    settings.seed = options.seed
    settings.threads = options.execution.count
    let file = try ModelFile.bytes(model)
    let named = try NamedModel(file, of: model)
    let coding = Options(method: alone ? .languageModelOnly : .mixed, lanes: 1, threads: 1)
    let compressor = Compressor(model: named, options: coding)
    var compressors = [MeasuredCompressor("lmz", size: compressor.verifiedSize)]
    compressors += try Peer.list(against).map { MeasuredCompressor($0.rawValue, size: $0.size) }
    let study = ConcatenationStudy(try sources(), compressors: compressors, settings: settings)
    if let objection = study.objection { throw ValidationError(objection) }
    let adaptation =
      adapted > 0 && !Adapter.isAdapter(file)
      ? try AdaptedConcatenation(file: file, options: coding) : nil
    try options.run { progress in
      try study.run(adapted: adaptation.map { (adapted, $0) }, progress: progress)
    }
  }

  private func sources() throws -> [ConcatenationStudy.Source] {
    try DirectoryContents.expanded(options.data).compactMap { name in
      let content = Spelling(characterSetOf: try InputFile.content(name)).bytes
      guard ContentKind.isText(content) else {
        Console.warning("\(Console.shown(name)): is no text -- ignored", quiet: options.quiet)
        return nil
      }
      let url = URL(filePath: name)
      let file = url.lastPathComponent
      let kind = file.range(of: "__").map { String(file[..<$0.lowerBound]) }
      return ConcatenationStudy.Source(
        name: name, kind: kind ?? url.deletingLastPathComponent().lastPathComponent,
        content: content)
    }
  }
}

/// `lmz study learning`.
struct StudyLearning: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "learning",
    abstract: "The size of a text, compressed by a model in training.")

  @OptionGroup var options: StudyOptions
  @Option(help: "The text that is compressed; held-out text unless given.") var text: String?
  @Option(help: "Tokens of training.") var tokens = 1_000_000
  @Option(help: "Other programs to measure beside: gzip,xz,zstd,brotli,bzip2.")
  var against = "gzip,xz,zstd"

  func validate() throws {
    try validateTokens(tokens)
    _ = try Peer.list(against)
  }

  func run() throws {
    let study = try options.trainingStudy()
    let text = try text.map { try InputFile.content($0, head: 1 << 20) }
    let peers = try Peer.list(against).map { MeasuredCompressor($0.rawValue, size: $0.size) }
    try options.run { try study.learning(tokens: tokens, text: text, peers: peers, progress: $0) }
  }
}

/// `lmz study scaling`.
struct StudyScaling: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "scaling",
    abstract: "The loss of models of five sizes, and the power law through it.")

  @OptionGroup var options: StudyOptions
  @Option(help: "Tokens that each model is trained on.") var tokens = 1_000_000

  func validate() throws { try validateTokens(tokens) }

  func run() throws {
    let study = try options.trainingStudy()
    try options.run { try study.scaling(tokens: tokens, progress: $0) }
  }
}

/// `lmz study overfit`.
struct StudyOverfit: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "overfit",
    abstract: "Training on little text over and over: where learning by heart begins.")

  @OptionGroup var options: StudyOptions
  @Option(help: "Epochs over the smallest text.") var epochs = 40

  func validate() throws {
    guard (1...10_000).contains(epochs) else {
      throw ValidationError("--epochs must be in 1...10000")
    }
  }

  func run() throws {
    let study = try options.trainingStudy()
    try options.run { try study.overfit(epochs: epochs, progress: $0) }
  }
}

private func validateTokens(_ tokens: Int) throws {
  guard tokens > 0 else { throw ValidationError("--tokens must be positive") }
}

extension StudyOptions {
  fileprivate func trainingStudy() throws -> TrainingStudy {
    var settings = TrainingStudy.Settings()
    settings.seed = seed
    settings.threads = execution.count
    return try TrainingStudy(
      try texts(atLeast: 64 << 10).documents, base: EmbeddedModel.nano.file, settings: settings)
  }
}
