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
