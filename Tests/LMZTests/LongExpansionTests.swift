import TestSupport
import Testing

@testable import Codec
@testable import LMZ

/// Images and base64 that are longer than a block, or stand for more.
@Suite struct LongExpansionTests {
  /// The chunks of an image as zlib would have them.
  static func image(
    _ content: [UInt8], chunk: Int? = nil, runs: [PNGData.Run] = []
  ) throws -> [UInt8] {
    let parameters = DeflateParameters(level: 6)
    var record = DeflateRecord(parameters: parameters)
    let block = DeflateBlock(kind: .dynamic, isFinal: true, size: content.count)
    record.blocks.append(.init(block: block, header: nil))
    var stream = DeflateStream(parameters)
    let bits = try #require(record.restored(content[...], &stream, BitOutput()))
    let whole = [0x78, 0x9C] + bits.all.bytes + DeflateSum.zlib.bytes(of: content[...])
    let rest = whole.count - runs.reduce(0) { $0 + $1.size }
    return PNGData.chunks(of: whole, runs + [.init(length: chunk ?? rest, size: rest)])
  }

  /// Bytes of which every one says four bits.
  private static func pixels(_ count: Int, _ random: inout SeededGenerator) -> [UInt8] {
    random.bytes(count).map { $0 & 0x0F }
  }

  private func pieces(_ content: [UInt8]) throws -> [ContentCutter.Piece] {
    var cutter = ContentCutter(ArraySource(content))
    var pieces: [ContentCutter.Piece] = []
    while let piece = try cutter.next() { pieces.append(piece) }
    #expect(pieces.flatMap(\.content) == content)
    return pieces
  }

  @Test(arguments: [nil, 8192, 1_000_000]) func imagesAreTakenWhole(chunk: Int?) throws {
    var random = SeededGenerator(seed: 340)
    let pixels = Self.pixels(2_600_000, &random)
    let image = try Self.image(pixels, chunk: chunk)
    #expect(image.count > FrameFormat.maximumBlock)
    for start in [300_000, 1_000_000] {
      let before = random.bytes(start)
      let pieces = try pieces(before + image + random.bytes(50_000))
      #expect(pieces.map(\.content.count) == [start + image.count, 50_000])
      #expect(pieces[0].expansion?.count ?? 0 > start + pixels.count)
    }
  }

