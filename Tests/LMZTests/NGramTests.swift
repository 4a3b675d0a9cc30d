import TestSupport
import Testing

@testable import LM
@testable import LMZ

/// Archives whose model has n-grams, and those that meet a model without.
@Suite struct NGramTests {
  /// Generation and version of the first frame.
  private func numbers(of archive: [UInt8]) -> [UInt8] { [archive[3], archive[4] & 15] }

  @Test func theyMakeTextSmaller() throws {
    let text = try Array(Golden.sample("english.txt").prefix(20000))
    let with = try compress(text, model: Golden.tinyModel())
    let without = try compress(text, model: Golden.tinyModel(ngrams: false))
    #expect(with.count < without.count * 99 / 100, "\(with.count) \(without.count)")
    #expect(numbers(of: with) == [1, 5] && numbers(of: without) == [1, 7])
  }

  /// Archives that were made with n-grams are not read without, and those made without are read with.
  @Test func framesThatNeedThemAreRefusedWithout() throws {
    let (with, without) = try (Golden.tinyModel(), Golden.tinyModel(ngrams: false))
    let text = try Array(Golden.sample("english.txt").prefix(3000))
    #expect(
      throws: FormatError.unsupported("n-grams of a vocabulary that has none here")
    ) { try decompress(compress(text, model: with), model: without) }
    #expect(try decompress(compress(text, model: without), model: with) == text)
    for method in [Options.Method.languageModelOnly, .withoutLanguageModel] {
      let options = Options(method: method)
      let archive = try compress(text, model: with, options: options)
      #expect(try archive == compress(text, model: without, options: options))
    }
  }

  /// The models of the program and all that share their vocabularies have those of the program.
  @Test func theProgramsModelsHaveThem() throws {
    let text = Array("The quick brown fox jumps over the lazy dog.".utf8)
    for name in EmbeddedModel.allCases {
      let model = try ModelLibrary().model(name)
      let archive = try compress(text, model: model)
      #expect(numbers(of: archive) == [1, 5], "\(name)")
      #expect(try decompress(archive, model: model) == text)
    }
  }

  /// Those with a text to begin with are mixed in the sixth way.
  @Test func adaptersOfTheProgramsModelHaveThem() throws {
    let log = try Golden.sample("package.log")
    let file = try Adapter.file(
      base: ModelLibrary().model(.small).identityText, name: "log", method: "prime",
      priming: Array(log[0..<2000]))
    let model = try NamedModel(any: file)
    let text = Array(log[50_000..<50_300])
    let archive = try compress(text, model: model)
    #expect(numbers(of: archive) == [1, 2])
    #expect(try decompress(archive, model: model) == text)
  }

  @Test func thoseOfAnotherVocabularyAreRefused() throws {
    let tiny = try NGramTable(file: Golden.bytes("tiny.ngrams"))
    #expect(throws: ModelFileError.unsupported("the n-grams are of another vocabulary")) {
      try NamedModel(file: EmbeddedModel.nano.file, ngrams: tiny)
    }
  }
}
