import TestSupport
import Testing

@testable import LMZ

/// Blocks in which text, other bytes and noise meet.
@Suite struct PartsTests {
  let model: NamedModel

  init() throws { model = try Golden.tinyModel() }

  private static func text(_ count: Int) throws -> [UInt8] {
    try Array(Golden.sample("english.txt").prefix(count))
  }

  private static func weights(_ count: Int) throws -> [UInt8] {
    try Array(Golden.bytes("tiny.safetensors").dropFirst(20_000).prefix(count))
  }

  private static func pieces(_ content: [UInt8]) -> [(ContentPieces.Sort, Int)]? {
    ContentPieces(of: content).map { found in
      found.pieces.map { (found.parts[$0.part].sort, $0.length) }
    }
  }

  @Test func piecesAreFound() throws {
    var random = SeededGenerator(seed: 141)
    let content =
      try Self.text(10_000) + Self.weights(9_000) + Self.text(3_000) + random.bytes(40_000)
    let found = try #require(Self.pieces(content))
    #expect(found.map(\.0) == [.text, .bytes, .text, .bytes, .noise, .bytes])
    #expect(found.reduce(0) { $0 + $1.1 } == content.count)
    // Within a few cells of where it is, and within a window of noise.
    for (piece, length) in zip(found, [10_000, 9_000, 3_000]) {
      #expect(abs(piece.1 - length) < 200, "\(piece)")
    }
    #expect(found[4].1 >= 30_000)
  }

  @Test func otherContentsAreWhole() throws {
    for name in ["english.txt", "japanese.txt", "code.swift.txt", "data.json", "package.log"] {
      #expect(Self.pieces(try Golden.sample(name)) == nil, "\(name)")
    }
    var random = SeededGenerator(seed: 142)
    #expect(Self.pieces(try Golden.records()) == nil)
    #expect(Self.pieces([]) == nil)
    #expect(Self.pieces(random.bytes(50_000)) == nil)
    #expect(Self.pieces([UInt8](repeating: 0, count: 50_000)) == nil)
    #expect(Self.pieces(try Self.weights(100_000)) == nil)
    #expect(ContentPieces(of: try Self.text(10_000) + Self.weights(60_000), leastText: 0.2) == nil)
    // Little of either.
    #expect(Self.pieces(try Self.text(50_000) + random.bytes(300)) == nil)
    #expect(Self.pieces(try Self.weights(60_000) + Self.text(400)) == nil)
    #expect(Self.pieces(try Self.text(2_000) + Self.weights(2_000)) == nil)
  }

  @Test func sharesAreThoseOfTheSort() throws {
    var random = SeededGenerator(seed: 143)
    let content = try Self.text(10_000) + random.bytes(40_000) + Self.text(20_000)
    let found = try #require(ContentPieces(of: content))
    let all = [0..<content.count]
    for sort in [ContentPieces.Sort.text, .bytes, .noise] {
      #expect(found.share(of: sort, in: all) == 1 && found.share(of: sort, in: []) == 0)
    }
    #expect(abs(found.share(of: .text, in: [0..<5_000, 5_100..<10_000]) - 0.33) < 0.01)
    #expect(abs(found.share(of: .text, in: [5_000..<60_000]) - 0.5) < 0.01)
    #expect(found.share(of: .noise, in: [0..<5_000, 51_000..<60_000]) == 0)
    #expect(found.withoutNoise.parts.map(\.sort) == [.text, .bytes])
  }

  /// Text that has been there before goes with other bytes.
  @Test func repeatedTextIsTold() throws {
    let text = try Self.text(40_000)
    let content = try text + Self.weights(20_000) + text + Golden.sample("japanese.txt")
    let found = try #require(ContentPieces(of: content))
    let repeated = [60_000..<79_000, 79_200..<100_000, 120_000..<120_100]
    let pieces = try #require(found.withoutText(in: repeated))
    #expect(pieces.parts.map(\.sort) == [.text, .bytes])
    let lengths = pieces.pieces.map(\.length)
    #expect(pieces.pieces.map(\.part) == [0, 1, 0] && lengths.reduce(0, +) == content.count)
    #expect(abs(lengths[0] - 40_000) < 200 && abs(lengths[1] - 60_000) < 4_200, "\(lengths)")
    #expect(found.withoutText(in: [0..<content.count]) == nil)
  }

