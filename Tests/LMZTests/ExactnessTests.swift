import LMZ
import TestSupport
import Testing

/// The archive is a function of content and model alone.
@Suite struct ExactnessTests {
  let model: NamedModel

  init() throws { model = try Golden.tinyModel() }

  @Test(arguments: [Options.Method.mixed, .languageModelOnly, .withoutLanguageModel])
  func archivesDependOnNeitherThreadsNorInstructionSet(method: Options.Method) throws {
    let text = try Golden.sample("english.txt") + Golden.sample("japanese.txt").prefix(70000)
    let expected = try compress(text, model: model, options: Options(method: method, threads: 1))
    for set in InstructionSet.available {
      for threads in [1, 2, 5] {
        let options = Options(method: method, threads: threads, instructionSet: set)
        #expect(try compress(text, model: model, options: options) == expected, "\(set) \(threads)")
        #expect(
          try decompress(expected, model: model, options: options) == text, "\(set) \(threads)")
      }
    }
  }

  @Test func theSameAgain() throws {
    let text = try Array(Golden.sample("code.swift.txt").prefix(20000))
    #expect(try compress(text, model: model) == compress(text, model: model))
  }
}
