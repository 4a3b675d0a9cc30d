import Adapt
import ArgumentParser
import Figures
import Foundation
import LMZ

/// `lmz adapt`: a small change of the model for one's own kind of text.
struct AdaptCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "adapt",
    abstract: "Adapt the model to a kind of text from 100 samples of it.",
    discussion: """
      Writes an adapter for --model, with which more text of the same kind becomes smaller; decoding needs \
      it, too. A fifth of the corpus is kept back to report on. --method auto takes what makes text that \
      was not looked at smallest, which may be nothing.
      """)

  @Argument(help: "Files and directories of text of that kind.") var corpus: [String]
  @Option(name: .shortAndLong, help: "Write the adapter to this file.") var output: String?
  @Flag(help: "Every line is a document: log lines, JSON messages.") var lines = false
  @Option(help: "nano or small.") var base = "small"
  @Option(help: "auto, prime, or one of: \(methodNames).") var method = "auto"
  @Option(help: "Samples for the gradient, for choosing and for confirming.") var samples = 100
  @Option(help: "Tokens of a sample.") var length = 128
  @Option(help: "Bytes of text that streams begin with; 0 for none.") var priming = 32 << 10
  @Option(help: "Run every method but laser and write a table to this directory.")
  var report: String?
  @Flag(help: "Run laser for the report, too: slow.") var laser = false
  @Option(help: "Seed of everything random.") var seed: UInt64 = 1
  @OptionGroup var execution: ThreadOptions
  @Option(help: "Name of the adapter; the file's name unless given.") var name: String?
  @Flag(name: .shortAndLong, help: "Replace an existing file.") var force = false
  @Flag(name: .shortAndLong, help: "Say nothing.") var quiet = false

  private static let methodNames = Adaptation.Method.allCases.map(\.rawValue).joined(
    separator: ", ")

  func validate() throws {
    func check(_ holds: Bool, _ what: String) throws {
      if !holds { throw ValidationError(what) }
    }
    try check(output != nil || report != nil, "-o FILE or --report DIR is needed")
    try check(EmbeddedModel(rawValue: base) != nil, "--base must be nano or small")
    try check(
      ["auto", "prime"].contains(method) || Adaptation.Method(rawValue: method) != nil,
      "--method must be auto, prime, or one of: \(Self.methodNames)")
    try check((2...100_000).contains(samples), "--samples must be in 2...100000")
    try check((16...1024).contains(length), "--length must be in 16...1024")
    try check((0...256 << 10).contains(priming), "--priming must be in 0...262144")
    try check(method != "prime" || priming > 0, "--method prime needs --priming above 0")
    try check(
      output != nil || method == "auto", "--method is for -o; a report has every method")
    try check(!laser || report != nil, "--laser is for --report")
  }

  func run() throws {
    if let output, !force, FileManager.default.fileExists(atPath: output) {
      throw FileError(output, "already exists; use -f to replace it")
    }
    let text = try TextFiles(corpus, quiet: quiet)
    let documents =
      lines
      ? text.documents.flatMap { $0.split(separator: 0x0A).map { Array($0) + [0x0A] } }
      : text.documents
    let minimum = 2048
    guard text.bytes >= minimum, !lines || documents.count >= 20 else {
      throw ValidationError(
        "\(text.bytes) bytes of text in \(documents.count) documents; adapting needs \(minimum) bytes"
          + (lines ? " and 20 lines" : ""))
    }
    let trial = try makeTrial(documents)
    if let report { try writeReport(trial, to: report) }
    guard let output else { return }
    let outcome = try chosen(trial)
    try write(outcome, trial, to: output)
  }

  private func makeTrial(_ documents: [[UInt8]]) throws -> AdaptationTrial {
    var settings = AdaptationTrial.Settings()
    settings.samples = samples
    settings.length = length
    settings.priming = priming
    settings.seed = seed
    let trial = try AdaptationTrial(
      documents, baseFile: (EmbeddedModel(rawValue: base) ?? .small).file, settings: settings,
      options: Options(threads: execution.count))
    let counts = trial.windows
    if counts.gradient < samples || counts.choice < samples || counts.confirmation < samples {
      Console.warning(
        "the corpus has fewer than \(samples) samples of \(length) tokens for each use: "
          + "\(counts.gradient) for the gradient, \(counts.choice) to choose, "
          + "\(counts.confirmation) to confirm", quiet: quiet)
    }
    return trial
  }

  private func chosen(_ trial: AdaptationTrial) throws -> AdaptationTrial.Outcome {
    switch method {
    case "auto": try trial.automatic().chosen
    case "prime": try trial.run(.none, primed: [true])[0]
    default: try trial.run(Adaptation.Method(rawValue: method) ?? .none, primed: [false])[0]
    }
  }

  private func write(
    _ outcome: AdaptationTrial.Outcome, _ trial: AdaptationTrial, to output: String
  ) throws {
    guard let adapter = outcome.adapter else {
      Console.warning(
        "\(Console.shown(output)): not written: nothing was better than the model as it is")
      throw ExitStatus.warning
    }
    let name = name ?? URL(filePath: output).deletingPathExtension().lastPathComponent
    let bytes = try Adapter.renamed(adapter, to: name)
    let file = try OutputFile(output, replacing: force)
    try file.sink.write(bytes)
    try file.commit(like: nil)
    guard !quiet else { return }
    let measured = try trial.measure([nil, adapter])
    Console.say(
      "\(Console.shown(output)): \(outcome.name), \(bytes.count) bytes; text it did not see: "
        + String(
          format: "%.4f -> %.4f bits per byte (%+.1f ± %.1f %%)", measured[0].bitsPerByte,
          measured[1].bitsPerByte, measured[1].change, measured[1].interval))
  }

  private func writeReport(_ trial: AdaptationTrial, to directory: String) throws {
    let directory = try OutputDirectory(directory)
    var outcomes: [AdaptationTrial.Outcome] = []
    for method in Adaptation.Method.allCases where method != .laser || laser {
      if !quiet { Console.say("\(method.rawValue) …") }
      let isPrimedToo = priming > 0 && [.none, .bias, .full].contains(method)
      outcomes += try trial.run(method, primed: isPrimedToo ? [false, true] : [false])
    }
    let measured = try trial.measure(outcomes.map(\.adapter))
    var rows = [
      [
        "method", "bits per byte", "change", "± 95 %", "seconds", "candidates", "adapter bytes",
        "chosen", "of the seconds",
      ]
    ]
    func cells(_ name: String, _ bitsPerByte: Double, _ change: Double, _ interval: Double?)
      -> [String]
    {
      [
        name, String(format: "%.4f", bitsPerByte), String(format: "%+.2f %%", change),
        interval.map { String(format: "%.2f", $0) } ?? "",
      ]
    }
    let (alone, stream) = try trial.measureCodec()
    let nothing = [String](repeating: "", count: 5)
    rows.append(cells("model alone", alone.bitsPerByte, alone.change, alone.interval) + nothing)
    rows.append(cells("one stream", stream.bitsPerByte, stream.change, nil) + nothing)
    for (outcome, result) in zip(outcomes, measured) {
      let isRefused = outcome.adapter == nil && outcome.name != "none"
      rows.append(
        cells(outcome.name, result.bitsPerByte, result.change, result.interval) + [
          String(format: "%.1f", outcome.seconds), "\(outcome.candidates)",
          "\(result.adapterBytes)",
          ((isRefused ? ["not confirmed"] : []) + outcome.choices).joined(separator: "; "),
          outcome.phases.description,
        ])
    }
    let bytes = trial.test.reduce(0) { $0 + $1.count }
    let markdown = """
      # Adapting \(base) to \(corpus.map(Console.shown).joined(separator: " "))

      Measured on \(trial.test.count) documents (\(bytes) bytes) that nothing else saw, each compressed alone \
      by the real coder, context models included; `model alone` has none, `one stream` lets them learn from \
      document to document. Windows of \(length) tokens: \
      \(trial.windows.gradient) for the gradient, \(trial.windows.choice) to choose, \
      \(trial.windows.confirmation) to confirm.

      \(markdownTable(rows))

      """
    try directory.write(markdown, to: "adapt.md")
    try Console.print(Measure.table(rows))
  }
}
