import TestSupport
import Testing

@testable import Codec

@Suite struct ContainerTests {
  final class Sink: ByteSink {
    var bytes: [UInt8] = []
    func write(_ bytes: [UInt8]) { self.bytes += bytes }
  }

  static let model = ModelReference(identity: 0x0123_4567_89AB_CDEF)
  static let header = FrameHeader(model: model, memory: .medium, mixing: .second)

  static func archive(_ blocks: [(Block, [UInt8])]) throws -> [UInt8] {
    let sink = Sink()
    var writer = FrameWriter(sink, header)
    for (block, content) in blocks { try writer.append(block, content: content) }
    try writer.finish()
    #expect(writer.written == sink.bytes.count)
    return sink.bytes
  }

  static func blocks(_ archive: [UInt8], contents: [[UInt8]]) throws -> [Block] {
    var reader = FrameReader(ArraySource(archive))
    #expect(try reader.nextFrame()?.model == model)
    var blocks: [Block] = []
    var checksum = XXH64()
    while let block = try reader.nextBlock() {
      checksum.update(contents[blocks.count][...])
      blocks.append(block)
    }
    try reader.finishFrame().verify(checksum)
    #expect(try reader.nextFrame() == nil)
    return blocks
  }

  @Test func blocksComeBack() throws {
    var random = SeededGenerator(seed: 10)
    for sizes in [[0], [1], [255], [256], [4095], [4096], [5000, 7], [300, 70000, 1 << 20]] {
      let contents = sizes.map { random.bytes($0) }
      let stored = contents.map { (Block(stored: $0), $0) }
      #expect(
        try Self.blocks(Self.archive(stored), contents: contents) == stored.map(\.0), "\(sizes)")
      guard sizes.allSatisfy({ $0 > 3 }) else { continue }
      let text = contents.map { content in
        (
          Block(
            .text, lanes: [2, content.count - 2], coded: Array(content.prefix(content.count / 2))),
          content
        )
      }
      #expect(try Self.blocks(Self.archive(text), contents: contents) == text.map(\.0), "\(sizes)")
    }
  }

  @Test func codesOfStructuresComeBack() {
    for code in 0...ByteStructure.largestCode {
      #expect(ByteStructure(code: code).code == code)
    }
    for length in [0, 1, 4095, 4096, 4097, 4098, ByteStructure.longestRecord] {
      for hasCalls in [false, true] where length > 0 {
        let structure = ByteStructure(recordLength: length, hasAbsoluteCalls: hasCalls)
        #expect(structure.code <= ByteStructure.largestCode)
        #expect(ByteStructure(code: structure.code) == structure)
      }
    }
    #expect(ByteStructure(recordLength: 4096, hasAbsoluteCalls: true).code == 8193)
    #expect(ByteStructure(linesNumberedFrom: 63).code == 8257)
    #expect(ByteStructure(recordLength: 4097).code == 8258)
  }

  @Test func kindsAndStructuresComeBack() throws {
    var random = SeededGenerator(seed: 11)
    for size in [200, 3000, 9000] {
      let content = random.bytes(size)
      let coded = Array(content.prefix(100))
      let blocks = [
        Block(.languageModelOnly, lanes: [size], coded: coded),
        Block(.bytes, lanes: [size], coded: coded),
        Block(
          .bytes, lanes: [size],
          structure: ByteStructure(recordLength: 216, hasAbsoluteCalls: true), coded: coded),
        Block(
          .bytes, lanes: [size], structure: ByteStructure(recordLength: 0, repeatsLines: true),
          coded: coded),
        Block(
          .bytes, lanes: [size], structure: ByteStructure(linesNumberedFrom: 63), coded: coded),
        Block(.text, lanes: [size, 7], coded: coded).standing(for: size, in: TextForm(.eucJP)),
        Block(.bytes, lanes: [2 * size], coded: coded).standing(
          for: size, in: TextForm(.windows1252, foldsLineEnds: true)),
        Block(.bytes, lanes: [2 * size], coded: coded).standing(
          for: size, in: TextForm(.unicodeEscapes, foldsLineEnds: true, dialect: .solidus)),
      ]
      for block in blocks {
        #expect(try Self.blocks(Self.archive([(block, content)]), contents: [content]) == [block])
      }
    }
  }

  @Test func partsComeBack() throws {
    var random = SeededGenerator(seed: 12)
    for length in [10, 900, 50_000] {
      let coded = random.bytes(length)
      let parts = [
        Block(.text, lanes: [length, 5 * length], coded: coded),
        // What does not become smaller stays in its part.
        Block(
          .bytes, lanes: [length], structure: ByteStructure(recordLength: 4), coded: coded + coded),
        Block(.text, lanes: [length], coded: coded).standing(for: 2 * length, in: TextForm(.eucJP)),
        Block(stored: coded),
      ]
      var left = parts.map(\.size)
      var pieces: [Block.Piece] = []
      while let part = left.indices.filter({ left[$0] > 0 }).randomElement(using: &random) {
        let piece = Block.Piece(part: part, length: Int.random(in: 1...left[part], using: &random))
        pieces.append(piece)
        left[part] -= piece.length
      }
      let block = Block(parts: parts, pieces: pieces)
      let content = random.bytes(10 * length)
      #expect(block.size == content.count && block.leaves == parts)
      #expect(pieces.joined(pieces.taken(apart: content, parts: parts.count)) == content)
      let blocks = [
        (block, content), (parts[0], Array(content.prefix(parts[0].size))), (block, content),
      ]
      #expect(
        try Self.blocks(Self.archive(blocks), contents: blocks.map(\.1)) == blocks.map(\.0),
        "seed 12")
    }
  }

  @Test func forgettingComesBackWhereSomethingFollows() throws {
    let content: [UInt8] = [1, 2, 3]
    let block = Block(stored: content, forgetting: true)
    let both = try Self.archive([(block, content), (block, content)])
    #expect(try Self.blocks(both, contents: [content, content]).map(\.kind) == [.fresh, .fresh])
    let one = try Self.archive([(block, content)])
    #expect(try Self.blocks(one, contents: [content]).map(\.kind) == [.stored])
  }

  @Test func overheadOfOneShortBlock() throws {
    for (size, coded) in [(0, 0), (1, 1), (255, 90), (256, 90), (4095, 1000)] {
      let content = [UInt8](repeating: 7, count: size)
      let block =
        coded < size
        ? Block(.text, lanes: [size], coded: [UInt8](repeating: 9, count: coded))
        : Block(stored: content)
      #expect(try Self.archive([(block, content)]).count <= coded + 16)
    }
  }

  @Test func textIsNeverTakenForAnArchive() {
    var reader = FrameReader(ArraySource(Array("plain text".utf8)))
    #expect(throws: FormatError.notThisFormat) { try reader.nextFrame() }
    var empty = FrameReader(ArraySource([]))
    #expect(throws: FormatError.truncated) { try empty.nextFrame() }
  }

  @Test(arguments: MixingVersion.allCases, [false, true])
  func versionsComeBack(mixing: MixingVersion, isPrimed: Bool) throws {
    let header = FrameHeader(
      model: Self.model, memory: .medium, mixing: mixing, isPrimed: isPrimed)
    let sink = Sink()
    var writer = FrameWriter(sink, header)
    let content = [UInt8](repeating: 7, count: 5000)
    try writer.append(Block(stored: content), content: content)
    try writer.finish()
    var reader = FrameReader(ArraySource(sink.bytes))
    #expect(try reader.nextFrame() == header)
  }

  @Test func fieldsOutOfRangeAreRefused() throws {
    let head = FrameFormat.magic + [0, 1] + Self.model.bytes
    let bad: [([UInt8], FormatError)] = [
      (FrameFormat.magic + [0, 15] + Self.model.bytes, .unsupported("format version 15")),
      (FrameFormat.magic + [0, 0] + Self.model.bytes, .unsupported("format version 0")),
      (
        FrameFormat.magic + [1, 9] + Self.model.bytes,
        .unsupported("format version 9 of generation 1")
      ),
      (
        FrameFormat.magic + [1, 0] + Self.model.bytes,
        .unsupported("format version 0 of generation 1")
      ),
      (FrameFormat.magic + [2], .unsupported("format generation 2")),
      (FrameFormat.magic + [7], .unsupported("format generation 7")),
      (FrameFormat.magic + [8, 1], .notThisFormat),
      (FrameFormat.magic + [0x20, 1], .notThisFormat),
      (
        FrameFormat.magic + [0, 0x31] + Self.model.bytes + [0xFF, 0xFF, 0xFF, 0x7F],
        .corrupted("a model's size is out of range")
      ),
      (FrameFormat.magic + [0, 0x31] + Self.model.bytes + [9, 1, 2], .truncated),
      (head + [0x87], .unsupported("block kind 7")),
      (head + [0x86, 9, 0], .corrupted("an expansion is empty")),
      (head + [0x86, 9, 20, 0x80], .corrupted("a block of an expansion is the last block")),
      (head + [0x86, 9, 20, 6, 9], .unsupported("block kind 6")),
      (
        head + [0x86, 9, 2, 0, 3, 1, 2, 3],
        .corrupted("the blocks of an expansion have another size than it")
      ),
      (
        head + [0x86, 9, 0x81, 0x80, 0x80, 0x10],
        .corrupted("an expansion's size is out of range")
      ),
      (head + [0x8D], .unsupported("block kind 13")),
      (head + [0x95, 9], .corrupted("a block without tokens has lanes")),
      (head + [0x85, 9, 1], .unsupported("a block of 1 parts")),
      (head + [0x85, 9, 9], .unsupported("a block of 9 parts")),
      (head + [0x85, 9, 2, 20], .corrupted("a piece's length is out of range")),
      (head + [0x85, 9, 2, 1], .corrupted("a piece is empty")),
      (head + [0x85, 9, 2, 18], .corrupted("a part is empty")),
      (head + [0x85, 9, 2, 8, 11, 0x80], .corrupted("a part is the last block")),
      (head + [0x85, 9, 2, 8, 11, 4], .unsupported("block kind 4")),
      (head + [0x85, 9, 2, 8, 11, 5], .unsupported("block kind 5")),
      (
        head + [0x85, 9, 2, 8, 11, 2, 0, 0x81, 0x80, 0x40],
        .corrupted("a block's coded size is out of range")
      ),
      (head + [0x90, 1], .corrupted("a block without tokens has lanes")),
      (head + [0x92, 1], .corrupted("a block without tokens has lanes")),
      (head + [0x82, 9, 0xC2, 0x80, 8], .corrupted("a block's structure is out of range")),
      (head + [0x81, 10, 10, 0], .corrupted("a block's coded size is out of range")),
      (head + [0x91, 10, 0, 5], .corrupted("a lane is empty")),
      (head + [0x91, 10, 11], .corrupted("a lane's size is out of range")),
      (head + [0x80, 0x81, 0x80, 0x40], .corrupted("a block's size is out of range")),
      (head + [0x80, 0x80, 0x00], .corrupted("a block's size is out of range")),
      (head + [0x80, 5, 1, 2], .truncated),
      (
        FrameFormat.magic + [0, 0x51] + Self.model.bytes + [3, 4, 0, 0, 0, 0],
        .corrupted("a block is larger than its content")
      ),
      (
        FrameFormat.magic + [0, 0x51] + Self.model.bytes + [3, 3, 0, 0, 0],
        .corrupted("a block's kind does not go with its size")
      ),
      (
        FrameFormat.magic + [0, 0x11] + Self.model.bytes + [3, 2, 0, 0],
        .corrupted("a block's kind does not go with its size")
      ),
      (
        FrameFormat.magic + [0, 0x21] + Self.model.bytes + [5, 0, 0],
        .corrupted("a short frame is too short")
      ),
    ]
    for (archive, expected) in bad {
      var reader = FrameReader(ArraySource(archive))
      #expect(throws: expected) {
        _ = try reader.nextFrame()
        while try reader.nextBlock() != nil {}
      }
    }
  }

  /// The published test vectors of xxHash for seed 0.
  @Test func checksumHasThePublishedValues() {
    #expect(XXH64.hash([]) == 0xEF46_DB37_51D8_E999)
    #expect(XXH64.hash(Array("a".utf8)) == 0xD24E_C4F1_A98C_6E5B)
    #expect(XXH64.hash(Array("abc".utf8)) == 0x44BC_2CF5_AD77_0999)
    #expect(
      XXH64.hash(Array("Nobody inspects the spammish repetition".utf8)) == 0xFBCE_A83C_8A37_8BF1)
  }

  @Test func checksumDoesNotDependOnThePieces() {
    var random = SeededGenerator(seed: 11)
    let bytes = random.bytes(1000)
    var state = XXH64()
    var start = 0
    while start < bytes.count {
      let end = min(bytes.count, start + Int.random(in: 0...70, using: &random))
      state.update(bytes[start..<end])
      start = end
    }
    #expect(state.digest() == XXH64.hash(bytes))
  }
}
