import Adapt
import Kernels
import TestSupport
import Testing

@testable import LM
@testable import LMZ

@Suite struct AdapterTests {
  let baseFile: [UInt8]
  let base: NamedModel
  let log: [UInt8]

  init() throws {
    baseFile = try Golden.bytes("tiny.safetensors")
    base = try NamedModel(file: baseFile)
    log = try Golden.sample("package.log")
  }

  func adapted(_ file: [UInt8]) throws -> NamedModel {
    try NamedModel(adapter: file, base: { $0 == base.identityText ? baseFile : nil })
  }

  func primed(_ text: [UInt8]) throws -> NamedModel {
    try adapted(
      Adapter.file(base: base.identityText, name: "log", method: "prime", priming: text))
  }

  @Test func primedStreamsComeBackWhole() throws {
    let model = try primed(Array(log[0..<9000]))
    var random = SeededGenerator(seed: 80)
    let contents: [[UInt8]] = [
      [], [7], Array(log[20_000..<20_100]), Array(log[20_000..<23_000]),
      Array(log[20_000..<60_000]), random.bytes(200), random.bytes(9000),
      try Array(Golden.bytes("tiny.safetensors").prefix(40_000)),
      try Array(Golden.sample("japanese.txt").prefix(8000)),
    ]
    for method in [Options.Method.mixed, .languageModelOnly, .withoutLanguageModel] {
      for (i, content) in contents.enumerated() {
        for threads in [1, 2] {
          let options = Options(method: method, memory: .medium, threads: threads)
          let archive = try compress(content, model: model, options: options)
          #expect(
            try decompress(archive, model: model, options: options) == content, "\(method), \(i)")
        }
      }
    }
  }

  /// Strings are written as in the text that a stream begins with, and adapting makes that as the coder would.
  @Test func stringsAreLikeThoseOfThePriming() throws {
    let lines = try Golden.jsonLines()
    let asItIs = try primed(lines)
    let folded = try primed(Spelling(of: lines).bytes)
    #expect(Spelling(of: lines, after: asItIs.priming).form == nil)
    #expect(Spelling(of: lines, after: folded.priming).form == Spelling(of: lines).form)
    // Other forms do not depend on it.
    let content = try Golden.jsonLines(ascii: true)
    #expect(Spelling(of: content, after: asItIs.priming).form == TextForm(.unicodeEscapes))
    for method in [Options.Method.mixed, .languageModelOnly] {
      let options = Options(method: method)
      let alone = try compress(content, model: base, options: options)
      for model in [asItIs, folded] {
        let archive = try compress(content, model: model, options: options)
        #expect(try decompress(archive, model: model, options: options) == content)
        #expect(method == .languageModelOnly || archive.count < alone.count)
      }
    }
  }

  @Test func adaptingFoldsStrings() throws {
    let text = String(decoding: try Golden.sample("english.txt").prefix(60_000), as: UTF8.self)
    let words = text.split(separator: " ")
    let documents = stride(from: 0, to: words.count - 160, by: 160).map { i in
      let lines = stride(from: i, to: i + 160, by: 8).map {
        words[$0..<($0 + 8)].joined(separator: " ").replacing("\n", with: "").replacing(
          "\"", with: "")
      }
      return Array("{\"text\": \"\(lines.joined(separator: "\\n"))\"}\n".utf8)
    }
    var settings = AdaptationTrial.Settings()
    settings.length = 32
    settings.priming = 4096
    let trial = try AdaptationTrial(
      documents, baseFile: baseFile, settings: settings, options: Options(threads: 2))
    let adapter = try #require(trial.run(.none, primed: [true])[0].adapter)
    #expect(try adapted(adapter).priming?.isFolded == true)
    let measured = try trial.measure([nil, adapter])
    #expect(measured[1].bitsPerByte < measured[0].bitsPerByte)
  }

  @Test func primingHelpsItsKindOfText() throws {
    let model = try primed(Array(log[0..<16_000]))
    let line = Array(log[50_000..<50_300])
    let alone = try compress(line, model: base).count
    #expect(try compress(line, model: model).count < alone * 2 / 3)
    let options = Options(method: .languageModelOnly)
    #expect(
      try compress(line, model: model, options: options).count
        < compress(line, model: base, options: options).count)
  }

  /// An archive opens with the adapter that made it and with nothing else.
  @Test func otherModelsAreRefused() throws {
    let model = try primed(Array(log[0..<3000]))
    #expect(model.name == "log" && model.base == base.identityText && base.base == nil)
    let archive = try compress(Array(log[5000..<6000]), model: model)
    #expect(throws: FormatError.self) { try decompress(archive, model: base) }
    let other = try primed(Array(log[0..<3001]))
    #expect(throws: FormatError.self) { try decompress(archive, model: other) }
    // The bit that says whether the frame is primed.
    var changed = archive
    changed[4] ^= 3
    #expect(throws: FormatError.self) { try decompress(changed, model: model) }
    let plain = try compress(log, model: base)
    changed = plain
    changed[4] ^= 3
    #expect(throws: FormatError.self) { try decompress(changed, model: base) }
  }

  /// With the model in the archive nothing else is needed, but the model that it changes.
  @Test func archivesCarryTheirModel() throws {
    let text = Array(log[30_000..<34_000])
    var options = Options()
    options.embedsModel = true
    let archive = try compress(text, model: base, options: options)
    let sink = CollectingSink()
    try Decompressor(models: ModelLibrary()).decompress(from: ArraySource(archive), to: sink)
    #expect(sink.bytes == text)
    #expect(archive.count > text.count, "the tests' model is none of the program's")
    let summary = try ArchiveSummary(of: ArraySource(archive))
    #expect(summary.sizes == StreamSizes(content: 4000, archive: archive.count))
    #expect(summary.frames == 1)

    // An adapter of one of the program's models, in the second of two archives joined.
    let nano = try ModelLibrary().model(.nano)
    let adapter = try NamedModel(
      any: Adapter.file(
        base: nano.identityText, name: "log", method: "prime", priming: Array(log[0..<2000])))
    let adapted = try compress(text, model: adapter, options: options)
    #expect(adapted.count < 2500)
    let joined = CollectingSink()
    try Decompressor(models: ModelLibrary())
      .decompress(from: ArraySource(archive + adapted), to: joined)
    #expect(joined.bytes == text + text)
    // Any bit of the model's frame counts.
    for position in [0, 4, 6, 9, 40, 200] {
      var damaged = adapted
      damaged[position] ^= 0x10
      #expect(throws: (any Error).self, "\(position)") {
        try Decompressor(models: ModelLibrary())
          .decompress(from: ArraySource(damaged), to: CollectingSink())
      }
    }
  }

  @Test func changedWeightsAreUsed() throws {
    let layout = ParameterLayout(base.model.configuration)
    let weights = try FloatWeights(Safetensors(baseFile), layout)
    var generator = SeededGenerator(seed: 81)
    for i in layout.outputBias.range { weights.values[i] += generator.normal() }
    let matrix = layout.layers[0].down
    for i in matrix.range { weights.values[i] *= 1.5 }
    let before = try FloatWeights(Safetensors(baseFile), layout)
    let file = try Adapter.file(
      base: base.identityText, name: "changed", method: "test",
      change: (before, weights, [layout.outputBias, matrix]))
    let adapter = try Adapter(file: file)
    #expect(
      adapter.changed == [
        "layers.0.feed_forward.down.scale", "layers.0.feed_forward.down.weight", "output_bias",
      ])
    let model = try adapted(file)
    let read = try FloatWeights(Safetensors(adapter.applied(to: Safetensors(baseFile))), layout)
    for i in layout.outputBias.range {
      #expect(abs(read.values[i] - weights.values[i]) < 0.03, "int8 of changes up to about 4")
    }
    let text = try Array(Golden.sample("english.txt").prefix(2000))
    let archive = try compress(text, model: model)
    #expect(try decompress(archive, model: model) == text)
    #expect(archive != (try compress(text, model: base)))
    #expect(try Adapter(file: Adapter.renamed(file, to: "new")).name == "new")
  }

  @Test func badAdaptersAreRefused() throws {
    let good = try Adapter.file(
      base: base.identityText, name: "a", method: "prime", priming: [1, 2, 3])
    #expect(throws: ModelFileError.self) { try adapted(baseFile) }
    #expect(throws: ModelFileError.self) { try adapted(Array(good.dropLast())) }
    #expect(throws: ModelFileError.self) {
      try adapted(Adapter.file(base: "0123456789abcdef", name: "", method: ""))
    }
    func file(_ name: String, _ shape: [Int]) throws -> [UInt8] {
      var writer = SafetensorsWriter()
      writer.add(name, .f32, shape, Buffer<Float>(count: shape.reduce(1, *)))
      return try writer.file(metadata: [
        "format": "lmz-adapter", "version": "1", "base": base.identityText,
      ])
    }
    #expect(throws: ModelFileError.self) { try adapted(file("unknown", [1])) }
    #expect(throws: ModelFileError.self) { try adapted(file("output_bias", [3])) }
    #expect(throws: ModelFileError.self) { try adapted(file("priming", [3])) }
    let long = [UInt8](repeating: 65, count: Adapter.longestPriming + 1)
    #expect(throws: ModelFileError.self) {
      try adapted(
        Adapter.file(base: base.identityText, name: "", method: "", priming: long))
    }
    #expect(Adapter.isAdapter(good) && !Adapter.isAdapter(baseFile) && !Adapter.isAdapter([1]))
  }

  /// From a corpus of records to an adapter that makes other records smaller.
  @Test func automaticAdaptationToRecords() throws {
    let lines = log.prefix(40_000).split(separator: 0x0A).map { Array($0) + [0x0A] }
    var settings = AdaptationTrial.Settings()
    settings.samples = 30
    settings.length = 48
    settings.priming = 4096
    let trial = try AdaptationTrial(
      lines, baseFile: baseFile, settings: settings, options: Options())
    let (chosen, tried) = try trial.automatic()
    #expect(tried.map(\.name) == ["none", "prime", "bias+prime"])
    let adapter = try #require(chosen.adapter)
    let measured = try trial.measure([nil, adapter])
    #expect(measured[0].change == 0 && measured[0].adapterBytes == 0)
    #expect(measured[1].change < -20 && measured[1].adapterBytes == adapter.count)
    #expect(trial.test.allSatisfy { !lines.isEmpty && $0.last == 0x0A })
    // The same corpus and seed give the same adapter.
    let again = try AdaptationTrial(
      lines, baseFile: baseFile, settings: settings, options: Options())
    #expect(try again.automatic().chosen.adapter == adapter)
  }
}
