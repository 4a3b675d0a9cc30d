/// A block of a bzip2 stream.
struct Bzip2Block {
  /// What was sorted.
  var sorted: BurrowsWheeler
  /// Of its content.
  var sum: UInt32

  /// The numbers that a block and the end of a stream begin with.
  static let magic = 0x3141_5926_5359
  static let endMagic = 0x1772_4538_5090
  static let magicBits = 48
  static let originBits = 24
  /// Bytes of the stream's header.
  static let streamHeader = Array("BZh".utf8)
  static let levels = 1...9

  /// Bytes that a block has room for once runs are written, by level. libbzip2 begins no run in the last few of them.
  static func capacity(_ level: Int) -> Int { level * 100_000 }
  static func limit(_ level: Int) -> Int { capacity(level) - 19 }

  // MARK: Reading

  /// A block as it stands in a stream.
  struct Read {
    /// Of its content.
    var sum: UInt32
    /// What was sorted: the content with runs.
    var written: [UInt8]
    /// Nil where it follows from that.
    var origin: Int?
    /// The codes as they stand there; nil where they are those that libbzip2 would have chosen.
    var codes: Bzip2CodesRecord?
    /// Bytes of content that the block may have.
    var mostContent: Int
  }

  /// What a block stands for is at most so many times as long. More is left as it is: there is nothing to gain, and to code it takes
  /// long.
  private static let highestRatio = 1024

  /// Reads what follows the magic number.
  ///
  /// - Returns: nil where there is no block.
  static func read(_ input: inout HighBitInput, level: Int) throws(BitInput.Exhausted) -> Read? {
    let start = input.position
    let sum = UInt32(try input.number(32))
    // Blocks are no longer written at random.
    guard try input.number(1) == 0 else { return nil }
    let origin = try input.number(originBits)
    guard let bytes = try Self.bytes(&input) else { return nil }
    let codesAt = input.position
    guard let (codes, lengthsAt) = try Bzip2Codes.read(&input, alphabet: bytes.count + 2) else {
      return nil
    }
    let behindCodes = input
    guard
      let (symbols, column) = try codes.column(of: bytes, atMost: capacity(level), &input)
    else { return nil }
    let content = Bzip2Symbols(of: column)
    let mostContent = highestRatio * (input.position - start) / 8
    guard content.bytes == bytes, content.symbols == symbols, column.count <= mostContent,
      let text = BurrowsWheeler(last: column, origin: origin).text
    else { return nil }
    var usual = HighBitOutput()
    Bzip2Codes(for: content).append(to: &usual)
    let areUsual = usual.all == (try behindCodes.bits(from: codesAt)).all
    return Read(
      sum: sum, written: text.bytes, origin: text.isOriginKnown ? nil : origin,
      codes: areUsual
        ? nil
        : Bzip2CodesRecord(codes, of: symbols, lengths: try behindCodes.bits(from: lengthsAt)),
      mostContent: mostContent)
  }

  /// The bytes that occur.
  private static func bytes(_ input: inout HighBitInput) throws(BitInput.Exhausted) -> [UInt8]? {
    var bytes: [UInt8] = []
    let rows = try input.number(16)
    for row in 0..<16 where rows >> (15 - row) & 1 == 1 {
      let cells = try input.number(16)
      guard cells > 0 else { return nil }
      for cell in 0..<16 where cells >> (15 - cell) & 1 == 1 {
        bytes.append(UInt8(16 * row + cell))
      }
    }
    return bytes.isEmpty ? nil : bytes
  }

  // MARK: Writing

  /// - Parameter codes: nil for those that libbzip2 chooses.
  /// - Returns: false where the codes are none for the block.
  func append(to output: inout HighBitOutput, codes record: Bzip2CodesRecord?) -> Bool {
    let content = Bzip2Symbols(of: sorted.last)
    output.append(Self.magic, Self.magicBits)
    output.append(Int(sum), 32)
    output.append(0, 1)
    output.append(sorted.origin, Self.originBits)
    Self.append(content.bytes, to: &output)
    let codes: Bzip2Codes
    if let record {
      guard let recorded = record.codes(for: content) else { return false }
      codes = recorded
      record.append(codes, to: &output)
    } else {
      codes = Bzip2Codes(for: content)
      codes.append(to: &output)
    }
    let values = codes.codes
    for (group, start) in stride(from: 0, to: content.symbols.count, by: Bzip2Codes.group)
      .enumerated()
    {
      let table = Int(codes.selectors[group])
      for symbol in content.symbols[start...].prefix(Bzip2Codes.group) {
        output.append(values[table][Int(symbol)], Int(codes.lengths[table][Int(symbol)]))
      }
    }
    return true
  }

  private static func append(_ bytes: [UInt8], to output: inout HighBitOutput) {
    var rows = [Int](repeating: 0, count: 16)
    for byte in bytes { rows[Int(byte >> 4)] |= 1 << (15 - Int(byte & 15)) }
    output.append(rows.reduce(0) { $0 << 1 | ($1 > 0 ? 1 : 0) }, 16)
    for row in rows where row > 0 { output.append(row, 16) }
  }
}

extension Bzip2Codes {
  /// Reads the symbols of a block.
  ///
  /// - Returns: nil where there is no block of at most so many bytes.
  fileprivate func column(
    of bytes: [UInt8], atMost most: Int, _ input: inout HighBitInput
  ) throws(BitInput.Exhausted) -> (symbols: [UInt16], column: [UInt8])? {
    let readers = lengths.map { Bzip2CodeReader($0) }
    var bits = input
    var count = 0
    var isBad = false
    let end = bytes.count + 1
    let read = try Bzip2Symbols.column(of: bytes, atMost: most) {
      () throws(BitInput.Exhausted) -> Int in
      let group = count / Self.group
      count += 1
      guard group < selectors.count,
        let symbol = try readers[Int(selectors[group])].next(&bits)
      else {
        isBad = true
        return end
      }
      return symbol
    }
    input = bits
    return isBad ? nil : read
  }
}
