import TestSupport
import Testing

@testable import LMZ

/// Images whose rows lie open.
@Suite struct ImageTests {
  let model: NamedModel

  init() throws { model = try Golden.tinyModel() }

  /// Of a chunk; nobody asks whether it is right.
  private static let sum: [UInt8] = [1, 2, 3, 4]

  /// The first chunk of a PNG file.
  private static func header(width: Int, height: Int, colours: UInt8, interlaced: UInt8 = 0)
    -> [UInt8]
  {
    let sizes = [width, height].flatMap { n in (0..<4).map { UInt8(n >> (24 - 8 * $0) & 255) } }
    return [0, 0, 0, 13] + Array("IHDR".utf8) + sizes + [8, colours, 0, 0, interlaced] + sum
  }

  /// Shades of grey; every row is like the one before it.
  private static func image(width: Int, height: Int, _ random: inout SeededGenerator) -> [UInt8] {
    var row = random.bytes(width + 1)
    return header(width: width, height: height, colours: 0)
      + (0..<height).flatMap { _ in
        for i in row.indices { row[i] &+= UInt8.random(in: 0..<3, using: &random) }
        return row
      }
  }

  private func places(_ content: [UInt8]) -> [ImageRows.Place] { ImageRows.places(in: content) }

  /// The wider the image, the longer its rows, which the row above tells.
  @Test(arguments: [4094, 4096, 9000, 65_535]) func longRows(width: Int) throws {
    var random = SeededGenerator(seed: 69)
    let image = Self.image(width: width, height: 400_000 / width, &random)
    let options = Options(method: .withoutLanguageModel, memory: .small, threads: 2)
    let archive = try compress(image, model: model, options: options)
    #expect(try decompress(archive, model: model, options: options) == image)
    #expect(archive.count < image.count / 3 + 2 * width)
    let longer = Self.image(width: 65_536, height: 4, &random)
    #expect(RecordLength.find(in: longer, image: places(longer).first?.rows) < 65_537)
  }

  @Test func anImageSaysHowLongItsRowsAre() throws {
    var random = SeededGenerator(seed: 66)
    let image = Self.header(width: 500, height: 40, colours: 2) + random.bytes(1501 * 40)
    let place = try #require(places(image).first)
    #expect((place.rows.length, place.rows.pixel, place.rest) == (1501, 3, 0))
    #expect(place.range == 25..<image.count)
    #expect(RecordLength.find(in: image, image: place.rows) == 1501)
    for (others, isMost) in [(60_000, true), (70_000, false)] {
      let content = random.bytes(others) + image
      #expect((ImageRows(mostOf: places(content), in: content) != nil) == isMost)
    }
    #expect(places(random.bytes(1000)).isEmpty)
    #expect(places(Array(image.prefix(20))).isEmpty)
    // With another chunk before its rows, and with a data chunk as it is.
    let gamma: [UInt8] = [0, 0, 0, 4] + Array("gAMA".utf8) + [0, 0, 0xB1, 0x8F] + Self.sum
    let data: [UInt8] = [0, 0, 1, 0] + Array("IDAT".utf8)
    let header = Self.header(width: 500, height: 40, colours: 2)
    #expect(places(header + gamma + random.bytes(9000)).first?.range.lowerBound == 25 + 16)
    #expect(places(header + gamma + data + random.bytes(9000)).isEmpty)
    #expect(places(header + data + random.bytes(9000)).isEmpty)
    for (width, height) in [(0, 9), (9, 0), (1 << 31, 9), (9, 1 << 31), (-1, -1)] {
      let header = Self.header(width: width, height: height, colours: 6) + random.bytes(99)
      #expect(places(header).isEmpty, "\(width), \(height)")
    }
    let interlaced = Self.header(width: 50, height: 40, colours: 2, interlaced: 1)
    #expect(places(interlaced + random.bytes(99)).isEmpty)
  }

  @Test func anImageGoesOnInTheNextContent() throws {
    var random = SeededGenerator(seed: 67)
    let first = Self.header(width: 100, height: 50, colours: 6) + random.bytes(401 * 20)
    let place = try #require(places(first).first)
    #expect(place.rest == 401 * 30)
    let next = random.bytes(401 * 25)
    let second = try #require(ImageRows.places(in: next, after: place).first)
    #expect((second.rows, second.range, second.rest) == (place.rows, 0..<next.count, 401 * 5))
    #expect(ImageRows(mostOf: [second], in: next) == place.rows)
    let other = Self.header(width: 9, height: 600, colours: 0) + random.bytes(6000)
    let content = random.bytes(401 * 5) + other
    let both = ImageRows.places(in: content, after: second)
    #expect(both.map(\.rows.length) == [401, 10])
    #expect(both[0].range == 0..<(401 * 5) && both[1].range.count == 6000)
    #expect(ImageRows(mostOf: both, in: content)?.length == 10)
    #expect(ImageRows.places(in: next, after: both[1]).isEmpty)
  }

