/// Numbers of a few bits each behind one another, the most significant bit first.
public struct BitSequence: Sendable {
  private let bytes: Buffer<UInt8>
  public let count: Int

  /// - Throws: `OutOfMemory`.
  public init(_ bytes: [UInt8], _ range: Range<Int>) throws(OutOfMemory) {
    // Eight bytes are read at a time.
    self.bytes = try Buffer(allocating: range.count + 8)
    let copy = self.bytes.pointer(at: 0, length: range.count)
    bytes[range].withUnsafeBufferPointer { source in
      if let start = source.baseAddress { copy.update(from: start, count: range.count) }
    }
    count = 8 * range.count
  }

  /// The `count` bits from `position` on, 1...57, none of them beyond the last.
  @inline(__always)
  public func number(at position: Int, bits count: Int) -> UInt64 {
    let bytes = self.bytes.pointer(at: position >> 3, length: 8)
    var word: UInt64 = 0
    for i in 0..<8 { word = word << 8 | UInt64(bytes[i]) }
    return (word << UInt64(position & 7)) >> UInt64(64 - count)
  }
}
