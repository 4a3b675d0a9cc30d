/// What stands behind a deflated stream, by which formats find damage.
public enum DeflateSum: CaseIterable, Sendable {
  case none
  /// Adler-32 (RFC 1950).
  case zlib
  /// CRC-32 and size (RFC 1952).
  case gzip

  /// Bytes of it.
  public var size: Int {
    switch self {
    case .none: 0
    case .zlib: 4
    case .gzip: 8
    }
  }

  /// - Parameter content: what the stream stands for.
  public func bytes(of content: some Collection<UInt8>) -> [UInt8] {
    switch self {
    case .none: []
    case .zlib: DeflateSums.bigEndian(DeflateSums.adler32(content))
    case .gzip:
      littleEndianBytes(Int(DeflateSums.crc32(content))) + littleEndianBytes(content.count)
    }
  }
}

enum DeflateSums {
  /// Adler-32, of zlib's streams (RFC 1950).
  static func adler32(_ bytes: some Sequence<UInt8>) -> UInt32 {
    var (a, b) = (UInt32(1), UInt32(0))
    for byte in bytes {
      a = (a + UInt32(byte)) % 65521
      b = (b + a) % 65521
    }
    return b << 16 | a
  }

  /// CRC-32, of PNG's chunks.
  static func crc32(_ bytes: some Sequence<UInt8>) -> UInt32 {
    ~bytes.reduce(~0) { crcTable[Int(UInt8(truncatingIfNeeded: $0) ^ $1)] ^ $0 >> 8 }
  }

  private static let crcTable: [UInt32] = (0..<256).map { byte in
    (0..<8).reduce(UInt32(byte)) { sum, _ in sum & 1 == 1 ? 0xEDB8_8320 ^ sum >> 1 : sum >> 1 }
  }

  /// Four bytes, the most significant first.
  static func bigEndian(_ value: UInt32) -> [UInt8] {
    (0..<4).map { UInt8(truncatingIfNeeded: value >> (24 - 8 * UInt32($0))) }
  }
}
