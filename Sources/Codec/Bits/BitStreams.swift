/// Reads bits of bytes, the least significant first.
struct BitInput {
  /// With eight bytes behind them that do not count.
  private let bytes: UnsafePointer<UInt8>
  private let end: Int
  /// Bits taken so far.
  private(set) var position: Int

  /// What is asked for lies behind the end.
  struct Exhausted: Error {}

  /// - Parameters:
  ///   - bytes: with `padding` more than count.
  ///   - position: in bits.
  init(_ bytes: UnsafeBufferPointer<UInt8>, at position: Int) {
    precondition(bytes.count >= Self.padding)
    self.bytes = bytes.baseAddress!
    end = 8 * (bytes.count - Self.padding)
    self.position = position
  }

  static let padding = 8

  /// At least 32 of the next bits; what lies behind the end is anything.
  @inline(__always)
  func next() -> UInt64 {
    UnsafeRawPointer(bytes + position >> 3).loadUnaligned(as: UInt64.self).littleEndian
      >> UInt64(position & 7)
  }

  @inline(__always)
  mutating func skip(_ count: Int) throws(Exhausted) {
    position += count
    if position > end {
      position = end
      throw Exhausted()
    }
  }

  /// - Parameter count: at most 32.
  @inline(__always)
  mutating func number(_ count: Int) throws(Exhausted) -> Int {
    let value = next() & (1 << UInt64(count) - 1)
    try skip(count)
    return Int(value)
  }
}

/// Writes bits into bytes, the least significant first.
struct BitOutput: BitWriting {
  var bytes: [UInt8] = []
  private var pending: UInt64 = 0
  private var count: UInt64 = 0

  var rest: Int { Int(count) }

  /// - Parameter size: bits, at most 32.
  @inline(__always)
  mutating func append(_ value: Int, _ size: Int) {
    pending |= UInt64(value) << count
    count += UInt64(size)
    while count >= 8 {
      bytes.append(UInt8(truncatingIfNeeded: pending))
      pending >>= 8
      count -= 8
    }
  }

  mutating func append(bytes more: some Collection<UInt8>) {
    precondition(count == 0)
    bytes += more
  }

  /// Forgets the bits that fill no byte.
  mutating func dropRest() {
    pending = 0
    count = 0
  }
}

extension BitOutput {
  /// Bits of an input.
  init(copying range: Range<Int>, of input: UnsafeBufferPointer<UInt8>) {
    for position in range { append(Int(input[position >> 3] >> UInt8(position & 7) & 1), 1) }
  }
}