  @Test(arguments: [5_000, 9_000, 20_000]) func archivesComeBack(count: Int) throws {
    var random = SeededGenerator(seed: 144)
    let noise = random.bytes(count)
    for content in try [
      Self.text(count) + Self.weights(count), Self.weights(count) + Self.text(count),
      Self.text(count) + noise + Self.text(count) + Self.weights(count),
      // Noise that comes again.
      noise + Self.text(count) + noise,
    ] {
      for method in [Options.Method.mixed, .languageModelOnly, .withoutLanguageModel] {
        let options = Options(method: method, threads: 2)
        let archive = try compress(content, model: model, options: options)
        #expect(
          try decompress(archive, model: model, options: options) == content, "\(method), seed 144")
      }
    }
  }

  /// Text among other bytes is as small as by itself, and so are those.
  @Test func sizesAreThoseOfTheParts() throws {
    let text = try Self.text(50_000)
    let weights = try Self.weights(50_000)
    func size(_ content: [UInt8], _ method: Options.Method = .mixed) throws -> Int {
      try compress(content, model: model, options: Options(method: method)).count
    }
    let content = Array(weights.prefix(20_000) + text + weights.dropFirst(20_000))
    let archive = try compress(content, model: model)
    let summary = try ArchiveSummary(of: ArraySource(archive))
    #expect(summary.blocksByKind == [.text: 1, .bytes: 1] && summary.models == [model.reference])
    #expect(try archive.count < size(text) + size(weights) + 100)
    #expect(try archive.count < size(content, .withoutLanguageModel) - 1000)
  }

  /// Noise is stored, and found where it comes again.
  @Test func noiseIsStoredOnce() throws {
    var random = SeededGenerator(seed: 145)
    let noise = random.bytes(200_000)
    let text = try Self.text(50_000)
    let once = try compress(text + noise + text.prefix(100), model: model)
    #expect(try ArchiveSummary(of: ArraySource(once)).blocksByKind[.stored] == 1)
    #expect(once.count < 225_000)
    let twice = try compress(text + noise + text + noise, model: model)
    #expect(twice.count < 230_000)
    // In another block.
    let long = try compress(
      text + noise + random.bytes(900_000) + text + noise + text, model: model)
    #expect(long.count < 900_000 + 260_000)
  }

  /// Parts in all blocks of a stream.
  @Test func longStreams() throws {
    var random = SeededGenerator(seed: 146)
    var content: [UInt8] = []
    for name in ["data.json", "package.log", "english.txt", "code.swift.txt", "japanese.txt"] {
      content += try Golden.sample(name)
      content += try Self.weights(Int.random(in: 3_000..<150_000, using: &random))
      content += random.bytes(Int.random(in: 100_000..<300_000, using: &random))
    }
    let options = Options(memory: .small, threads: 2)
    let archive = try compress(content, model: model, options: options)
    #expect(try decompress(archive, model: model, options: options) == content, "seed 146")
    let kinds = try ArchiveSummary(of: ArraySource(archive)).blocksByKind
    #expect(kinds == [.text: 2, .bytes: 2, .stored: 2])
  }

  @Test func progressIsThatOfTheContent() throws {
    var random = SeededGenerator(seed: 147)
    let content = try Self.text(30_000) + Self.weights(30_000) + random.bytes(30_000)
    var (coded, decoded) = (0, 0)
    let archive = CollectingSink()
    try Compressor(model: model).compress(from: ArraySource(content), to: archive) { coded += $0 }
    #expect(coded == content.count)
    try Decompressor(models: ModelLibrary([model], embedded: false))
      .decompress(from: ArraySource(archive.bytes), to: CollectingSink()) { decoded += $0 }
    #expect(decoded == content.count)
  }
}
