/// Unsigned LEB128: seven bits a byte, the least significant first, the high bit set on all but the last.
enum Varint {
  static func append(_ value: Int, to bytes: inout [UInt8]) {
    var rest = UInt(value)
    while rest >= 128 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(rest))
  }

  /// A value of at most `limit`; the shortest form is the only one allowed.
  static func read(_ reader: inout ByteReader, limit: Int, _ what: String) throws -> Int {
    guard let value = try read({ try reader.byte() }), value <= limit else {
      throw FormatError.corrupted("\(what) is out of range")
    }
    return value
  }

  /// A value of at most five bytes; nil where it is longer, or longer than it needs to be.
  static func read(_ next: () throws -> UInt8) rethrows -> Int? {
    var value = 0
    for shift in stride(from: 0, to: 35, by: 7) {
      let byte = try next()
      value |= Int(byte & 0x7F) << shift
      if byte < 128 { return byte > 0 || shift == 0 ? value : nil }
    }
    return nil
  }
}