  /// The blocks of a bzip2 stream go on from content to content, at any bit.
  @Test func bzip2StreamsGoOn() throws {
    var random = SeededGenerator(seed: 345)
    let part = random.bytes(700_000).map { $0 & 0x7F }
    let content = part + part + part
    var record = Bzip2Record(parameters: .init(level: 5, runs: .usual))
    record.blocks = [Bzip2Record.Block](repeating: .init(), count: 5)
    (record.hasEnd, record.size) = (true, content.count)
    var stream = Bzip2Stream(try #require(record.parameters))
    let written = stream.write(record, content[...], atMost: .max)
    let file = try #require(written)
    for before in [0, 1000] {
      let pieces = try pieces(random.bytes(before) + file + random.bytes(1000))
      #expect(pieces.count == 2)
      #expect(pieces.allSatisfy { $0.expansion?.count ?? 0 > $0.content.count })
      // All of it, and no more than records besides.
      let expanded = pieces.reduce(0) { $0 + ($1.expansion?.count ?? 0) }
      #expect((0...60).contains(expanded - content.count - before - 1000))
    }
    let options = Options(method: .withoutLanguageModel, memory: .small)
    let model = try Golden.tinyModel()
    let archive = try compress(file, model: model, options: options)
    #expect(archive.count < file.count / 2)
    #expect(try decompress(archive, model: model, options: options) == file)
  }

  @Test func whatIsTooLongIsLeft() throws {
    var random = SeededGenerator(seed: 341)
    let most = FrameFormat.maximumExpandedBlock
    let image = PNGData.chunks(of: random.bytes(most), [.init(length: most, size: most)])
    let pieces = try pieces(random.bytes(600_000) + image)
    #expect(pieces.allSatisfy { $0.expansion?.count ?? 0 < $0.content.count + 10 })
    #expect(pieces.allSatisfy { $0.content.count <= FrameFormat.maximumBlock })
    let base64 = Base64Layout().text(of: random.bytes(most))
    let parts = try self.pieces(base64)
    #expect(parts.count == 2 && parts[0].content.count > most - 4)
    #expect(parts.allSatisfy { $0.expansion?.count ?? .max < $0.content.count })
  }

  /// Images that stand for more than one expansion may have.
  @Test func anotherExpansionHasRoom() throws {
    let image = try Self.image([UInt8](repeating: 0, count: 9_000_000))
    let gap = Array("tEXt between two of them".utf8)
    let pieces = try pieces((0..<7).flatMap { _ in image + gap })
    #expect(pieces.count == 3)
    #expect(pieces.reduce(0) { $0 + ($1.expansion?.count ?? 0) } > 63_000_000)
  }

  @Test func archivesComeBack() throws {
    let model = try Golden.tinyModel()
    var random = SeededGenerator(seed: 342)
    let text = try Golden.sample("english.txt").prefix(10_000)
    let base64 = Base64Layout(line: 76).text(of: random.bytes(1_500_000))
    // Noise of which three bytes in a hundred are those of shortly before, which only zlib makes something of.
    var pixels = random.bytes(1_200_000)
    for i in stride(from: 2000, to: pixels.count - 30, by: 1000) {
      pixels.replaceSubrange(i..<(i + 30), with: pixels[(i - 1500)..<(i - 1470)])
    }
    let image = try Self.image(pixels)
    #expect(image.count > FrameFormat.maximumBlock)
    #expect(try pieces(image + text)[0].expansion?.count ?? 0 > pixels.count)
    for (content, least, most) in [
      (text + base64 + text, 1_500_000, 1_511_000), (image + text, image.count, image.count + 5000),
      (text + image + text, image.count, image.count + 12_000),
    ] as [([UInt8], Int, Int)] {
      for method in [Options.Method.withoutLanguageModel, .mixed] {
        let options = Options(method: method, memory: .small, threads: 2)
        let archive = try compress(content, model: model, options: options)
        #expect((least...most).contains(archive.count))
        #expect(archive.count <= FrameFormat.largestFrame(of: content.count))
        #expect(try decompress(archive, model: model, options: options) == content)
      }
    }
  }

  /// An image in two halves, as macOS writes them, needs the rows of its header.
  @Test func halvesAreOpened() throws {
    var random = SeededGenerator(seed: 344)
    let row = [0] + Self.pixels(300, &random)
    let pixels = (0..<200).flatMap { _ in row }
    let image = try Self.image(pixels, chunk: 150, runs: [.init(length: 150, size: 310)])
    let model = try Golden.tinyModel()
    let fields: [UInt8] = [0, 0, 0, 100, 0, 0, 0, 200, 8, 2, 0, 0, 0]
    let header = [0, 0, 0, 13] + Array("IHDR".utf8) + fields + [1, 2, 3, 4]
    for (before, isOpened) in [(header, true), ([], false)] {
      let content = before + image + Array("\0\0\0\0IEND".utf8)
      let piece = try #require(try pieces(content).first)
      #expect((piece.expansion?.count ?? 0 > pixels.count) == isOpened)
      let archive = try compress(content, model: model)
      #expect(try decompress(archive, model: model) == content)
    }
  }

  @Test func contentsThatGoOnAreKnown() throws {
    var random = SeededGenerator(seed: 343)
    let image = PNGData.chunks(of: random.bytes(1000), [.init(length: 300, size: 1000)])
    let line = Base64Layout().text(of: random.bytes(57))
    let words = Array(" some words ".utf8)
    func goesOn(_ end: [UInt8]) -> Bool {
      (words + end).withUnsafeBufferPointer { Openable.goesOn(behind: $0) }
    }
    let more: [UInt8] = image + [0, 0, 0, 0, 1, 2, 3]
    for count in [8, 20, 100, 312, 318, 700, image.count, more.count] {
      #expect(goesOn(Array(more.prefix(count))), "\(count)")
    }
    #expect(!goesOn(image + Array("\0\0\0\0IEND".utf8)))
    for end: String in ["\n", "\r\n", "\\n", "\nABC", "\r\n+/9", "\\nA1", "\\nn", "A", ""] {
      #expect(goesOn(line + Array(end.utf8)), "\(end)")
    }
    for end: String in ["\n\n", " ", "\" }", "\n-----END", "==\n", "\r\nA B", "\nA\n"] {
      #expect(!goesOn(line + Array(end.utf8)), "\(end)")
    }
    #expect(!goesOn([]))
  }
}
