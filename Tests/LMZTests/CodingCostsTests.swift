import LMZ
import TestSupport
import Testing

@Suite struct CodingCostsTests {
  /// What the bytes cost is what the archive has, but for the headers and the coder's last bytes.
  @Test(arguments: [Options.Method.mixed, .languageModelOnly, .withoutLanguageModel])
  func costsAddUpToTheArchive(method: Options.Method) throws {
    let model = try Golden.tinyModel()
    for name in ["japanese.txt", "package.log"] {
      let text = try Array(Golden.sample(name).prefix(5000))
      let options = Options(method: method, lanes: 1, threads: 1)
      let costs = try CodingCosts(of: text, model: model, options: options)
      #expect(costs.bits.count == text.count && costs.bits.allSatisfy { $0 >= 0 })
      let bytes = costs.bits.reduce(0, +) / 8
      let frame = try compress(text, model: model, options: options).count - Int(bytes)
      // A stream that begins better without the language model goes on without it.
      let isChosen = method != .mixed || name == "japanese.txt"
      #expect(frame <= 30 && (frame >= 10 || !isChosen), "\(name): \(frame) bytes of headers")
      #expect(costs.tokens.map(\.bytes.lowerBound).first == 0)
      for (token, next) in zip(costs.tokens, costs.tokens.dropFirst()) {
        #expect(token.bytes.upperBound == next.bytes.lowerBound && !token.bytes.isEmpty)
      }
      #expect(costs.tokens.last?.bytes.upperBound == text.count)
      let total = costs.tokens.reduce(0) { $0 + $1.bits }
      #expect(abs(total / 8 - bytes) < 1e-6)
      if method == .languageModelOnly {
        for token in costs.tokens { #expect(abs(token.bits - token.modelBits) < 1e-9) }
      }
    }
  }

  @Test func nothingCostsNothing() throws {
    let costs = try CodingCosts(of: [], model: Golden.tinyModel(), options: Options())
    #expect(costs.bits.isEmpty && costs.tokens.isEmpty)
  }
}
