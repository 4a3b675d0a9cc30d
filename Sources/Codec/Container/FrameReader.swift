/// Reads the frames of an archive, block by block, checking every field before it is used.
public struct FrameReader {
  private var reader: ByteReader
  private var form = FrameFormat.Form.blocks
  private var shortKind: UInt8 = 0
  private var isLast = true
  /// Frames begun so far.
  public private(set) var frames = 0

  public init(_ source: any ByteSource) { reader = ByteReader(source) }

  /// Bytes of the archive read so far.
  public var position: Int { reader.position }

  /// The header of the next frame; nil at the end of the archive.
  ///
  /// - Throws: `FormatError.notThisFormat` where the archive does not begin with a frame,
  ///   `.trailingData` where something else follows one, `.unsupported` where the frame is of a later
  ///   format.
  public mutating func nextFrame() throws -> FrameHeader? {
    if try reader.isAtEnd() {
      guard frames > 0 else { throw FormatError.truncated }
      return nil
    }
    reader.checksum = XXH64()
    let foreign: FormatError = frames == 0 ? .notThisFormat : .trailingData
    for expected in FrameFormat.magic {
      guard try reader.byte() == expected else { throw foreign }
    }
    let generation = try reader.byte()
    if FrameFormat.laterGenerations.contains(generation) {
      throw FormatError.unsupported("format generation \(generation)")
    }
    guard FrameFormat.generations.contains(generation) else { throw foreign }
    let version = try reader.byte()
    guard let parts = FrameFormat.parts(generation: generation, version: version & 15) else {
      throw FormatError.unsupported(
        "format version \(version & 15)" + (generation > 0 ? " of generation \(generation)" : ""))
    }
    guard let form = FrameFormat.Form(rawValue: version >> 4 & 3) else {
      throw FormatError.unsupported("frame form \(version >> 4 & 3)")
    }
    let model = ModelReference(read: try reader.bytes(4))
    frames += 1
    isLast = false
    self.form = form
    shortKind = form == .blocks ? 0 : version >> 6
    let memory = form == .blocks ? Memory(rawValue: version >> 6) : nil
    var header = FrameHeader(
      model: model, memory: memory ?? .small, mixing: parts.mixing, isPrimed: parts.isPrimed)
    header.holdsModel = form == .model
    return header
  }

  /// The next block of the frame; nil after the last.
  public mutating func nextBlock() throws -> Block? {
    if isLast { return nil }
    switch form {
    case .blocks: return try longBlock()
    case .model:
      isLast = true
      let size = try Varint.read(&reader, limit: FrameFormat.largestModel, "a model's size")
      return Block(stored: try reader.bytes(size))
    case .tiny:
      let size = Int(try reader.byte())
      return try shortBlock(size: size, coded: Int(try reader.byte()))
    case .short:
      let sizes = littleEndian(try reader.bytes(3))
      guard sizes & 0xFFF > FrameFormat.longestTiny else {
        throw FormatError.corrupted("a short frame is too short")
      }
      return try shortBlock(size: sizes & 0xFFF, coded: sizes >> 12)
    }
  }

  private mutating func shortBlock(size: Int, coded: Int) throws -> Block {
    guard coded <= size else { throw FormatError.corrupted("a block is larger than its content") }
    isLast = true
    let payload = try reader.bytes(coded)
    guard let kind = Block.Kind(rawValue: shortKind), kind.isStored == (coded == size) else {
      throw FormatError.corrupted("a block's kind does not go with its size")
    }
    return kind.isStored ? Block(stored: payload) : Block(kind, lanes: [size], coded: payload)
  }

  private mutating func longBlock() throws -> Block {
    let flags = try reader.byte()
    isLast = flags & 0x80 != 0
    guard flags & 0x7F == Block.Kind.expanded.rawValue else { return try block(flags & 0x7F) }
    let size = try Varint.read(
      &reader, limit: FrameFormat.maximumExpandedBlock, "a block's size")
    return Block(expanded: try expansion(), size: size)
  }

  /// The blocks of an expansion.
  private mutating func expansion() throws -> [Block] {
    var rest = try Varint.read(
      &reader, limit: FrameFormat.maximumExpansion, "an expansion's size")
    var blocks: [Block] = []
    while rest > 0 {
      let flags = try reader.byte()
      guard flags < 0x80 else {
        throw FormatError.corrupted("a block of an expansion is the last block")
      }
      let block = try block(flags)
      guard block.size > 0, block.size <= rest else {
        throw FormatError.corrupted("the blocks of an expansion have another size than it")
      }
      rest -= block.size
      blocks.append(block)
    }
    guard !blocks.isEmpty else { throw FormatError.corrupted("an expansion is empty") }
    return blocks
  }

