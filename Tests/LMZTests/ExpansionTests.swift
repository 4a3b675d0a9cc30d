import TestSupport
import Testing

@testable import Codec
@testable import LMZ

/// Contents with deflated streams, which are coded as what these stand for.
@Suite struct ExpansionTests {
  let model: NamedModel

  init() throws { model = try Golden.tinyModel() }

  static let names = [
    "document.zip", "described.zip", "levels.zip", "package.log.gz", "flushed.gz", "zlib-ng.gz",
    "zlib-ng-6.gz",
    "libdeflate.gz", "7-zip.gz", "zopfli.gz", "page.pdf", "chart.png",
    "blocks.bz2", "lbzip2.bz2", "7-zip.bz2",
    "within.tar.gz",
    "mail.eml", "letters.mbox", "notebook.ipynb",
  ]

  private func archive(_ content: [UInt8], _ method: Options.Method = .mixed) throws -> [UInt8] {
    let options = Options(method: method, memory: .small, threads: 2)
    let archive = try compress(content, model: model, options: options)
    #expect(try decompress(archive, model: model, options: options) == content, "\(method)")
    return archive
  }

  @Test(arguments: names) func filesBecomeSmaller(name: String) throws {
    let file = try Golden.deflated(name)
    for method in [Options.Method.mixed, .withoutLanguageModel] {
      let archive = try archive(file, method)
      #expect(archive.count < file.count - 150, "\(method)")
      #expect(try ArchiveSummary(of: ArraySource(archive)).sizes.content == file.count)
    }
  }

  /// The model of the tests alone is no match for some of them.
  @Test(arguments: [
    "described.zip", "flushed.gz", "page.pdf", "chart.png", "7-zip.bz2", "mail.eml",
  ])
  func modelAlone(name: String) throws {
    let file = try Golden.deflated(name)
    #expect(try archive(file, .languageModelOnly).count < file.count + 20)
  }

  /// The text in a zip archive takes little more than by itself.
  @Test func textIsCodedAsSuch() throws {
    let archive = try archive(Golden.deflated("document.zip"))
    #expect(try ArchiveSummary(of: ArraySource(archive)).blocksByKind == [.text: 1])
    let texts =
      try Golden.sample("english.txt").prefix(20_000) + Golden.sample("japanese.txt").prefix(12_000)
      + Golden.sample("code.swift.txt").prefix(16_000) + Golden.sample("data.json").prefix(8_000)
    #expect(try archive.count < self.archive(Array(texts)).count + 700)
  }

  /// What is within a stream takes about what it takes by itself, and once more within another one.
  @Test func streamsWithinStreams() throws {
    let inner = try ["letters.mbox", "chart.png", "blocks.bz2", "notebook.ipynb"].flatMap(
      Golden.deflated)
    let plain = try archive(inner, .withoutLanguageModel)
    var content = inner
    for depth in 1...3 {
      content = try Self.bzip2(content)
      let archive = try archive(content, .withoutLanguageModel)
      if depth <= ExpansionRestorer.mostDepth {
        #expect(archive.count < plain.count + 60 * depth, "\(depth)")
      } else {
        #expect(archive.count > plain.count + 5000)
      }
    }
    // Base64 within base64 is none.
    let base64 = Base64Layout(line: 76).text(of: try Golden.deflated("mail.eml"))
    _ = try archive(Self.bzip2(base64), .withoutLanguageModel)
  }

  private static func bzip2(_ content: [UInt8]) throws -> [UInt8] {
    let parameters = Bzip2Record.Parameters(level: 9, runs: .usual)
    var record = Bzip2Record(parameters: parameters)
    record.blocks = [.init()]
    (record.hasEnd, record.size) = (true, content.count)
    var stream = Bzip2Stream(parameters)
    let bytes = stream.write(record, content[...], atMost: .max)
    return try #require(bytes)
  }