  /// An image's header is found from its data on, over chunks between them.
  @Test func dataHasAHeader() throws {
    var random = SeededGenerator(seed: 70)
    let header = Self.header(width: 5, height: 4, colours: 2)
    let gamma: [UInt8] = [0, 0, 0, 4] + Array("gAMA".utf8) + [0, 0, 0xB1, 0x8F] + Self.sum
    let data: [UInt8] = [0, 0, 0, 9] + Array("IDAT".utf8) + random.bytes(13)
    func found(_ before: [UInt8]) -> PNGHeader? {
      (before + data).withUnsafeBufferPointer { PNGHeader(ofDataAt: before.count, in: $0) }
    }
    let image = random.bytes(16 * 4)
    for before in [header, header + gamma, random.bytes(50) + header + gamma + gamma] {
      let header = try #require(found(before))
      #expect((header.rows.length, header.rows.pixel, header.height) == (16, 3, 4))
      let rows = try #require(header.unfiltered(image)).rows
      #expect((rows.length, rows.pixel) == (16, 3))
      #expect(header.unfiltered(image.dropLast(16)) == nil)
    }
    let interlaced = Self.header(width: 5, height: 4, colours: 2, interlaced: 1)
    for before in [[], gamma, header + [0], header + gamma.dropLast(), interlaced + gamma] {
      #expect(found(before) == nil)
    }
  }

  @Test func imagesAreParts() throws {
    var random = SeededGenerator(seed: 68)
    let small = Self.image(width: 30, height: 60, &random)
    let images =
      Self.image(width: 120, height: 100, &random) + small
      + Self.image(width: 77, height: 100, &random) + Self.image(width: 120, height: 50, &random)
    let content = images + random.bytes(3000)
    let pieces = ContentPieces(bytes: content.count).withImages(places(content))
    #expect(Set(pieces.parts.map { $0.rows?.length }) == [nil, 121, 78])
    #expect(pieces.pieces.reduce(0) { $0 + $1.length } == content.count)
    let parts = pieces.pieces.taken(apart: content, parts: pieces.parts.count)
    for (part, bytes) in zip(pieces.parts, parts) {
      let sizes: [Int?: Int] = [121: 121 * 150, 78: 78 * 100]
      if let size = sizes[part.rows?.length] { #expect(bytes.count == size) }
    }
    // One that is nearly all needs no part.
    let one = Self.image(width: 120, height: 400, &random) + small
    #expect(ContentPieces(bytes: one.count).withImages(places(one)).parts.count == 1)
    #expect(ContentPieces(bytes: one.count).withImages([]).parts.count == 1)
    // One that looks like noise is none.
    let even = Self.header(width: 500, height: 40, colours: 2) + random.bytes(1501 * 40)
    let text = try Golden.sample("english.txt")
    let mixed = text + even + text
    let found = try #require(ContentPieces(of: mixed))
    func noise(_ found: ContentPieces) -> Int {
      let part = found.parts.firstIndex { $0.sort == .noise }
      return found.pieces.reduce(0) { $0 + ($1.part == part ? $1.length : 0) }
    }
    #expect(noise(found) > 55_000 && noise(found.withImages(places(mixed))) < 100)
  }

  /// Images with others and with text come back, and each is about as small as by itself.
  @Test func archivesComeBack() throws {
    var random = SeededGenerator(seed: 69)
    let wide = Self.image(width: 300, height: 60, &random)
    let narrow = Self.image(width: 91, height: 150, &random)
    let text = try Array(Golden.sample("english.txt").prefix(9000))
    func size(_ content: [UInt8], _ options: Options) throws -> Int {
      let archive = try compress(content, model: model, options: options)
      #expect(try decompress(archive, model: model, options: options) == content)
      return archive.count
    }
    for method in [Options.Method.mixed, .withoutLanguageModel] {
      let options = Options(method: method, threads: 2)
      let alone = try [wide, narrow].reduce(0) { try $0 + size($1, options) }
      #expect(try size(wide + narrow, options) * 100 < alone * 103)
      let all = try size(text + wide + text.reversed() + narrow + text, options)
      let texts = try size(text + text.reversed() + text, options)
      if method == .mixed { #expect(all * 100 < (alone + texts) * 103) }
    }
  }
}
