/// The number that the bytes of a field stand for, the least significant first.
func littleEndian(_ bytes: some Collection<UInt8>) -> Int {
  bytes.reversed().reduce(0) { $0 << 8 | Int($1) }
}

/// A field of some bytes, the least significant first.
func littleEndianBytes(_ value: Int, count: Int = 4) -> [UInt8] {
  (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
}
