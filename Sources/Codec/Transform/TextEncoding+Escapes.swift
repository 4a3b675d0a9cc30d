/// Characters beyond ASCII that are spelled in ASCII. Only what would be written in the same way again counts as an escape.
extension TextEncoding {
  /// The character beyond ASCII whose escape is at a place, and how many bytes that takes; nil where there is none.
  @inline(__always)
  func escaped(
    in content: UnsafeBufferPointer<UInt8>, at i: Int
  ) -> (scalar: UInt32, length: Int)? {
    switch self {
    case .characterReferences, .hexadecimalReferences, .upperCaseHexadecimalReferences:
      return reference(in: content, at: i)
    case .percentEscapes, .byteEscapes, .upperCaseByteEscapes, .octalEscapes:
      let unit = byteLength
      guard content[i] == (self == .percentEscapes ? Self.percent : Self.backslash),
        let (scalar, length) = Self.scalar(
          of: (content.count - i) / unit, { byte(in: content, i + unit * $0) }),
        scalar >= 0x80, scalar & 0xFFFF_F800 != 0xD800, Self.isShortest(length, for: scalar)
      else { return nil }
      return (scalar, unit * length)
    default:
      guard let found = Self.character(at: i, unitLength: 6, { unit(in: content, $0) }),
        found.scalar >= 0x80
      else { return nil }
      return found
    }
  }

  /// A character of ASCII as it is, any other as its escape.
  func append(escaping scalar: UInt32, to content: inout [UInt8]) {
    guard scalar >= 0x80 else {
      content.append(UInt8(scalar))
      return
    }
    switch self {
    case .characterReferences, .hexadecimalReferences, .upperCaseHexadecimalReferences:
      let number = String(scalar, radix: radix, uppercase: letterA == UInt8(ascii: "A"))
      content += Self.referenceStart + (radix == 16 ? [Self.letterX] : []) + number.utf8
      content.append(Self.semicolon)
    case .percentEscapes, .byteEscapes, .upperCaseByteEscapes, .octalEscapes:
      var bytes: [UInt8] = []
      Self.append(scalar, to: &bytes)
      for byte in bytes { append(byte: byte, to: &content) }
    default: Self.forEachUnit(of: scalar) { append(unit: $0, to: &content) }
    }
  }

  private func append(unit: UInt32, to content: inout [UInt8]) {
    content += [Self.backslash, UInt8(ascii: "u")]
    for shift in [12, 8, 4, 0] as [UInt32] { content.append(digit(UInt8(unit >> shift & 15))) }
  }

  private func append(byte: UInt8, to content: inout [UInt8]) {
    switch self {
    case .percentEscapes: content.append(Self.percent)
    case .octalEscapes: content += [Self.backslash, digit(byte >> 6)]
    default: content += [Self.backslash, Self.letterX]
    }
    content +=
      self == .octalEscapes
      ? [digit(byte >> 3 & 7), digit(byte & 7)] : [digit(byte >> 4), digit(byte & 15)]
  }

  private static let backslash = UInt8(ascii: "\\")
  private static let percent = UInt8(ascii: "%")

  private static let semicolon = UInt8(ascii: ";")
  private static let letterX = UInt8(ascii: "x")
  private static let referenceStart = Array("&#".utf8)

  /// A number without zeros before it, between `&#`, or `&#x`, and a semicolon.
  private func reference(
    in content: UnsafeBufferPointer<UInt8>, at i: Int
  ) -> (scalar: UInt32, length: Int)? {
    let start = i + (radix == 16 ? 3 : 2)
    guard start < content.count, content[i] == Self.referenceStart[0],
      content[i + 1] == Self.referenceStart[1],
      radix == 10 || content[i + 2] == Self.letterX, content[start] != UInt8(ascii: "0")
    else { return nil }
    var scalar: UInt32 = 0
    for k in start..<min(i + 10, content.count) {
      if content[k] == Self.semicolon {
        return (0x80...0x10FFFF).contains(scalar) ? (scalar, k + 1 - i) : nil
      }
      guard let digit = value(of: content[k]), digit < radix else { return nil }
      scalar = UInt32(radix) * scalar + UInt32(digit)
    }
    return nil
  }

  /// Four digits behind a backslash and a u.
  private func unit(in content: UnsafeBufferPointer<UInt8>, _ i: Int) -> UInt32? {
    guard i + 6 <= content.count, content[i] == Self.backslash, content[i + 1] == UInt8(ascii: "u")
    else { return nil }
    var unit: UInt32 = 0
    for k in 2..<6 {
      guard let value = value(of: content[i + k]) else { return nil }
      unit = unit << 4 | UInt32(value)
    }
    return unit
  }

  /// How many characters a byte has.
  private var byteLength: Int { self == .percentEscapes ? 3 : 4 }

  /// Two digits behind a percent sign, or behind a backslash and an x; or three behind a backslash.
  @inline(__always)
  private func byte(in content: UnsafeBufferPointer<UInt8>, _ i: Int) -> UInt8? {
    if self == .percentEscapes {
      guard content[i] == Self.percent else { return nil }
      return pair(in: content, i + 1)
    }
    guard content[i] == Self.backslash else { return nil }
    if self != .octalEscapes {
      return content[i + 1] == Self.letterX ? pair(in: content, i + 2) : nil
    }
    var byte = 0
    for k in 1...3 {
      guard let digit = value(of: content[i + k]), digit < 8 else { return nil }
      byte = byte << 3 | Int(digit)
    }
    return UInt8(exactly: byte)
  }

  @inline(__always)
  private func pair(in content: UnsafeBufferPointer<UInt8>, _ i: Int) -> UInt8? {
    guard let high = value(of: content[i]), let low = value(of: content[i + 1]) else { return nil }
    return high << 4 | low
  }

  // MARK: Digits

  private var radix: Int { self == .characterReferences ? 10 : 16 }

  private var letterA: UInt8 {
    switch self {
    case .unicodeEscapes, .hexadecimalReferences, .byteEscapes: UInt8(ascii: "a")
    default: UInt8(ascii: "A")
    }
  }

  private func digit(_ value: UInt8) -> UInt8 {
    value < 10 ? UInt8(ascii: "0") + value : letterA + (value - 10)
  }

  private func value(of digit: UInt8) -> UInt8? {
    let number = digit &- UInt8(ascii: "0")
    if number < 10 { return number }
    let letter = digit &- letterA
    return letter < 6 ? letter + 10 : nil
  }
}
