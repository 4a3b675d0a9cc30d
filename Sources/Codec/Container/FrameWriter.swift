/// Writes one frame: `append` for every block, then `finish`.
public struct FrameWriter {
  private var sink: any ByteSink
  private let header: FrameHeader
  /// The last block is held back: the frame's form depends on whether it is the only one.
  private var held: Block?
  private var isStarted = false
  private var checksum = FrameChecksum()
  /// Bytes written.
  public private(set) var written = 0

  public init(_ sink: any ByteSink, _ header: FrameHeader) {
    self.sink = sink
    self.header = header
  }

  /// - Parameter content: what the block decodes to, for the checksum.
  public mutating func append(_ block: Block, content: [UInt8]) throws {
    checksum.add(content: content)
    if let held { try write(held, isLast: false) }
    held = block
  }

  public mutating func finish() throws {
    let last = held ?? Block(stored: [])
    let isPlain =
      last.lanes.count == 1 && last.structure == .text && last.form == nil && last.parts.isEmpty
    if isStarted || !isPlain || last.size > FrameFormat.longestShort {
      try write(last, isLast: true)
    } else {
      try writeShort(last)
    }
    try putChecksum()
  }

  /// Writes, in place of content, a model for the frames that follow.
  ///
  /// - Parameters:
  ///   - archive: the model's file, compressed without any model.
  ///   - file: the same, for the checksum.
  public mutating func finish(model archive: [UInt8], file: [UInt8]) throws {
    precondition(held == nil && !isStarted)
    checksum.add(content: file)
    var bytes = start(.model, 0)
    Varint.append(archive.count, to: &bytes)
    try put(bytes + archive)
    try putChecksum()
  }

  private mutating func putChecksum() throws {
    try put(littleEndianBytes(Int(checksum.value)))
  }

  private mutating func put(_ bytes: [UInt8]) throws {
    checksum.add(frame: bytes[...])
    try sink.write(bytes)
    written += bytes.count
  }

  private func start(_ form: FrameFormat.Form, _ kindOrMemory: UInt8) -> [UInt8] {
    let (generation, version) = FrameFormat.numbers(header.mixing, isPrimed: header.isPrimed)
    return FrameFormat.magic + [generation, kindOrMemory << 6 | form.rawValue << 4 | version]
      + header.model.bytes
  }

  /// The only block of a frame: nothing follows that could have learned from it.
  private mutating func writeShort(_ block: Block) throws {
    let kind = block.kind.isStored ? Block.Kind.stored : block.kind
    let size = block.size
    let coded = block.payload.count
    if size <= FrameFormat.longestTiny {
      try put(start(.tiny, kind.rawValue) + [UInt8(size), UInt8(coded)] + block.payload)
    } else {
      let sizes = size | coded << 12
      try put(
        start(.short, kind.rawValue) + littleEndianBytes(sizes, count: 3) + block.payload)
    }
  }

  private mutating func write(_ block: Block, isLast: Bool) throws {
    var bytes = isStarted ? [] : start(.blocks, header.memory.rawValue)
    isStarted = true
    let start = Self.bytes(of: block, withSize: true)
    bytes.append((isLast ? 0x80 : 0) | start[0])
    try put(bytes + start[1...])
  }

  /// Bytes of a block in a frame of several.
  public static func size(of block: Block) -> Int { bytes(of: block, withSize: true).count }

  /// - Parameter withSize: whether the block says how much content it has, as parts of another one do not.
  private static func bytes(of block: Block, withSize: Bool) -> [UInt8] {
    let lanes = UInt8(block.lanes.count - 1)
    let formBit = block.form == nil ? 0 : Block.Kind.formBit
    var bytes = [lanes << 4 | formBit | block.kind.rawValue]
    if withSize { Varint.append(block.size, to: &bytes) }
    if block.kind == .expanded {
      Varint.append(block.codedSize, to: &bytes)
      return bytes + block.parts.flatMap { Self.bytes(of: $0, withSize: true) }
    }
    if block.kind == .parts {
      let count = block.parts.count
      bytes.append(UInt8(count))
      for piece in block.pieces {
        Varint.append(piece.length * count + piece.part, to: &bytes)
      }
      return bytes + block.parts.flatMap { Self.bytes(of: $0, withSize: false) }
    }
    if !block.kind.isStored {
      if let form = block.form {
        bytes.append(form.code)
        if !form.dialect.isEmpty { Varint.append(Int(form.dialect.rawValue), to: &bytes) }
        Varint.append(block.codedSize, to: &bytes)
      }
      for length in block.lanes.dropLast() { Varint.append(length, to: &bytes) }
      if block.kind == .bytes { Varint.append(block.structure.code, to: &bytes) }
      Varint.append(block.payload.count, to: &bytes)
    }
    return bytes + block.payload
  }
}
