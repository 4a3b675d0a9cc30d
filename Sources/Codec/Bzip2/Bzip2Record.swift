/// What makes blocks of a bzip2 stream out of their content: docs/FORMAT.md, *bzip2*.
struct Bzip2Record: Equatable {
  /// What a stream begins with.
  struct Parameters: Equatable {
    /// Blocks have room for so many 100,000 bytes.
    var level: Int
    var runs: Bzip2Runs

    fileprivate static let longerRuns = 10

    init(level: Int, runs: Bzip2Runs) {
      self.level = level
      self.runs = runs
    }

    init?(code: Int) {
      level = code % Self.longerRuns
      runs = code < Self.longerRuns ? .usual : .longer
      guard Bzip2Block.levels.contains(level), code < 2 * Self.longerRuns else { return nil }
    }

    var code: Int { level + (runs == .usual ? 0 : Self.longerRuns) }
  }

  struct Block: Equatable {
    /// Bytes of content; nil where these are as many as libbzip2 puts into one.
    var size: Int?
    /// The place of its content among its rotations; nil where this follows from that.
    var origin: Int?
    /// Its codes; nil where they are those that libbzip2 chooses.
    var codes: Bzip2CodesRecord?

    fileprivate enum Flag { static let (size, origin, codes) = (1, 2, 4) }

    fileprivate var flags: Int {
      (size != nil ? Flag.size : 0) | (origin != nil ? Flag.origin : 0)
        | (codes != nil ? Flag.codes : 0)
    }
  }

  /// Of a stream that begins; nil where one goes on.
  var parameters: Parameters?
  var blocks: [Block] = []
  /// Whether the end of the stream follows the blocks.
  var hasEnd = false
  /// Bytes of content.
  var size = 0

  init(parameters: Parameters?) { self.parameters = parameters }

  var bytes: [UInt8] {
    var bytes: [UInt8] = []
    Varint.append(parameters?.code ?? 0, to: &bytes)
    Varint.append(blocks.count << 1 | (hasEnd ? 1 : 0), to: &bytes)
    for block in blocks {
      Varint.append(block.flags, to: &bytes)
      if let size = block.size { Varint.append(size, to: &bytes) }
      if let origin = block.origin { Varint.append(origin, to: &bytes) }
      if let codes = block.codes { bytes += codes.bytes }
    }
    Varint.append(size, to: &bytes)
    return bytes
  }

  /// Reads one from bytes that content follows.
  ///
  /// - Throws: `FormatError.corrupted`.
  init(_ reader: inout ExpansionReader) throws {
    let code = try reader.number()
    if code != 0 {
      guard let parameters = Parameters(code: code) else { throw ExpansionReader.damaged }
      self.parameters = parameters
    }
    let count = try reader.number()
    hasEnd = count & 1 == 1
    for _ in 0..<(count >> 1) {
      let flags = try reader.number()
      guard flags < 8 else { throw ExpansionReader.damaged }
      var block = Block()
      if flags & Block.Flag.size > 0 { block.size = try reader.number() }
      if flags & Block.Flag.origin > 0 {
        let origin = try reader.number()
        guard origin < 1 << Bzip2Block.originBits else { throw ExpansionReader.damaged }
        block.origin = origin
      }
      if flags & Block.Flag.codes > 0 { block.codes = try Bzip2CodesRecord(&reader) }
      blocks.append(block)
    }
    size = try reader.number()
  }
}
