import ArgumentParser
import LMZ

/// `lmz bpc`: how well files compress, without writing them.
struct BitsPerCharacter: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bpc",
    abstract: "Measure compressed size, bits per byte and bits per character of files.",
    discussion: """
      The sizes are those of the real archives, headers included. Characters are Unicode scalars: bytes \
      that do not continue a UTF-8 sequence, once text in UTF-16, Shift_JIS, EUC-JP, ISO-2022-JP or \
      Windows-1252 has been put into UTF-8.
      """)

  @OptionGroup var execution: RunOptions
  @OptionGroup var method: MethodOptions
  @Flag(help: "Tab-separated values.") var tsv = false
  @Flag(help: "JSON.") var json = false
  @Flag(name: .shortAndLong, help: "No progress.") var quiet = false
  @Option(help: "Measure only the first BYTES of each file.") var head: Int?
  @Option(help: "Write a page of the one file's text, coloured by what each character costs.")
  var heatmap: String?
  @Flag(name: .shortAndLong, help: "Replace a page that exists.") var force = false
  @Argument(help: "Files; standard input where there is none, or for -.") var files: [String] = []

  func validate() throws {
    if tsv && json { throw ValidationError("--tsv and --json exclude each other") }
    if let head, head < 1 { throw ValidationError("--head must be positive") }
    if heatmap != nil && (files.count > 1 || tsv || json) {
      throw ValidationError("--heatmap is for one file, and does not go with --tsv and --json")
    }
    if force && heatmap == nil { throw ValidationError("--force is for --heatmap") }
  }

  struct Row {
    var name: String
    var bytes = 0
    var characters = 0
    var compressed = 0

    var bitsPerByte: Double? { Measure.bits(compressed, per: bytes) }
    var bitsPerCharacter: Double? { Measure.bits(compressed, per: characters) }
  }

  func run() throws {
    let compressor = try method.compressor(execution, execution.library())
    if let heatmap { return try writeHeatmap(compressor, to: heatmap) }
    var rows: [Row] = []
    for file in files.isEmpty ? ["-"] : files {
      do {
        rows.append(try measure(file, compressor))
      } catch let skipped as NotRegular {
        Console.warning("\(Console.shown(skipped.name)): \(skipped.what) -- ignored")
      } catch let error as FileError {
        Console.error("\(error)")
      }
    }
    let total = rows.reduce(into: Row(name: "total")) {
      $0.bytes += $1.bytes
      $0.characters += $1.characters
      $0.compressed += $1.compressed
    }
    if json {
      try Console.print(jsonText(rows, total, compressor.model))
    } else if !rows.isEmpty {
      try Console.print(table(rows.count > 1 ? rows + [total] : rows))
    }
    if Console.status != .done { throw Console.status }
  }

  private func writeHeatmap(_ compressor: Compressor, to page: String) throws {
    let name = files.first ?? "-"
    let content = try InputFile.content(name, head: head ?? HeatmapFile.limit + 1)
    guard content.count <= HeatmapFile.limit else {
      throw ValidationError(
        "\(Console.shown(name)): a page shows at most \(HeatmapFile.limit) bytes; use --head")
    }
    let text = Spelling(of: content)
    guard text.isText else { throw FileError(name, "is no text") }
    let file = try OutputFile(page, replacing: force)
    let characters = Spelling.characters(in: content)
    try HeatmapFile(Console.shown(name), text, characters: characters, compressor).write(to: file)
  }

  private func measure(_ file: String, _ compressor: Compressor) throws -> Row {
    let input = file == "-" ? nil : try InputFile(file, following: true, pipes: true)
    let counter = CharacterCounter(input?.source ?? .standardInput, limit: head)
    let total = input?.size.map { min($0, head ?? .max) }
    let bar = ProgressBar(file, total: total, isOn: !quiet)
    defer { bar.finish() }
    let sizes = try compressor.compress(
      from: counter, to: ChecksumSink(), progress: bar.advance)
    return Row(
      name: Console.shown(file), bytes: sizes.content, characters: counter.characters,
      compressed: sizes.archive)
  }

  private func table(_ rows: [Row]) -> String {
    let cells =
      [["file", "bytes", "characters", "compressed", "bpb", "bpc"]]
      + rows.map {
        [
          $0.name, "\($0.bytes)", "\($0.characters)", "\($0.compressed)",
          Measure.shown($0.bitsPerByte), Measure.shown($0.bitsPerCharacter),
        ]
      }
    return tsv
      ? cells.map { $0.joined(separator: "\t") }.joined(separator: "\n") : Measure.table(cells)
  }

  private func jsonText(_ rows: [Row], _ total: Row, _ model: NamedModel?) throws -> String {
    func object(_ row: Row) throws -> String {
      func number(_ value: Double?) -> String { value == nil ? "null" : Measure.shown(value) }
      return """
        {"file":\(try Measure.json(row.name)),"bytes":\(row.bytes),"characters":\(row.characters),\
        "compressed":\(row.compressed),"bpb":\(number(row.bitsPerByte)),\
        "bpc":\(number(row.bitsPerCharacter))}
        """
    }
    return """
      {"model":\(try model.map { try Measure.json($0.name) } ?? "null"),\
      "identity":\(model.map { "\"\($0.identityText)\"" } ?? "null"),\
      "files":[\(try rows.map(object).joined(separator: ","))],"total":\(try object(total))}
      """
  }
}

/// Passes a source on, at most `limit` bytes of it, and counts Unicode scalars.
private final class CharacterCounter: ByteSource {
  private var source: FileSource
  private var left: Int
  private(set) var characters = 0

  init(_ source: FileSource, limit: Int?) {
    self.source = source
    left = limit ?? .max
  }

  func read(_ count: Int) throws -> [UInt8] {
    let bytes = try source.read(min(count, left))
    left -= bytes.count
    characters += Spelling.characters(in: bytes)
    return bytes
  }
}
