/// The decoder for `RangeEncoder`.
public struct RangeDecoder {
  private let bytes: ArraySlice<UInt8>
  private var next: Int
  private var code: UInt32 = 0
  private var range = UInt32.max

  public init(_ bytes: ArraySlice<UInt8>) {
    self.bytes = bytes
    next = bytes.startIndex
    for _ in 0..<4 { code = code << 8 | UInt32(nextByte()) }
  }

  /// Whether more was read than an encoder can have written: the stream is damaged.
  public var isExhausted: Bool { next > bytes.endIndex + RangeEncoder.longestTrim }

  /// The next decision; `probability` must be what the encoder had.
  @inline(__always)
  public mutating func decode(probability: UInt32) -> Bool {
    let bound = UInt32(truncatingIfNeeded: (UInt64(range) * UInt64(probability)) >> probabilityBits)
    let bit = code < bound
    if bit {
      range = bound
    } else {
      code -= bound
      range -= bound
    }
    while range < 1 << 24 {
      code = code << 8 | UInt32(nextByte())
      range <<= 8
    }
    return bit
  }

  private mutating func nextByte() -> UInt8 {
    defer { next += 1 }
    return next < bytes.endIndex ? bytes[next] : 0
  }
}
