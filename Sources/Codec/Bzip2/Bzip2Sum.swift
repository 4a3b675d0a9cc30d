/// CRC-32 with the most significant bit first, of a block's content.
struct Bzip2Sum {
  private static let table: [UInt32] = (0..<256).map { byte in
    (0..<8).reduce(UInt32(byte) << 24) { sum, _ in
      sum >> 31 == 1 ? 0x04C1_1DB7 ^ sum << 1 : sum << 1
    }
  }

  static func of(_ content: some Sequence<UInt8>) -> UInt32 {
    ~content.reduce(~0) { table[Int(UInt8(truncatingIfNeeded: $0 >> 24) ^ $1)] ^ $0 << 8 }
  }

  /// The sum of a stream whose next block has a sum.
  static func joined(_ sum: UInt32, _ block: UInt32) -> UInt32 { (sum << 1 | sum >> 31) ^ block }
}
