/// Reads bits of bytes, the most significant first.
struct HighBitInput {
  /// With `BitInput.padding` bytes behind them that do not count.
  private let bytes: UnsafePointer<UInt8>
  private let end: Int
  /// Bits taken so far.
  private(set) var position: Int

  /// - Parameters:
  ///   - bytes: with `BitInput.padding` more than count.
  ///   - position: in bits.
  init(_ bytes: UnsafeBufferPointer<UInt8>, at position: Int) {
    precondition(bytes.count >= BitInput.padding)
    self.bytes = bytes.baseAddress!
    end = 8 * (bytes.count - BitInput.padding)
    self.position = position
  }

  /// - Parameter count: at most 48.
  /// - Throws: `BitInput.Exhausted` where there are less.
  @inline(__always)
  mutating func number(_ count: Int) throws(BitInput.Exhausted) -> Int {
    let word = UnsafeRawPointer(bytes + position >> 3).loadUnaligned(as: UInt64.self).bigEndian
    guard position + count <= end else { throw BitInput.Exhausted() }
    let value = count == 0 ? 0 : (word << UInt64(position & 7)) >> UInt64(64 - count)
    position += count
    return Int(value)
  }

  /// The bits from a position up to the next one that is taken.
  func bits(from start: Int) throws(BitInput.Exhausted) -> HighBitOutput {
    var input = self
    input.position = start
    var output = HighBitOutput()
    while input.position < position {
      let size = min(32, position - input.position)
      output.append(try input.number(size), size)
    }
    return output
  }
}

/// Writes bits into bytes, the most significant first.
struct HighBitOutput: BitWriting {
  var bytes: [UInt8] = []
  private var pending: UInt64 = 0
  private(set) var rest = 0

  /// - Parameter size: bits, at most 48.
  @inline(__always)
  mutating func append(_ value: Int, _ size: Int) {
    pending = pending << UInt64(size) | UInt64(value) & (1 << UInt64(size) - 1)
    rest += size
    while rest >= 8 {
      rest -= 8
      bytes.append(UInt8(truncatingIfNeeded: pending >> UInt64(rest)))
    }
  }
}
