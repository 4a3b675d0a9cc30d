import ArgumentParser
import LMZ

/// `lmz list`: what archives hold, without decoding them.
struct List: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "List sizes, ratio, bits per byte and model of compressed files.")

  @OptionGroup var execution: RunOptions
  @Flag(name: .shortAndLong, help: "Take the files in directories.") var recursive = false
  @Argument(help: "Compressed files.") var files: [String]

  func run() throws {
    try Self.list(
      files, isRecursive: recursive, output: OutputOptions.parse([]), execution: execution)
  }

  static func list(
    _ operands: [String], isRecursive: Bool, output: OutputOptions, execution: RunOptions
  ) throws {
    guard !operands.isEmpty else { throw ValidationError("-l needs a file") }
    let files =
      isRecursive
      ? DirectoryContents.expanded(operands, where: output.isArchive) : operands
    let known = try execution.library()
    var rows = [
      ["name", "uncompressed", "compressed", "ratio", "bpb", "frames", "blocks", "model"]
    ]
    var total = StreamSizes(content: 0, archive: 0)
    for file in files {
      do {
        let input = try InputFile(file, following: true, pipes: true)
        let summary = try ArchiveSummary(of: input.source)
        rows.append(
          row(
            Console.shown(file), summary.sizes,
            [
              "\(summary.frames)", "\(summary.blocks)",
              modelNames(summary, known),
            ]))
        total.content += summary.sizes.content
        total.archive += summary.sizes.archive
      } catch let skipped as NotRegular {
        Console.warning("\(Console.shown(skipped.name)): \(skipped.what) -- ignored")
      } catch let error as FileError {
        Console.error("\(error)")
      } catch {
        Console.error("\(Console.shown(file)): \(error)")
      }
    }
    if rows.count > 2 { rows.append(row("total", total, [])) }
    if rows.count > 1 { try Console.print(Measure.table(rows)) }
    if Console.status != .done { throw Console.status }
  }

  private static func row(_ name: String, _ sizes: StreamSizes, _ rest: [String]) -> [String] {
    [
      name, "\(sizes.content)", "\(sizes.archive)", Measure.percentage(sizes),
      Measure.shown(Measure.bits(sizes.archive, per: sizes.content)),
    ] + rest
  }

  /// Each needed model by its reference, with its name where it is at hand.
  private static func modelNames(_ summary: ArchiveSummary, _ known: ModelLibrary) -> String {
    if summary.models.isEmpty { return "none" }
    return summary.models.map { reference in
      known.name(of: reference).map { "\($0) \(reference)" } ?? "\(reference)"
    }.joined(separator: ",")
  }
}
