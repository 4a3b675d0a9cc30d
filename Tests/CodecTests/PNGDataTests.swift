import TestSupport
import Testing

@testable import Codec

/// Chunks of a PNG file's image.
@Suite struct PNGDataTests {
  /// Chunks of these lengths, with what they hold.
  private static func chunks(_ lengths: [Int]) -> (chunks: [UInt8], stream: [UInt8]) {
    var random = SeededGenerator(seed: 360)
    let data = lengths.map { random.bytes($0) }
    let chunks = data.flatMap {
      PNGData.chunks(of: $0, [PNGData.Run(length: $0.count, size: $0.count)])
    }
    return (chunks, data.flatMap { $0 })
  }

  private static func read(_ bytes: [UInt8]) -> PNGData? {
    (bytes + Array("\0\0\0\0IEND".utf8)).withUnsafeBufferPointer {
      PNGData($0, at: 0, to: $0.count)
    }
  }

  @Test(arguments: [
    ([300, 300, 300, 100], [[300, 1000]]), ([300, 300], [[300, 600]]), ([9], [[9, 9]]),
    ([300, 300, 70, 300, 300, 50], [[300, 670], [300, 650]]),
    ([100, 300, 300], [[100, 100], [300, 600]]), ([300, 100, 50], [[300, 400], [50, 50]]),
  ]) func chunksAreRuns(lengths: [Int], runs: [[Int]]) throws {
    let (chunks, stream) = Self.chunks(lengths)
    let image = try #require(Self.read(chunks))
    #expect(image.runs.map { [$0.length, $0.size] } == runs)
    #expect(image.stream == stream && image.range == 0..<chunks.count)
    #expect(PNGData.chunks(of: stream, image.runs) == chunks)
    #expect(PNGData.size(of: image.runs) == chunks.count)
    #expect(image.areChunksAlike == (runs.count == 1))
  }

  @Test func chunksEnd() {
    let (chunks, _) = Self.chunks([300, 300, 100])
    chunks.withUnsafeBufferPointer {
      #expect(PNGData.endOfChunks($0, at: 0, to: $0.count) == chunks.count)
      #expect(PNGData.endOfChunks($0, at: 312, to: $0.count) == chunks.count)
      #expect(PNGData.endOfChunks($0, at: 1, to: $0.count) == 1)
      #expect(PNGData.endOfChunks($0, at: 0, to: 400) == 400)
    }
  }

  @Test func othersAreNone() {
    let (chunks, _) = Self.chunks([300, 300, 100])
    #expect(Self.read(Array(chunks.dropLast())) == nil)
    for place in [6, 20, 308, 311, 400] {
      var damaged = chunks
      damaged[place] ^= 1
      #expect(Self.read(damaged)?.range != 0..<chunks.count, "\(place)")
    }
    let empty = Array("\0\0\0\0IDAT".utf8) + [0x35, 0xAF, 0x06, 0x1E]
    #expect(Self.read(empty + chunks) == nil && Self.read(chunks + empty) == nil)
    // Too many runs, and as many as may be.
    #expect(Self.read(Self.chunks(Array(1...17)).chunks) == nil)
    #expect(Self.read(Self.chunks(Array(1...16)).chunks) != nil)
  }
  /// An item of an image, its rows of seven bytes.
  private static func item(_ numbers: [Int], rows: Int = 3, count: Int? = nil) -> [UInt8] {
    let bytes = (0..<rows).flatMap { row -> [UInt8] in [UInt8(row), 9, 9, 9, 9, 9, 9] }
    var record = DeflateRecord(parameters: DeflateParameters(level: 6))
    let block = DeflateBlock(kind: .fixed, isFinal: true, size: bytes.count)
    record.blocks = [.init(block: block, header: nil)]
    var item: [UInt8] = [11]
    for number in numbers + [count ?? rows] { Varint.append(number, to: &item) }
    return item + [0x78, 0x9C] + bytes + record.bytes
  }

  /// Whether an item gives a content of any size.
  private static func isMade(_ item: [UInt8]) -> Bool {
    (0..<200).contains { size in
      var restorer = ExpansionRestorer()
      return (try? restorer.content(of: item, size: size)) != nil
    }
  }

  @Test func damagedItemsAreRefused() {
    for numbers in [[0, 100, 7, 12], [0, 100, 7, 13], [0, 100, 7, 14], [1, 4, 8, 1, 7, 4]] {
      #expect(Self.isMade(Self.item(numbers)), "\(numbers)")
    }
    for numbers in [
      [0, 0, 7, 12], [0, 100, 8, 12], [0, 100, 7, 16], [0, 100, 7, 9], [0, 100, 7, 36],
      [0, 100, 1, 4], [16, 100, 7, 12], [1, 0, 8, 1, 7, 4], [1, 4, 0, 1, 7, 4],
      [1, 4, 1 << 34, 1, 7, 4], [0, 100, 1 << 34, 4],
    ] {
      #expect(!Self.isMade(Self.item(numbers)), "\(numbers)")
    }
    // Other rows than there are, or none.
    for count in [0, 2, 4, 1 << 34] {
      #expect(!Self.isMade(Self.item([0, 100, 7, 12], count: count)), "\(count)")
    }
    #expect(!Self.isMade(Self.item([0, 100, 1 << 34, 4], rows: 0)))
    #expect(!Self.isMade(Self.item([0, 100, 7, 12], rows: 0)))
  }
}