  /// An expansion within another leaves room for what follows it.
  @Test func expansionsHaveRoom() throws {
    let image = try LongExpansionTests.image([UInt8](repeating: 0, count: 9_000_000))
    let gap = Array("tEXt between two of them".utf8)
    let chart = try Golden.deflated("chart.png")
    let pixels = 400 * 150 * 3
    // After eight that have no room, nothing is tried.
    for (images, isChartOpen) in [(7, true), (11, false)] {
      let content = (0..<images).flatMap { _ in image + gap } + chart
      let stream = try Self.bzip2(content)
      var expander = Expander()
      let opened = expander.expand(stream, isLast: true)
      let expansion = try #require(opened)
      let plain = 27_000_000 + (images - 3) * image.count
      #expect(expansion.length == stream.count)
      #expect(expansion.bytes.count > plain)
      #expect((expansion.bytes.count > plain + pixels) == isChartOpen)
      var restorer = ExpansionRestorer()
      #expect(try restorer.content(of: expansion.bytes, size: stream.count) == stream)
    }
  }

  /// Streams among other bytes, one behind the other, cut, and damaged.
  @Test func whateverSurroundsThem() throws {
    var random = SeededGenerator(seed: 170)
    let files = try Self.names.map(Golden.deflated)
    let text = try Golden.sample("english.txt")
    for i in 0..<24 {
      var content: [UInt8] = []
      for _ in 0..<Int.random(in: 1...4, using: &random) {
        switch Int.random(in: 0..<5, using: &random) {
        case 0: content += random.bytes(Int.random(in: 1...3000, using: &random))
        case 1: content += text.prefix(Int.random(in: 1...3000, using: &random))
        default:
          var file = files.randomElement(using: &random)!
          if Bool.random(using: &random) {
            file = Array(file.prefix(Int.random(in: 1...file.count, using: &random)))
          }
          if Bool.random(using: &random) {
            file[Int.random(in: 0..<file.count, using: &random)] ^= 1
          }
          content += file
        }
      }
      // The check before an expansion is taken has nothing to find.
      var expander = Expander()
      if let expansion = expander.expand(content, isLast: true) {
        var restorer = ExpansionRestorer()
        let restored = try restorer.content(of: expansion.bytes, size: expansion.length)
        #expect(content.starts(with: restored), "seed 170, \(i)")
      }
      let method = [Options.Method.mixed, .withoutLanguageModel, .languageModelOnly][i % 3]
      let archive = try archive(content, method)
      #expect(archive.count <= FrameFormat.largestFrame(of: content.count), "seed 170, \(i)")
    }
  }

  /// A file over several blocks whose streams lie across their ends.
  @Test func longStreamsAreCut() throws {
    var random = SeededGenerator(seed: 171)
    let files = try Self.names.map(Golden.deflated)
    var content = random.bytes(1_040_000)
    for _ in 0..<30 { content += files.randomElement(using: &random)! }
    content += random.bytes(900_000)
    for _ in 0..<20 { content += files.randomElement(using: &random)! }
    let archive = try archive(content, .withoutLanguageModel)
    // What comes again takes nothing.
    #expect(archive.count < 2_050_000)
    let summary = try ArchiveSummary(of: ArraySource(archive))
    #expect(summary.sizes.content == content.count && summary.blocks > 3)
  }

  @Test func base64IsFound() throws {
    var random = SeededGenerator(seed: 174)
    let noise = random.bytes(1000)
    for lineEnd in Base64Layout.LineEnd.allCases {
      for (line, count) in [(0, 1000), (64, 999), (76, 998), (76, 57 * 8)] {
        let layout = Base64Layout(line: line, lineEnd: lineEnd)
        let bytes = Array(noise.prefix(count))
        let text = layout.text(of: bytes)
        for end in ["", "\"", "\n", "==\n", "\n-----END"] {
          let content = Array(" data: ".utf8) + text + Array(end.utf8)
          let found = content.withUnsafeBufferPointer {
            Openable.next(in: $0, from: 0, to: $0.count, reach: $0.count, withText: true)
          }
          guard case .base64(let base64) = found else {
            Issue.record("\(lineEnd), \(line), \(count), \(end)")
            continue
          }
          #expect(base64.bytes == bytes && base64.range == 7..<(7 + text.count))
          #expect(line == 0 || base64.layout == layout)
        }
      }
    }
    // Other things in a row.
    let hexadecimal = noise.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    let letters = noise.map { ["A", "C", "G", "T"][Int($0 & 3)] }.joined()
    let words = String(repeating: "anIdentifierOfManyWords/", count: 60)
    for text in [hexadecimal, letters, words, String(repeating: "A", count: 2000)] {
      let content = Array(text.utf8)
      content.withUnsafeBufferPointer {
        let found = Openable.next(
          in: $0, from: 0, to: $0.count, reach: $0.count, withText: true)
        if found != nil { Issue.record("\(text.prefix(40))") }
      }
    }
  }

