/// Number of bits in the probabilities that the coder takes: P(1) = p / 65536 for p in 1...65535.
public let probabilityBits: UInt64 = 16

/// One value of 16 bits above the largest probability.
public let probabilityOne: UInt32 = 1 << 16

/// Binary arithmetic encoder: a 32-bit range with carry propagation (the scheme of LZMA, Pavlov).
///
/// The output is a binary fraction. Invariant before every decision: it lies in
/// [low, low + range) · 2^-(8 · bytes shifted out), and 2^24 <= range < 2^32.
public struct RangeEncoder {
  public private(set) var bytes: [UInt8] = []
  private var low: UInt64 = 0
  private var range = UInt32.max
  /// The last byte shifted out, held back while a carry may still change it, and the number of 0xFF
  /// bytes behind it. -1 before the first.
  private var held = -1
  private var heldOnes = 0

  /// Zero bytes that `finish` may leave out at the end; the decoder puts them back.
  static let longestTrim = 4

  public init() {}

  /// Codes one decision; `probability` is that of true, in 1...65535.
  @inline(__always)
  public mutating func encode(_ bit: Bool, probability: UInt32) {
    let bound = UInt32(truncatingIfNeeded: (UInt64(range) * UInt64(probability)) >> probabilityBits)
    if bit {
      range = bound
    } else {
      low += UInt64(bound)
      range -= bound
    }
    while range < 1 << 24 {
      shift()
      range <<= 8
    }
  }

  /// Moves the top byte of `low` to the output, with its carry.
  private mutating func shift() {
    let carry = Int(low >> 32)
    let top = UInt8(truncatingIfNeeded: low >> 24)
    if top < 0xFF || carry > 0 {
      // The fraction stays below 1, so the first byte never takes a carry from a byte before it.
      if held >= 0 { bytes.append(UInt8(truncatingIfNeeded: held + carry)) }
      for _ in 0..<heldOnes { bytes.append(UInt8(truncatingIfNeeded: 0xFF + carry)) }
      heldOnes = 0
      held = Int(top)
    } else if held < 0 {
      held = Int(top)
    } else {
      heldOnes += 1
    }
    low = (low & 0x00FF_FFFF) << 8
  }

  /// Ends the stream with the fraction in the interval that needs the fewest bytes.
  public mutating func finish() -> [UInt8] {
    for zeros in stride(from: UInt64(32), through: 0, by: -8) {
      let unit = UInt64(1) << zeros
      let rounded = (low + unit - 1) / unit * unit
      if rounded < low + UInt64(range) {
        low = rounded
        break
      }
    }
    for _ in 0..<5 { shift() }
    for _ in 0..<Self.longestTrim where bytes.last == 0 { bytes.removeLast() }
    return bytes
  }
}
