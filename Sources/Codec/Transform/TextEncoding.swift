/// An encoding of text, and the way to UTF-8 and back that loses nothing: a character set, or escapes for what is beyond ASCII.
///
/// Any content has a form in UTF-8: bytes that the encoding has no character for are kept, each behind a byte FF, which never
/// occurs in UTF-8. Surrogates that belong to no pair are written with three bytes like other 16-bit units.
public enum TextEncoding: UInt8, CaseIterable, Sendable {
  case utf16LittleEndian = 0
  case utf16BigEndian = 1
  /// Shift_JIS with what Windows added (code page 932).
  case shiftJIS = 2
  case eucJP = 3
  /// Latin-1 with Windows' characters from 80 to 9F; of these 81, 8D, 8F, 90 and 9D stand for the control characters.
  case windows1252 = 4
  /// UTF-16 units beyond ASCII as JSON and its like have them, \u3042, all with lower-case or all with upper-case digits.
  case unicodeEscapes = 5
  case upperCaseUnicodeEscapes = 6
  /// Bytes of UTF-8 as web addresses have them, %E3%81%82.
  case percentEscapes = 7
  /// Characters are as they are.
  case utf8 = 8
  /// Characters by their decimal numbers as XML and HTML have them, &#12354;.
  case characterReferences = 9
  /// Characters of two bytes behind ESC $ B, others behind ESC ( B.
  case iso2022JP = 10
  /// The same with ESC ( J.
  case iso2022JPRoman = 11
  /// Characters by their hexadecimal numbers, &#x3042;, all with lower-case or all with upper-case digits.
  case hexadecimalReferences = 15
  case upperCaseHexadecimalReferences = 16
  /// Bytes of UTF-8 as C and its like have them, \xe3\x81\x82, all with lower-case or all with upper-case digits.
  case byteEscapes = 17
  case upperCaseByteEscapes = 18
  /// The same with three octal digits, \343\201\202.
  case octalEscapes = 19

  /// Whether it is ASCII, and the characters are those of what it stands for.
  public var isEscapes: Bool {
    switch self {
    case .unicodeEscapes, .upperCaseUnicodeEscapes, .percentEscapes, .characterReferences,
      .hexadecimalReferences, .upperCaseHexadecimalReferences, .byteEscapes, .upperCaseByteEscapes,
      .octalEscapes:
      true
    default: false
    }
  }

  /// Whether UTF-8 is shorter as a rule.
  public var isWide: Bool { self == .utf16LittleEndian || self == .utf16BigEndian || isEscapes }

  /// Whether strings may have escapes for line ends and quotation marks, too.
  public var hasStrings: Bool {
    switch self {
    case .utf8, .unicodeEscapes, .upperCaseUnicodeEscapes, .byteEscapes, .upperCaseByteEscapes,
      .octalEscapes:
      true
    default: false
    }
  }

  /// Whether these may be written otherwise than JSON needs it.
  public var hasDialects: Bool { TextForm.encodingsWithDialect.contains(self) }

  /// What stands before a byte that is kept.
  package static let escape: UInt8 = 0xFF

  /// Calls `body` with every character of a content, nil for a byte that is none, and where it begins.
  @inline(__always)
  public func forEachCharacter(in content: [UInt8], _ body: (_ scalar: UInt32?, _ at: Int) -> Void)
  {
    content.withUnsafeBufferPointer { content in
      var i = 0
      var isDouble = false
      while i < content.count {
        let found = character(in: content, at: i, &isDouble)
        body(found?.scalar, i)
        i += found?.length ?? 1
      }
    }
  }

  /// The form of a content in UTF-8.
  public func utf8(of content: [UInt8]) -> [UInt8] {
    var text: [UInt8] = []
    text.reserveCapacity(content.count + content.count / 2)
    forEachCharacter(in: content) { scalar, i in
      if let scalar {
        Self.append(scalar, to: &text)
      } else {
        text.append(Self.escape)
        text.append(content[i])
      }
    }
    return text
  }

  /// The content that has a form in UTF-8; nil where none of this encoding has it.
  ///
  /// - Parameter most: nil, too, where it has more bytes.
  public func content(of text: [UInt8], atMost most: Int = .max) -> [UInt8]? {
    var content: [UInt8] = []
    content.reserveCapacity(min(text.count, most))
    return text.withUnsafeBufferPointer { text in
      var i = 0
      var isDouble = false
      while i < text.count {
        guard content.count <= most else { return nil }
        if text[i] == Self.escape {
          guard i + 1 < text.count else { return nil }
          content.append(text[i + 1])
          i += 2
          continue
        }
        guard let (scalar, length) = Self.scalar(in: text, at: i),
          append(scalar, to: &content, &isDouble)
        else { return nil }
        i += length
      }
      return content.count <= most ? content : nil
    }
  }

  // MARK: UTF-8

  @inline(__always)
  static func append(_ scalar: UInt32, to text: inout [UInt8]) {
    func append(_ mark: UInt32, _ shift: UInt32, mask: UInt32 = 0x3F) {
      text.append(UInt8(mark | scalar >> shift & mask))
    }
    switch scalar {
    case ..<0x80: append(0, 0, mask: 0x7F)
    case ..<0x800:
      append(0xC0, 6)
      append(0x80, 0)
    case ..<0x10000:
      append(0xE0, 12)
      append(0x80, 6)
      append(0x80, 0)
    default:
      append(0xF0, 18)
      append(0x80, 12)
      append(0x80, 6)
      append(0x80, 0)
    }
  }