  /// A little base64 of what is no text stays in a text.
  @Test func littleNoiseIsLeft() throws {
    var random = SeededGenerator(seed: 176)
    let noise = Base64Layout(line: 76).text(of: random.bytes(6000))
    let text = try Golden.sample("english.txt")
    for (content, isOpened) in [
      (text.prefix(20_000) + noise, true), (text.prefix(90_000) + noise, false),
      (text.prefix(2000) + noise.prefix(1540), false),
    ] {
      var expander = Expander()
      let opened = expander.expand(Array(content), isLast: true)
      #expect((opened != nil) == isOpened, "\(content.count)")
    }
  }

  /// For a language model by itself only text is opened.
  @Test func textAlone() throws {
    var random = SeededGenerator(seed: 175)
    let noise = Base64Layout(line: 76).text(of: random.bytes(6000))
    for (content, isText) in try [
      (Golden.deflated("chart.png"), false), (noise, false),
      (Golden.deflated("document.zip"), true), (Golden.deflated("zlib-ng-6.gz"), true),
      (Base64Layout().text(of: Array(Golden.sample("japanese.txt").prefix(3000))), true),
    ] {
      var (text, all) = (Expander(onlyText: true), Expander())
      let opened = text.expand(content, isLast: true)
      #expect((opened != nil) == isText)
      #expect(all.expand(content, isLast: true) != nil)
    }
  }

  @Test func otherContentsAreAsTheyWere() throws {
    for name in ["english.txt", "japanese.txt", "code.swift.txt", "data.json", "package.log"] {
      var expander = Expander()
      #expect(expander.expand(try Golden.sample(name), isLast: true) == nil, "\(name)")
    }
    var random = SeededGenerator(seed: 172)
    var expander = Expander()
    #expect(expander.expand(random.bytes(1 << 20), isLast: false) == nil)
    #expect(expander.expand([], isLast: true) == nil)
  }

  /// Contents are cut where a stream would not be whole, and go on behind that.
  @Test func contentsAreCutBeforeStreams() throws {
    var random = SeededGenerator(seed: 173)
    let file = try Golden.deflated("package.log.gz")
    let start = FrameFormat.maximumBlock - 3000
    let content = random.bytes(start) + file + random.bytes(5000)
    var cutter = ContentCutter(ArraySource(content))
    var pieces: [ContentCutter.Piece] = []
    while let piece = try cutter.next() { pieces.append(piece) }
    #expect(pieces.map(\.content.count) == [start, file.count + 5000])
    #expect(pieces.flatMap(\.content) == content)
    #expect(pieces.allSatisfy { $0.expansion != nil })
    #expect((pieces[1].expansion?.count ?? 0) > 60_000)
  }

  @Test func progressIsThatOfTheContent() throws {
    let content = try Golden.deflated("document.zip")
    var (coded, decoded) = (0, 0)
    let archive = CollectingSink()
    let options = Options(memory: .small, threads: 2)
    let sizes = try Compressor(model: model, options: options)
      .compress(from: ArraySource(content), to: archive) { coded += $0 }
    #expect(coded == content.count && sizes.content == content.count)
    let restored = CollectingSink()
    try Decompressor(models: ModelLibrary([model]), options: options)
      .decompress(from: ArraySource(archive.bytes), to: restored) { decoded += $0 }
    #expect(decoded == content.count && restored.bytes == content)
  }
}
