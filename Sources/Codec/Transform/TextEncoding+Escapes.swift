/// Characters beyond ASCII that are spelled in ASCII. Only what would be written in the same way again counts as an escape.
extension TextEncoding {
  /// The character beyond ASCII whose escape is at a place, and how many bytes that takes; nil where there is none.
  @inline(__always)
  func escaped(
    in content: UnsafeBufferPointer<UInt8>, at i: Int
  ) -> (scalar: UInt32, length: Int)? {
    if self == .characterReferences { return Self.reference(in: content, at: i) }
    if self == .percentEscapes {
      guard content[i] == Self.percent,
        let (scalar, length) = Self.scalar(
          of: (content.count - i) / 3, { byte(in: content, i + 3 * $0) }),
        scalar >= 0x80, scalar & 0xFFFF_F800 != 0xD800, Self.isShortest(length, for: scalar)
      else { return nil }
      return (scalar, 3 * length)
    }
    guard let found = Self.character(at: i, unitLength: 6, { unit(in: content, $0) }),
      found.scalar >= 0x80
    else { return nil }
    return found
  }

  /// A character of ASCII as it is, any other as its escape.
  func append(escaping scalar: UInt32, to content: inout [UInt8]) {
    if scalar < 0x80 {
      content.append(UInt8(scalar))
    } else if self == .percentEscapes {
      var bytes: [UInt8] = []
      Self.append(scalar, to: &bytes)
      for byte in bytes { content += [Self.percent, digit(byte >> 4), digit(byte & 15)] }
    } else if self == .characterReferences {
      content += Array("&#\(scalar);".utf8)
    } else {
      Self.forEachUnit(of: scalar) { append(unit: $0, to: &content) }
    }
  }

  private func append(unit: UInt32, to content: inout [UInt8]) {
    content += [Self.backslash, UInt8(ascii: "u")]
    for shift in [12, 8, 4, 0] as [UInt32] { content.append(digit(UInt8(unit >> shift & 15))) }
  }

  private static let backslash = UInt8(ascii: "\\")
  private static let percent = UInt8(ascii: "%")

  /// A decimal number without zeros before it, between `&#` and a semicolon.
  private static func reference(
    in content: UnsafeBufferPointer<UInt8>, at i: Int
  ) -> (scalar: UInt32, length: Int)? {
    guard i + 2 < content.count, content[i] == UInt8(ascii: "&"),
      content[i + 1] == UInt8(ascii: "#"), content[i + 2] != UInt8(ascii: "0")
    else { return nil }
    var scalar: UInt32 = 0
    for k in (i + 2)..<min(i + 10, content.count) {
      if content[k] == UInt8(ascii: ";") {
        return (0x80...0x10FFFF).contains(scalar) ? (scalar, k + 1 - i) : nil
      }
      let digit = content[k] &- UInt8(ascii: "0")
      guard digit < 10 else { return nil }
      scalar = 10 * scalar + UInt32(digit)
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

  /// Two digits behind a percent sign.
  @inline(__always)
  private func byte(in content: UnsafeBufferPointer<UInt8>, _ i: Int) -> UInt8? {
    guard content[i] == Self.percent, let high = value(of: content[i + 1]),
      let low = value(of: content[i + 2])
    else { return nil }
    return high << 4 | low
  }

  // MARK: Hexadecimal digits

  private var letterA: UInt8 { self == .unicodeEscapes ? UInt8(ascii: "a") : UInt8(ascii: "A") }

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