  /// What is written at a place, surrogates included, and how many bytes it takes.
  @inline(__always)
  private static func scalar(
    in text: UnsafeBufferPointer<UInt8>, at i: Int
  ) -> (scalar: UInt32, length: Int)? {
    scalar(of: text.count - i) { text[i + $0] }
  }

  /// The same of bytes that are there in any form, of which there are so many at most.
  @inline(__always)
  static func scalar(
    of count: Int, _ byte: (Int) -> UInt8?
  ) -> (scalar: UInt32, length: Int)? {
    guard count > 0, let lead = byte(0) else { return nil }
    if lead < 0x80 { return (UInt32(lead), 1) }
    let length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2
    guard (0xC2...0xF4).contains(lead), length <= count else { return nil }
    var scalar = UInt32(lead) & (0xFF >> UInt32(length + 1))
    for k in 1..<length {
      guard let next = byte(k), next & 0xC0 == 0x80 else { return nil }
      scalar = scalar << 6 | UInt32(next & 0x3F)
    }
    return scalar <= 0x10FFFF ? (scalar, length) : nil
  }

  /// Whether `append` writes a character with so many bytes, too.
  static func isShortest(_ length: Int, for scalar: UInt32) -> Bool {
    length == (scalar < 0x80 ? 1 : scalar < 0x800 ? 2 : scalar < 0x10000 ? 3 : 4)
  }

  // MARK: The encodings

  /// The character at a place and how many bytes it takes; nil where there is none.
  ///
  /// - Parameter isDouble: for ISO-2022-JP, false at first.
  @inline(__always)
  private func character(
    in content: UnsafeBufferPointer<UInt8>, at i: Int, _ isDouble: inout Bool
  ) -> (scalar: UInt32, length: Int)? {
    switch self {
    case .utf16LittleEndian, .utf16BigEndian:
      return Self.character(at: i, unitLength: 2) { unit(in: content, at: $0) }
    case .utf8:
      guard let (scalar, length) = Self.scalar(in: content, at: i),
        Self.isShortest(length, for: scalar)
      else { return nil }
      return (scalar, length)
    case .shiftJIS, .eucJP: return japanese(in: content, at: i)
    case .iso2022JP, .iso2022JPRoman: return switching(in: content, at: i, &isDouble)
    case .windows1252:
      let byte = content[i]
      let isSpecial = byte & 0xE0 == 0x80
      return (isSpecial ? UInt32(Self.windows[Int(byte & 0x1F)]) : UInt32(byte), 1)
    default:
      if let found = escaped(in: content, at: i) { return found }
      return content[i] < 0x80 ? (UInt32(content[i]), 1) : nil
    }
  }

  /// - Parameter isDouble: for ISO-2022-JP, false at first.
  /// - Returns: whether the encoding has the character.
  @inline(__always)
  private func append(
    _ scalar: UInt32, to content: inout [UInt8], _ isDouble: inout Bool
  ) -> Bool {
    switch self {
    case .utf16LittleEndian, .utf16BigEndian:
      Self.forEachUnit(of: scalar) { append(unit: $0, to: &content) }
      return true
    case .utf8:
      Self.append(scalar, to: &content)
      return true
    case .shiftJIS, .eucJP: return append(japanese: scalar, to: &content)
    case .iso2022JP, .iso2022JPRoman:
      return append(switching: scalar, to: &content, &isDouble)
    case .windows1252:
      if scalar < 0x80 || (0xA0...0xFF).contains(scalar) {
        content.append(UInt8(scalar))
        return true
      }
      guard let special = Self.windows.firstIndex(where: { UInt32($0) == scalar }) else {
        return false
      }
      content.append(0x80 | UInt8(special))
      return true
    default:
      append(escaping: scalar, to: &content)
      return true
    }
  }

  // MARK: UTF-16

  /// The character of the 16-bit unit at a place, or of two that are surrogates, and how many bytes it takes.
  @inline(__always)
  static func character(
    at i: Int, unitLength: Int, _ unit: (_ at: Int) -> UInt32?
  ) -> (scalar: UInt32, length: Int)? {
    guard let first = unit(i) else { return nil }
    guard first & 0xFC00 == 0xD800, let second = unit(i + unitLength), second & 0xFC00 == 0xDC00
    else { return (first, unitLength) }
    return (0x10000 + ((first & 0x3FF) << 10 | second & 0x3FF), 2 * unitLength)
  }

  @inline(__always)
  static func forEachUnit(of scalar: UInt32, _ body: (_ unit: UInt32) -> Void) {
    if scalar >= 0x10000 {
      body(0xD800 | (scalar - 0x10000) >> 10)
      body(0xDC00 | scalar & 0x3FF)
    } else {
      body(scalar)
    }
  }

  @inline(__always)
  private func unit(in content: UnsafeBufferPointer<UInt8>, at i: Int) -> UInt32? {
    guard i + 1 < content.count else { return nil }
    let (a, b) = (UInt32(content[i]), UInt32(content[i + 1]))
    return self == .utf16LittleEndian ? a | b << 8 : a << 8 | b
  }

  @inline(__always)
  private func append(unit: UInt32, to content: inout [UInt8]) {
    let (low, high) = (UInt8(unit & 0xFF), UInt8(unit >> 8))
    content.append(self == .utf16LittleEndian ? low : high)
    content.append(self == .utf16LittleEndian ? high : low)
  }

  // MARK: Windows

  /// The characters of the bytes 80 to 9F.
  private static let windows: [UInt16] = [
    0x20AC, 0x81, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160, 0x2039,
    0x0152, 0x8D, 0x017D, 0x8F, 0x90, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014,
    0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0x9D, 0x017E, 0x0178,
  ]
}
