import Foundation
import TestSupport
import Testing

/// train, adapt and concat as a user runs them.
@Suite struct LearningCommandTests {
  let directory: Directory
  let tiny = Golden.folder.appending(path: "tiny.safetensors").path

  init() throws { directory = try Directory() }

  @Test func trainsFromAModel() throws {
    try directory.write("text", try Array(Golden.sample("english.txt").prefix(30_000)))
    let arguments = [
      "train", "text", "-o", "m.safetensors", "--init", tiny, "--tokens", "20000", "--batch",
      "1024",
      "--length", "64", "--rate", "1",
    ]
    let done = try directory.run(arguments)
    #expect(done.status == 0, "\(done.error)")
    #expect(
      directory.names == ["m.safetensors", "m.safetensors.jsonl", "m.safetensors.svg", "text"])
    // The new model is better on such text than the one it began with.
    try directory.write("more", try Array(Golden.sample("english.txt")[40_000..<50_000]))
    let archive = try directory.run(["--model", "m.safetensors", "-c", "more"])
    let before = try directory.run(["--model", tiny, "-c", "more"])
    #expect(archive.status == 0 && archive.output.count < before.output.count)
    let back = try directory.run(["--model", "m.safetensors", "-dc"], input: archive.output)
    #expect(back.output == (try directory.read("more")))
    let again = try directory.run(arguments)
    #expect(again.status == 1 && again.error.contains("already exists"))
  }

  /// A new model with a tokenizer of its own, which its archives need.
  @Test func trainsATokenizerToo() throws {
    let log = try Golden.sample("package.log")
    try directory.write("text", Array(log[0..<40_000]))
    let shape = """
      {"vocabulary": 0, "width": 32, "layers": 1, "heads": 1, "kv_heads": 1, "hidden": 64, "window": 64,
       "bigram_rows": 64, "trigram_rows": 64, "table_bits": 4}
      """
    try directory.write("shape.json", Array(shape.utf8))
    let done = try directory.run([
      "train", "text", "-o", "m", "--size", "shape.json", "--vocabulary", "400", "--tokens",
      "10000",
      "--batch", "512", "--length", "64", "-q",
    ])
    #expect(done.status == 0, "\(done.error)")
    let shown = try directory.lmz("model", "m")
    #expect(String(decoding: shown.output, as: UTF8.self).contains("400"))
    try directory.write("more", Array(log[50_000..<60_000]))
    let archive = try directory.run(["--model", "m", "--lm-only", "-c", "more"])
    #expect(archive.status == 0 && archive.output.count < 5000, "\(archive.output.count)")
    let back = try directory.run(["--model", "m", "-dc"], input: archive.output)
    #expect(back.output == (try directory.read("more")))
  }

  @Test func heatmapIsAPage() throws {
    try directory.write("text", Array("<b> & かな\n".utf8))
    let done = try directory.lmz("bpc", "--model", tiny, "--heatmap", "page.html", "text")
    #expect(done.status == 0 && done.output.isEmpty, "\(done.error)")
    let again = try directory.lmz("bpc", "--no-lm", "--heatmap", "page.html", "text")
    #expect(again.status == 1 && again.error.contains("page.html: already exists"))
    let page = String(decoding: try directory.read("page.html"), as: UTF8.self)
    #expect(page.hasPrefix("<!doctype html>") && page.contains("13 bytes"))
    // What stands for quotation marks and line ends in what is coded is shown as those.
    let record = "{\"a\": \"" + String(repeating: #"b \"c\"\n"#, count: 40) + "\"}\n"
    try directory.write("strings", Array((record + record).utf8))
    let strings = try directory.lmz("bpc", "--no-lm", "--heatmap", "s.html", "strings")
    #expect(strings.status == 0, "\(strings.error)")
    let shown = String(decoding: try directory.read("s.html"), as: UTF8.self)
    #expect(shown.contains("&quot;") && shown.contains("↵") && !shown.contains("\u{FFFD}"))
  }

  @Test func studyWritesItsReport() throws {
    let log = try Golden.sample("package.log")
    for (name, range) in [("a", 0..<4096), ("b", 20_000..<24_096), ("c", 50_000..<54_096)] {
      try directory.write("logs__\(name)", Array(log[range]))
    }
    let done = try directory.run([
      "study", "concat", "logs__a", "logs__b", "logs__c", "--model", tiny, "--pairs", "3",
      "--longest",
      "2048", "--against", "gzip", "--adapted", "1", "-o", "report",
    ])
    #expect(done.status == 0, "\(done.error)")
    let report = String(decoding: try directory.read("report/concat.md"), as: UTF8.self)
    #expect(
      report.contains("## lmz") && report.contains("## gzip")
        && report.contains("## Weights adapted") && report.contains("## Weights trained")
        && report.contains("X = Y"))
    #expect(try directory.read("report/concat-gap.svg").count > 1000)
  }

  @Test func learningIsStudied() throws {
    try directory.write("log", try Golden.sample("package.log"))
    let done = try directory.run([
      "study", "learning", "log", "--tokens", "4096", "--against", "gzip", "-o", "report",
    ])
    #expect(done.status == 0, "\(done.error)")
    let report = String(decoding: try directory.read("report/learning.md"), as: UTF8.self)
    #expect(report.contains("| 0 |") && report.contains("Other programs: gzip "))
  }

  @Test func wrongInputIsAnError() throws {
    try directory.write("short", Array("too short".utf8))
    try directory.write("binary", try Golden.bytes("tiny.safetensors"))
    try directory.write("lines", Array("a line\nanother\n".utf8))
    let wrong: [(arguments: [String], message: String)] = [
      (["train", "short", "-o", "m"], "training needs"),
      (["train", "binary", "-o", "m"], "is no text"),
      (["train", "missing", "-o", "m"], "missing: No such file"),
      (["train", "short", "-o", "m", "--init", "binary.x"], "binary.x: No such file"),
      (["train", "short", "-o", "m", "--size", "lines"], "is no model shape"),
      (["train", "short", "-o", "m", "--rate", "0"], "--rate"),
      (["train", "short", "-o", "m", "--minutes", "1", "--tokens", "1"], "exclude"),
      (["adapt", "short", "-o", "a"], "adapting needs"),
      (["adapt", "binary", "-o", "a"], "is no text"),
      (["adapt", "--lines", "lines", "-o", "a"], "20 lines"),
      (["adapt", "lines"], "-o FILE or --report"),
      (["adapt", "lines", "-o", "a", "--method", "magic"], "--method must be"),
      (["concat", "short", "missing"], "missing: No such file"),
      (["concat", "short", "lines", "--against", "rar"], "known are"),
      (["train", "short", "-o", "m", "--vocabulary", "512"], "--vocabulary needs --size"),
      (["train", "short", "-o", "m", "--size", "nano", "--vocabulary", "3"], "must be in 300"),
      (["study", "scaling", "short", "-o", "r"], "this study needs"),
      (["study", "learning", "binary", "-o", "r"], "is no text"),
      (["study", "concat", "short", "-o", "r"], "fewer than two texts"),
      (["bpc", "short", "lines", "--heatmap", "h"], "for one file"),
      (["bpc", "lines", "--heatmap", "h", "--json"], "for one file"),
      (["bpc", "binary", "--heatmap", "h"], "binary: is no text"),
      (["bpc", "lines", "-f"], "--force is for --heatmap"),
      (["bpc", "missing", "--heatmap", "h"], "missing: No such file"),
      (["--model", "short", "-c", "lines"], "short: "),
    ]
    for (arguments, message) in wrong {
      let result = try directory.run(arguments)
      #expect(result.status == 1 && result.output.isEmpty, "\(arguments)")
      #expect(result.error.contains(message), "\(arguments): \(result.error)")
    }
    #expect(directory.names == ["binary", "lines", "short"])
  }

  @Test func concatShowsWhatFilesShare() throws {
    let log = try Golden.sample("package.log")
    try directory.write("x", Array(log[0..<8000]))
    try directory.write("y", Array(log[8000..<16_000]))
    let result = try directory.run([
      "concat", "x", "y", "--no-lm", "--both-orders", "--against", "gzip", "--json",
    ])
    #expect(result.status == 0, "\(result.error)")
    struct Line: Decodable {
      let compressor: String
      let x: Int, y: Int, xy: Int, gap: Int
    }
    let lines = try String(decoding: result.output, as: UTF8.self).split(separator: "\n")
      .map { try JSONDecoder().decode(Line.self, from: Data($0.utf8)) }
    #expect(lines.map(\.compressor) == ["lmz", "lmz Y+X", "gzip", "gzip Y+X"])
    for line in lines { #expect(line.gap == line.x + line.y - line.xy && line.gap > 0) }
    let alone = try directory.run(["--no-lm", "-9", "-c", "x"])
    #expect(lines[0].x == alone.output.count)
  }
}
