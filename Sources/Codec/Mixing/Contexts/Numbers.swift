/// The numbers of a text as they come, and what the next one may be: the one before, or one that goes on from the
/// two before as the second of them did from the first.
///
/// Which numbers are "before" is learned: those at the same place of the records before (lines, or what an opening bracket
/// begins), or the latest, or every second, third or fourth one. The kind that was nearest lately is followed.
struct Numbers {
  /// Digits before the point of the longest number that is followed.
  private static let mostDigits = 12
  /// Kinds of numbers before: by place, and one to four numbers ago.
  private static let kinds = 5
  /// Bytes after a number in which the next is expected.
  private static let reach = 64

  // Millionths. The latest sixteen; the last two at each of the first sixteen places of records.
  private var values = SIMD16<Int64>()
  private var decimals = SIMD16<UInt8>()
  private var count = 0
  private var lastAt = SIMD16<Int64>()
  private var oneBeforeAt = SIMD16<Int64>()
  private var decimalsAt = SIMD16<UInt8>()
  private var countAt = SIMD16<UInt8>()
  private var place = 0
  /// Of each kind, how far off it was: sixteen times a mean of base-2 logarithms.
  private var errors = SIMD8<Int32>(repeating: 384)

  // The number that is coming.
  private var isInside = false
  private var isNegative = false
  private var isAfterLetter = false
  private var value: Int64 = 0
  private var digits = 0
  private var point = -1  // Decimals so far; -1 before the point.
  private var sinceLast = Numbers.reach

  // What it may be.
  private(set) var isExpected = false
  private(set) var same = NumberText()
  private(set) var next = NumberText()
  private var offset = 0
  /// Where the two numbers before differ first, about.
  private var change = 0
  private var direction: UInt64 = 0

  /// What the byte that comes next would be, were the number as it is expected, with how what has come differs from that.
  @inline(__always)
  var context: UInt64 {
    guard isExpected else { return 0 }
    let rounds: UInt64 = next[offset + 1] >= UInt8(ascii: "5") ? 1 : 0
    return 1 << 60 | UInt64(same.difference) << 40 | UInt64(next[offset]) << 24
      | UInt64(next.difference) << 16 | UInt64(same[offset]) << 8 | rounds
  }

  /// The same of the number before alone, with the way that it went and where that showed.
  @inline(__always)
  var changeContext: UInt64 {
    guard isExpected else { return 0 }
    let distance = UInt64(max(-3, min(4, offset - change)) + 3)
    return 1 << 60 | distance << 40 | UInt64(same[offset]) << 24
      | UInt64(same.difference) << 16 | direction << 8
  }

  @inline(__always)
  mutating func append(_ byte: UInt8) {
    sinceLast = min(sinceLast + 1, Self.reach)
    if byte &- 48 < 10 {
      if !isInside && !isAfterLetter { begin() }
      if isInside { append(digit: byte) }
    } else if byte == UInt8(ascii: ".") && isInside && point < 0 {
      point = 0
      follow(byte)
    } else {
      end(with: byte)
    }
  }

  private mutating func begin() {
    isInside = true
    value = 0
    digits = 0
    point = -1
  }

  @inline(__always)
  private mutating func append(digit byte: UInt8) {
    if point < NumberText.mostDecimals { value = value &* 10 &+ Int64(byte - 48) }
    if point < 0 { digits += 1 } else { point += 1 }
    follow(byte)
  }

  /// A byte that is no part of a number, but for a sign before one.
  @inline(__always)
  private mutating func end(with byte: UInt8) {
    let isSign = byte == UInt8(ascii: "-") && !isInside && !isAfterLetter && !isNegative
    if isInside { keep() }
    isNegative = isSign
    if isSign {
      follow(byte)
      return
    }
    isExpected = false
    isAfterLetter = (byte | 32) &- 97 < 26 || byte >= 128 || byte == UInt8(ascii: "_")
    if isAfterLetter { return }
    if byte == 10 || byte == UInt8(ascii: "[") || byte == UInt8(ascii: "{") { place = 0 }
    if sinceLast < Self.reach { expect() }
  }

  @inline(__always)
  private mutating func follow(_ byte: UInt8) {
    guard isExpected else { return }
    same.follow(byte, at: offset)
    next.follow(byte, at: offset)
    offset += 1
  }

