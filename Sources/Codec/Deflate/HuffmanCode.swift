/// Codes for symbols that follow from their lengths (RFC 1951, 3.2.2).
struct HuffmanCode {
  /// Bits of every symbol's code; 0 for none.
  let lengths: [UInt8]
  /// The codes, the first bit lowest.
  let codes: [UInt16]

  init(_ lengths: [UInt8]) {
    self.lengths = lengths
    var next = Self.firstCodes(lengths)
    codes = lengths.map { length in
      defer { next[Int(length)] += 1 }
      return length == 0 ? 0 : Self.reversed(next[Int(length)], Int(length))
    }
  }

  /// The first code of every length.
  private static func firstCodes(_ lengths: [UInt8]) -> [Int] {
    var counts = [Int](repeating: 0, count: DeflateCode.longestCode + 2)
    for length in lengths where length > 0 { counts[Int(length) + 1] += 1 }
    var code = 0
    return counts.map { count in
      code = (code + count) << 1
      return code
    }
  }

  private static func reversed(_ code: Int, _ length: Int) -> UInt16 {
    var (result, rest) = (UInt16(0), code)
    for _ in 0..<length {
      result = result << 1 | UInt16(truncatingIfNeeded: rest & 1)
      rest >>= 1
    }
    return result
  }

  /// Literals, lengths and distances of blocks that bring no codes.
  static let fixedLiterals = HuffmanCode(
    [UInt8](repeating: 8, count: 144) + [UInt8](repeating: 9, count: 112)
      + [UInt8](repeating: 7, count: 24) + [UInt8](repeating: 8, count: 8))
  static let fixedDistances = HuffmanCode([UInt8](repeating: 5, count: 32))

  /// What the next bits are the code of: 16 times the symbol and the length of its code; 0 where no code is like that.
  ///
  /// - Returns: as many entries as the longest code has values; nil where there is no code, or too many.
  func table() -> [UInt16]? {
    guard let longest = lengths.max(), longest > 0 else { return nil }
    var room = 1 << DeflateCode.longestCode
    for length in lengths where length > 0 { room -= 1 << (DeflateCode.longestCode - Int(length)) }
    guard room >= 0 else { return nil }
    var table = [UInt16](repeating: 0, count: 1 << Int(longest))
    for (symbol, length) in lengths.enumerated() where length > 0 {
      for i in stride(from: Int(codes[symbol]), to: table.count, by: 1 << Int(length)) {
        table[i] = UInt16(symbol) << 4 | UInt16(length)
      }
    }
    return table
  }
}
