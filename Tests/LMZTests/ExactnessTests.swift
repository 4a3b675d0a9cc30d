import LMZ
import TestSupport
import Testing

/// The archive is a function of content and model alone.
@Suite struct ExactnessTests {
  let model: NamedModel

  init() throws { model = try Golden.tinyModel() }

  @Test(arguments: [Options.Method.mixed, .languageModelOnly, .withoutLanguageModel])
  func archivesDependOnNeitherThreadsNorInstructionSet(method: Options.Method) throws {
    // Enough for four lanes, and for the window to come round in each.
    let text = try ["english.txt", "japanese.txt"].flatMap { try Golden.sample($0).prefix(20000) }
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
