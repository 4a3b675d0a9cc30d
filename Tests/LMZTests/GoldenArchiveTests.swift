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
    var options = Options()

    var description: String { name }
  }

  static let archives = [
    Archive(name: "empty"), Archive(name: "hello", content: "hello\n"),
    Archive(name: "english-2k", source: "english.txt"),
    Archive(name: "japanese-20k", source: "japanese.txt"),
    Archive(name: "json-100k", source: "data.json"),
    Archive(
      name: "json-100k-lm-only", source: "data.json", options: Options(method: .languageModelOnly)),
    Archive(
      name: "weights-no-lm", source: "tiny.safetensors",
      options: Options(method: .withoutLanguageModel, memory: .medium)),
  ]

  @Test(arguments: archives) func decodes(archive: Archive) throws {
    let content = try decompress(
      Golden.bytes("\(archive.name).lmz"), model: Golden.tinyModel())
    guard let source = archive.source else {
      #expect(content == Array(archive.content.utf8))
      return
    }
    let whole =
      try source.hasSuffix(".safetensors") ? Golden.bytes(source) : Golden.sample(source)
    #expect(content.count >= 2000 && content == Array(whole.prefix(content.count)))
  }

  /// A change of the encoder's output is a decision, not an accident.
  @Test(arguments: archives) func encoderStillWritesTheSame(archive: Archive) throws {
    let model = try Golden.tinyModel()
    let bytes = try Golden.bytes("\(archive.name).lmz")
    let content = try decompress(bytes, model: model)
    #expect(try compress(content, model: model, options: archive.options) == bytes)
  }
}
