/// Shift_JIS and EUC-JP: two orders of the same table.
extension TextEncoding {
  /// Halfwidth katakana: their first character, and their first and last byte.
  private static let halfwidth: UInt32 = 0xFF61
  private static let halfwidthBytes: ClosedRange<UInt8> = 0xA1...0xDF
  /// What stands before one of them in EUC-JP.
  private static let halfwidthShift: UInt8 = 0x8E

  /// The character at a place of Shift_JIS or EUC-JP and how many bytes it takes; nil where there is none.
  func japanese(
    in content: UnsafeBufferPointer<UInt8>, at i: Int
  ) -> (scalar: UInt32, length: Int)? {
    let first = content[i]
    if first < 0x80 { return (UInt32(first), 1) }
    if self == .shiftJIS, Self.halfwidthBytes.contains(first) {
      return (Self.halfwidth + UInt32(first - Self.halfwidthBytes.lowerBound), 1)
    }
    guard i + 1 < content.count else { return nil }
    let second = content[i + 1]
    if self == .eucJP, first == Self.halfwidthShift {
      guard Self.halfwidthBytes.contains(second) else { return nil }
      return (Self.halfwidth + UInt32(second - Self.halfwidthBytes.lowerBound), 2)
    }
    guard let cell = self == .shiftJIS ? Self.shifted(first, second) : Self.extended(first, second)
    else { return nil }
    let scalar = JISCharacters.scalars[cell]
    return scalar == 0 ? nil : (UInt32(scalar), 2)
  }

  /// - Returns: whether these encodings have the character.
  func append(japanese scalar: UInt32, to content: inout [UInt8]) -> Bool {
    if scalar < 0x80 {
      content.append(UInt8(scalar))
      return true
    }
    guard scalar < 0x10000 else { return false }
    if scalar >= Self.halfwidth,
      let byte = UInt8(exactly: scalar - Self.halfwidth + UInt32(Self.halfwidthBytes.lowerBound)),
      Self.halfwidthBytes.contains(byte)
    {
      if self == .eucJP { content.append(Self.halfwidthShift) }
      content.append(byte)
      return true
    }
    let cell = Int(JISCharacters.cells[Int(scalar)]) - 1
    guard cell >= 0 else { return false }
    let (row, place) = (UInt8(cell / JISCharacters.width), UInt8(cell % JISCharacters.width))
    if self == .eucJP {
      guard row < 94 else { return false }
      content += [0xA1 + row, 0xA1 + place]
    } else {
      let (pair, isOdd) = (row / 2, row % 2 == 1)
      content.append(pair < 31 ? 0x81 + pair : 0xE0 + (pair - 31))
      content.append(isOdd ? 0x9F + place : 0x40 + place + (place >= 63 ? 1 : 0))
    }
    return true
  }

  /// The cell of two bytes of Shift_JIS, which has two rows for each first byte.
  private static func shifted(_ first: UInt8, _ second: UInt8) -> Int? {
    let pair: UInt8
    switch first {
    case 0x81...0x9F: pair = first - 0x81
    case 0xE0...0xFC: pair = first - 0xE0 + 31
    default: return nil
    }
    let row = 2 * Int(pair)
    switch second {
    case 0x40...0x7E: return row * JISCharacters.width + Int(second - 0x40)
    case 0x80...0x9E: return row * JISCharacters.width + Int(second - 0x41)
    case 0x9F...0xFC: return (row + 1) * JISCharacters.width + Int(second - 0x9F)
    default: return nil
    }
  }

  /// The cell of two bytes of EUC-JP.
  static func extended(_ first: UInt8, _ second: UInt8) -> Int? {
    let bytes: ClosedRange<UInt8> = 0xA1...0xFE
    guard bytes.contains(first), bytes.contains(second) else { return nil }
    return Int(first - bytes.lowerBound) * JISCharacters.width + Int(second - bytes.lowerBound)
  }
}
