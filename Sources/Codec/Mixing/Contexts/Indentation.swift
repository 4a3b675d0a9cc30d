/// What stands beside the next byte: at the same place of the last line that has the same indentation and that no line of
/// less stands behind.
struct Indentation {
  private static let most = 16
  /// How far ahead the same mark is looked for.
  private static let reach = 32

  // The lines that the next one may stand beside: their columns, and 32 bits of where they begin.
  private var columns = SIMD16<UInt16>()
  private var starts = SIMD16<UInt32>()
  private var depth = 0
  /// Whether the line so far has only spaces and tabs.
  private var isBlank = true
  /// Where the byte beside the next one stands; -1 where there is none.
  private(set) var beside = -1
  /// 1 while this line is the same as the one beside it; then 3 behind a byte that is not, and 2 behind one that is.
  private(set) var difference = 0

  /// - Parameters:
  ///   - column: that of the byte.
  ///   - position: where the byte stands.
  @inline(__always)
  mutating func append(_ byte: UInt8, column: Int, position: Int, _ history: History) {
    if byte == 10 {
      isBlank = true
      beside = -1
      difference = 0
      return
    }
    if isBlank {
      if byte == 32 || byte == 9 { return }
      isBlank = false
      beginLine(UInt16(min(column, 65535)), position)
    }
    if beside >= 0 { follow(byte, position, history) }
  }

  private mutating func beginLine(_ column: UInt16, _ position: Int) {
    while depth > 0 && columns[depth - 1] > column { depth -= 1 }
    let start = UInt32(truncatingIfNeeded: position)
    if depth > 0 && columns[depth - 1] == column {
      // The full position lies less than 2^32 back.
      beside = position - Int(start &- starts[depth - 1])
      difference = 1
    } else {
      depth = min(depth + 1, Self.most)
      columns[depth - 1] = column
    }
    starts[depth - 1] = start
  }

  /// Goes on byte by byte where both are the same; else from a mark to the next one like it.
  @inline(__always)
  private mutating func follow(_ byte: UInt8, _ position: Int, _ history: History) {
    if history[beside] == byte {
      beside += 1
      if difference == 3 { difference = 2 }
      return
    }
    difference = 3
    guard Self.isMark(byte) else { return }
    for at in beside..<max(beside, min(beside + Self.reach, position)) {
      let there = history[at]
      if there == 10 { return }
      if there == byte {
        beside = at + 1
        difference = 2
        return
      }
    }
  }

  /// Neither of an identifier nor of UTF-8.
  private static func isMark(_ byte: UInt8) -> Bool {
    let isLetter = (byte | 32) &- 97 < 26
    return byte < 128 && !isLetter && byte &- 48 >= 10 && byte != UInt8(ascii: "_")
  }
}
