/// Lines that have been there, each with a number, so that one that comes again can be named instead of coded byte by byte.
///
/// Only what stands behind a line's first `column` bytes counts, its *rest*: logs begin their lines with the time. Blocks of
/// bytes only.
package struct NumberedLines {
  private struct Line {
    /// Where the rest stood last.
    var start = 0
    /// Its bytes, with the end of the line.
    var count = 0
    var hash: UInt64 = 0
  }

  /// The shortest and the longest rest that gets a number.
  package static let lengths = 64...4096
  /// Bits of a number.
  static let bits = 16

  let column: Int
  private var lines: [Line] = []
  /// The number that goes to the next new line once there are no more.
  private var oldest = 0
  /// By the hash of a line its number and 1, or 0. [2^17]
  private var table = [UInt32](repeating: 0, count: 2 << bits)

  /// Whether a line is named, by whether the last two were. [4]
  private let naming = AdaptiveMap(count: 4, limit: 255)
  private var past = 0
  /// The bits of numbers, the highest first, by those before it behind a 1. [2^16]
  private let numbers = AdaptiveMap(count: 1 << bits, limit: 1023)
  private var node = 1

  init(column: Int) { self.column = column }

  /// Whether `lane` is where a line may be named.
  @inline(__always)
  func isDue(_ lane: LaneContext) -> Bool { lane.column == column && !lines.isEmpty }

  /// The number of the line whose rest `content` begins with; nil where that has none.
  func number(of content: ArraySlice<UInt8>, _ history: History) -> Int? {
    guard let end = content.prefix(Self.lengths.upperBound).firstIndex(of: 10) else { return nil }
    let first = content.startIndex
    let count = end + 1 - first
    let hash = Self.hash(count) { content[first + $0] }
    guard let number = number(hash), isKnown(number, history), lines[number].count == count else {
      return nil
    }
    let start = lines[number].start
    return (0..<count).allSatisfy { history[start + $0] == content[first + $0] } ? number : nil
  }

  /// Where the line of a number stood last; nil where there is none, or where it is not known any more.
  func place(of number: Int, _ history: History) -> Range<Int>? {
    guard number < lines.count, isKnown(number, history) else { return nil }
    return lines[number].start..<(lines[number].start + lines[number].count)
  }

  private func isKnown(_ number: Int, _ history: History) -> Bool {
    history.knownEnd(from: lines[number].start) >= lines[number].start + lines[number].count
  }

  /// A line of these bytes has come, its end with it.
  mutating func note(_ line: Range<Int>, _ history: History) {
    let start = line.lowerBound + column
    let count = line.upperBound - start
    guard Self.lengths.contains(count) else { return }
    let hash = Self.hash(count) { history[start + $0] }
    if let number = number(hash) {
      lines[number] = Line(start: start, count: count, hash: hash)
      return
    }
    let number = lines.count < 1 << Self.bits ? lines.count : oldest
    if number == lines.count {
      lines.append(Line())
    } else {
      oldest = (oldest + 1) % (1 << Self.bits)
    }
    lines[number] = Line(start: start, count: count, hash: hash)
    table[Self.slot(hash)] = UInt32(number + 1)
  }

  private func number(_ hash: UInt64) -> Int? {
    let number = Int(table[Self.slot(hash)]) - 1
    return number >= 0 && lines[number].hash == hash ? number : nil
  }

  private static func slot(_ hash: UInt64) -> Int { Int(hash >> UInt64(63 - bits)) }

  @inline(__always)
  private static func hash(_ count: Int, _ byte: (Int) -> UInt8) -> UInt64 {
    var hash: UInt64 = 0
    for i in 0..<count { hash = (hash ^ UInt64(byte(i))) &* 0x9E37_79B9_7F4A_7C15 }
    return (hash ^ hash >> 32) &* 0x9E37_79B9_7F4A_7C15
  }

  // The decisions.

  /// The probability that the line is named, 1...65535.
  func namingProbability() -> UInt32 { Self.coded(naming[past]) }

  mutating func update(isNamed: Int) {
    naming.update(past, isNamed)
    past = (past << 1 | isNamed) & 3
    node = 1
  }

  /// The probability that the next bit of the number is 1.
  func bitProbability() -> UInt32 { Self.coded(numbers[node]) }

  mutating func update(bit: Int) {
    numbers.update(node, bit)
    node = node << 1 | bit
  }

  private static func coded(_ entry: UInt32) -> UInt32 { max(1, min(65535, entry >> 16)) }
}
