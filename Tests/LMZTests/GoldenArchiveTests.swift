import LMZ
import TestSupport
import Testing

/// Archives of earlier versions decode for ever. Tests/Golden/README.md says how each was made.
@Suite struct GoldenArchiveTests {
  struct Archive: CustomStringConvertible {
    let name: String
    /// The file that it is the beginning of; nil where `content` says it all.
    var source: String?
    var content = ""
    /// Whether it is made of lines of the source, in an order that never comes again.
    var isShuffled = false
    var options = Options()
    /// Whether the encoder still writes it; versions 1 and 2 it does without a language model to mix in, 3 to 10 never.
    var isWritten = true
    /// Whether the model has n-grams.
    var hasNGrams = false

    var description: String { name }
  }

  static let archives = [
    Archive(name: "empty", isWritten: false),
    Archive(name: "hello", content: "hello\n", isWritten: false),
    Archive(name: "english-2k", source: "english.txt", isWritten: false),
    Archive(name: "japanese-20k", source: "japanese.txt", isWritten: false),
    Archive(name: "json-100k", source: "data.json", isWritten: false),
    Archive(name: "empty-v3", isWritten: false),
    Archive(name: "hello-v3", content: "hello\n", isWritten: false),
    Archive(name: "english-2k-v3", source: "english.txt", isWritten: false),
    Archive(name: "japanese-20k-v3", source: "japanese.txt", isWritten: false),
    Archive(name: "json-100k-v3", source: "data.json", isWritten: false),
    Archive(name: "empty-v5", isWritten: false, hasNGrams: true),
    Archive(name: "hello-v5", content: "hello\n", isWritten: false, hasNGrams: true),
    Archive(name: "english-2k-v5", source: "english.txt", isWritten: false, hasNGrams: true),
    Archive(name: "japanese-20k-v5", source: "japanese.txt", isWritten: false, hasNGrams: true),
    Archive(name: "json-100k-v5", source: "data.json", isWritten: false, hasNGrams: true),
    Archive(name: "empty-v7", isWritten: false, hasNGrams: true),
    Archive(name: "hello-v7", content: "hello\n", isWritten: false, hasNGrams: true),
    Archive(name: "english-2k-v7", source: "english.txt", isWritten: false, hasNGrams: true),
    Archive(name: "japanese-20k-v7", source: "japanese.txt", isWritten: false, hasNGrams: true),
    Archive(name: "json-100k-v7", source: "data.json", isWritten: false, hasNGrams: true),
    Archive(name: "empty-v9", isWritten: false),
    Archive(name: "hello-v9", content: "hello\n", isWritten: false),
    Archive(name: "english-2k-v9", source: "english.txt", isWritten: false),
    Archive(name: "japanese-20k-v9", source: "japanese.txt", isWritten: false),
    Archive(name: "json-100k-v9", source: "data.json", isWritten: false),
    Archive(name: "empty-v11", hasNGrams: true),
    Archive(name: "hello-v11", content: "hello\n", hasNGrams: true),
    Archive(name: "english-2k-v11", source: "english.txt", hasNGrams: true),
    Archive(name: "japanese-20k-v11", source: "japanese.txt", hasNGrams: true),
    Archive(name: "json-100k-v11", source: "data.json", hasNGrams: true),
    Archive(name: "empty-v13"), Archive(name: "hello-v13", content: "hello\n"),
    Archive(name: "english-2k-v13", source: "english.txt"),
    Archive(name: "japanese-20k-v13", source: "japanese.txt"),
    Archive(name: "json-100k-v13", source: "data.json"), Archive(name: "table-v13", content: table),
    Archive(
      name: "json-100k-lm-only", source: "data.json", options: Options(method: .languageModelOnly)),
    Archive(
      name: "weights-no-lm", source: "tiny.safetensors",
      options: Options(method: .withoutLanguageModel, memory: .medium)),
    Archive(
      name: "lines-1200k", source: "package.log", isShuffled: true,
      options: Options(method: .withoutLanguageModel, memory: .small), isWritten: false),
    Archive(
      name: "lines-1200k-numbered", source: "package.log", isShuffled: true,
      options: Options(method: .withoutLanguageModel, memory: .small)),
  ]

  private static let table = (1...400).map {
    "\($0),\($0 * $0),-\($0 / 8).\($0 % 8 * 125),\($0 % 3 == 0)\n"
  }.joined()

  @Test(arguments: archives) func decodes(archive: Archive) throws {
    let content = try decompress(
      Golden.bytes("\(archive.name).lmz"), model: Golden.tinyModel(ngrams: archive.hasNGrams))
    guard let source = archive.source else {
      #expect(content == Array(archive.content.utf8))
      return
    }
    var whole =
      try source.hasSuffix(".safetensors") ? Golden.bytes(source) : Golden.sample(source)
    if archive.isShuffled { whole = Self.linesInAnyOrder(whole, count: content.count) }
    #expect(content.count >= 2000 && content == Array(whole.prefix(content.count)))
  }

  /// `count` bytes or some more: line s / 2^16 mod the number of lines, of s = 1, then 1664525 s + 1013904223 mod 2^32.
  private static func linesInAnyOrder(_ text: [UInt8], count: Int) -> [UInt8] {
    let lines = text.split(separator: 10)
    var state: UInt32 = 1
    var bytes: [UInt8] = []
    while bytes.count < count {
      bytes += lines[Int(state >> 16) % lines.count] + [10]
      state = state &* 1_664_525 &+ 1_013_904_223
    }
    return bytes
  }

  /// A change of the encoder's output is a decision, not an accident.
  @Test(arguments: archives.filter(\.isWritten))
  func encoderStillWritesTheSame(archive: Archive) throws {
    let model = try Golden.tinyModel(ngrams: archive.hasNGrams)
    let bytes = try Golden.bytes("\(archive.name).lmz")
    let content = try decompress(bytes, model: model)
    #expect(try compress(content, model: model, options: archive.options) == bytes)
  }
}
