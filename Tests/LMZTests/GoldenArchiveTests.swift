import LMZ
import TestSupport
import Testing

/// Archives of earlier versions decode for ever. Tests/Golden/README.md says how each was made.
@Suite struct GoldenArchiveTests {
  static let archives = [
    ("empty", ""), ("hello", "hello\n"), ("english-2k", "english.txt"),
    ("japanese-20k", "japanese.txt"), ("json-100k", "data.json"),
  ]

  @Test(arguments: archives) func decodes(name: String, source: String) throws {
    let archive = try Golden.bytes("\(name).lmz")
    let content = try decompress(archive, model: Golden.tinyModel())
    switch source {
    case "", "hello\n": #expect(content == Array(source.utf8))
    default:
      #expect(content.count >= 2000)
      #expect(try content == Array(Golden.sample(source).prefix(content.count)))
    }
  }

  /// A change of the encoder's output is a decision, not an accident.
  @Test(arguments: archives) func encoderStillWritesTheSame(name: String, source: String) throws {
    let model = try Golden.tinyModel()
    let archive = try Golden.bytes("\(name).lmz")
    let content = try decompress(archive, model: model)
    #expect(try compress(content, model: model) == archive)
  }
}