  /// - Parameters:
  ///   - flags: without what says whether it is the last.
  ///   - partSize: its bytes of content where it is a part of another block; nil where it says so itself.
  private mutating func block(_ flags: UInt8, partSize: Int? = nil) throws -> Block {
    let hasForm = flags & Block.Kind.formBit != 0
    guard let kind = Block.Kind(rawValue: flags & 15 & ~Block.Kind.formBit),
      !hasForm || kind.isCoded, kind != .expanded,
      partSize == nil || kind.isCoded || kind == .stored
    else { throw FormatError.unsupported("block kind \(flags & 15)") }
    let size =
      try partSize ?? Varint.read(&reader, limit: FrameFormat.maximumBlock, "a block's size")
    let count = Int(flags >> 4 & 7) + 1
    guard count == 1 || kind.needsModel else {
      throw FormatError.corrupted("a block without tokens has lanes")
    }
    if kind.isStored {
      return Block(stored: try reader.bytes(size), forgetting: kind == .fresh)
    }
    if kind == .parts { return try parts(of: size) }
    let form = hasForm ? try textForm() : nil
    let codedSize =
      hasForm
      ? try Varint.read(&reader, limit: FrameFormat.maximumText, "a text's size") : size
    var lanes: [Int] = []
    for _ in 1..<count {
      lanes.append(
        try Varint.read(&reader, limit: codedSize - lanes.reduce(0, +), "a lane's size"))
    }
    lanes.append(codedSize - lanes.reduce(0, +))
    guard lanes.allSatisfy({ $0 > 0 }) else { throw FormatError.corrupted("a lane is empty") }
    var structure = ByteStructure.text
    if kind == .bytes {
      structure = ByteStructure(
        code: try Varint.read(
          &reader, limit: ByteStructure.largestCode, "a block's structure"))
    }
    // What a part takes too much the others may save.
    let limit = partSize == nil ? size - 1 : FrameFormat.maximumBlock
    let coded = try Varint.read(&reader, limit: limit, "a block's coded size")
    let block = Block(kind, lanes: lanes, structure: structure, coded: try reader.bytes(coded))
    return form.map { block.standing(for: size, in: $0) } ?? block
  }

  private mutating func parts(of size: Int) throws -> Block {
    let count = Int(try reader.byte())
    guard Block.partCounts.contains(count) else {
      throw FormatError.unsupported("a block of \(count) parts")
    }
    var pieces: [Block.Piece] = []
    var sizes = [Int](repeating: 0, count: count)
    var rest = size
    while rest > 0 {
      let code = try Varint.read(&reader, limit: rest * count + count - 1, "a piece's length")
      let piece = Block.Piece(part: code % count, length: code / count)
      guard piece.length > 0 else { throw FormatError.corrupted("a piece is empty") }
      pieces.append(piece)
      sizes[piece.part] += piece.length
      rest -= piece.length
    }
    guard sizes.allSatisfy({ $0 > 0 }) else { throw FormatError.corrupted("a part is empty") }
    let parts = try sizes.map { size in
      let flags = try reader.byte()
      guard flags < 0x80 else { throw FormatError.corrupted("a part is the last block") }
      return try block(flags, partSize: size)
    }
    return Block(parts: parts, pieces: pieces)
  }

  private mutating func textForm() throws -> TextForm {
    let code = try reader.byte()
    let form = try TextForm(code: code) {
      UInt16(try Varint.read(&reader, limit: Int(UInt16.max), "a form of text"))
    }
    guard let form else {
      throw FormatError.unsupported("form of text \(code)")
    }
    return form
  }

  /// Reads the frame's checksum, after its last block.
  public mutating func finishFrame() throws -> FrameEnd {
    let frame = UInt32(truncatingIfNeeded: reader.checksum.digest())
    return FrameEnd(content: try reader.littleEndian32() ^ frame)
  }
}

/// What stands behind a frame's last block.
public struct FrameEnd: Sendable {
  /// What the frame's checksum, without what it has of the frame's own bytes, says of the content.
  fileprivate let content: UInt32

  /// - Parameter decoded: the checksum of the content of all blocks.
  /// - Throws: `FormatError.checksumMismatch`.
  public func verify(_ decoded: XXH64) throws(FormatError) {
    guard UInt32(truncatingIfNeeded: decoded.digest()) == content else { throw .checksumMismatch }
  }
}
