/// Makes the targets of x86 calls and jumps absolute, so that calls of one function look alike.
///
/// After each E8 or E9 whose fourth byte behind is 00 or FF, the 24 bits between take the position of the
/// instruction added, modulo 2^24. Going forward undoes exactly what going backward did, whatever the
/// bytes are.
public enum X86Calls {
  public static func makeAbsolute(_ bytes: inout [UInt8]) {
    for i in stride(from: bytes.count - 5, through: 0, by: -1) where isCall(bytes, i) {
      add(i, to: &bytes, at: i)
    }
  }

  public static func makeRelative(_ bytes: inout [UInt8]) {
    var i = 0
    while i + 5 <= bytes.count {
      if isCall(bytes, i) { add(-i, to: &bytes, at: i) }
      i += 1
    }
  }

  /// Whether so many calls have absolute targets in common that the transform pays.
  public static func pays(_ bytes: [UInt8]) -> Bool {
    var calls = 0
    var i = 0
    while i + 5 <= bytes.count {
      if isCall(bytes, i) { calls += 1 }
      i += 1
    }
    return calls * 400 > bytes.count
  }

  @inline(__always)
  private static func isCall(_ bytes: [UInt8], _ i: Int) -> Bool {
    bytes[i] & 0xFE == 0xE8 && (bytes[i + 4] == 0 || bytes[i + 4] == 0xFF)
  }

  private static func add(_ amount: Int, to bytes: inout [UInt8], at i: Int) {
    let target =
      Int(bytes[i + 1]) | Int(bytes[i + 2]) << 8 | Int(bytes[i + 3]) << 16
    let moved = target &+ amount
    for k in 0..<3 { bytes[i + 1 + k] = UInt8(truncatingIfNeeded: moved >> (8 * k)) }
  }
}