  /// The last two numbers of a kind, the latest first; nil where there are not two.
  @inline(__always)
  private func before(_ kind: Int) -> (last: Int64, oneBefore: Int64, decimals: UInt8)? {
    if kind == 0 {
      let i = place & 15
      return countAt[i] < 2 ? nil : (lastAt[i], oneBeforeAt[i], decimalsAt[i])
    }
    guard count >= 2 * kind else { return nil }
    let i = (count - kind) & 15
    return (values[i], values[(count - 2 * kind) & 15], decimals[i])
  }

  private mutating func keep() {
    isInside = false
    isExpected = false
    guard digits <= Self.mostDigits else { return }
    let kept = max(0, min(point, NumberText.mostDecimals))
    for _ in kept..<NumberText.mostDecimals { value = value &* 10 }
    if isNegative { value = -value }
    for kind in 0..<Self.kinds {
      guard let (last, oneBefore, _) = before(kind) else { continue }
      let error = min((value - last).magnitude, (value - (2 * last - oneBefore)).magnitude)
      errors[kind] += (Int32(16 * (64 - error.leadingZeroBitCount)) - errors[kind]) / 4
    }
    let i = place & 15
    oneBeforeAt[i] = lastAt[i]
    lastAt[i] = value
    decimalsAt[i] = UInt8(kept)
    countAt[i] = min(2, countAt[i] + 1)
    place += 1
    values[count & 15] = value
    decimals[count & 15] = UInt8(kept)
    count += 1
    sinceLast = 0
  }

  private mutating func expect() {
    var kind = -1
    for k in 0..<Self.kinds where before(k) != nil && (kind < 0 || errors[k] < errors[kind]) {
      kind = k
    }
    guard kind >= 0, let (last, oneBefore, decimals) = before(kind) else { return }
    isExpected = true
    offset = 0
    same = NumberText(last, decimals: Int(decimals))
    next = NumberText(2 * last - oneBefore, decimals: Int(decimals))
    direction = last == oneBefore ? 0 : last > oneBefore ? 1 : 2
    change = same.offset(ofDigit: (last - oneBefore).magnitude)
  }
}

/// A number as it is written, and how another one that is being written differs from it.
struct NumberText {
  static let mostDecimals = 6
  private static let unit: UInt64 = 1_000_000

  private var bytes = SIMD32<UInt8>()
  /// Bytes before the point.
  private var whole = 0
  /// 1 for nothing so far; at the last byte: 2 one more, 3 one less, 4 more, 5 less; 6 before it.
  private(set) var difference = 0

  init() {}

  /// - Parameters:
  ///   - value: in millionths.
  ///   - decimals: how many are written, at most 6.
  init(_ value: Int64, decimals: Int) {
    difference = 1
    var rest = value.magnitude / Self.unit
    var fraction = value.magnitude % Self.unit
    if value < 0 {
      bytes[0] = UInt8(ascii: "-")
      whole = 1
    }
    var digits = 1
    var power: UInt64 = 10
    while rest >= power {
      digits += 1
      power *= 10
    }
    for i in (0..<digits).reversed() {
      bytes[whole + i] = UInt8(48 + rest % 10)
      rest /= 10
    }
    whole += digits
    guard decimals > 0 else { return }
    bytes[whole] = UInt8(ascii: ".")
    var place = Self.unit
    for i in 1...decimals {
      place /= 10
      bytes[whole + i] = UInt8(48 + fraction / place)
      fraction %= place
    }
  }

  /// 0 behind the end.
  subscript(offset: Int) -> UInt8 { offset < 32 ? bytes[offset] : 0 }

  /// Notes what stands at `offset` of the other.
  @inline(__always)
  mutating func follow(_ byte: UInt8, at offset: Int) {
    let expected = self[offset]
    if difference > 1 {
      difference = 6
    } else if byte != expected {
      difference =
        byte == expected &+ 1 ? 2 : byte &+ 1 == expected ? 3 : byte > expected ? 4 : 5
    }
  }

  /// Where the highest digit of `amount`, in millionths, would stand in the number; 32 for that of 0.
  func offset(ofDigit amount: UInt64) -> Int {
    guard amount > 0 else { return 32 }
    var digit = -Self.mostDecimals
    var power: UInt64 = 10
    while digit < 12 && amount >= power {
      digit += 1
      power *= 10
    }
    return digit >= 0 ? whole - 1 - digit : whole - digit
  }
}
