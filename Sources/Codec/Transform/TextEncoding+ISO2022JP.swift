/// ISO-2022-JP: ASCII, or the Roman letters of JIS X 0201, and in seven bits the characters that have two bytes in EUC-JP; where
/// one of these follows one of those, or the other way round, an escape sequence says so.
extension TextEncoding {
  private static let toASCII: [UInt8] = [0x1B, 0x28, 0x42]
  private static let toRoman: [UInt8] = [0x1B, 0x28, 0x4A]
  private static let toDouble: [UInt8] = [0x1B, 0x24, 0x42]
  private static let highBit: UInt8 = 0x80

  private var toSingle: [UInt8] { self == .iso2022JP ? Self.toASCII : Self.toRoman }

  /// The character at a place and how many bytes it takes, with the escape sequence before it; nil where there is none.
  ///
  /// - Parameter isDouble: whether characters have two bytes; changes with an escape sequence.
  func switching(
    in content: UnsafeBufferPointer<UInt8>, at i: Int, _ isDouble: inout Bool
  ) -> (scalar: UInt32, length: Int)? {
    let length = Self.toDouble.count
    if !isDouble {
      if let scalar = Self.afterSwitch(in: content, at: i) {
        isDouble = true
        return (scalar, length + 2)
      }
      return content[i] < 0x80 ? (UInt32(content[i]), 1) : nil
    }
    let next = i + length
    if next < content.count, content[i..<next].elementsEqual(toSingle), content[next] < 0x80,
      Self.afterSwitch(in: content, at: next) == nil
    {
      isDouble = false
      return (UInt32(content[next]), length + 1)
    }
    return Self.double(in: content, at: i).map { ($0, 2) }
  }

  /// The first character of two bytes behind the escape sequence for such.
  private static func afterSwitch(in content: UnsafeBufferPointer<UInt8>, at i: Int) -> UInt32? {
    let next = i + toDouble.count
    guard next < content.count, content[i..<next].elementsEqual(toDouble) else { return nil }
    return double(in: content, at: next)
  }

  private static func double(in content: UnsafeBufferPointer<UInt8>, at i: Int) -> UInt32? {
    guard i + 1 < content.count, (content[i] | content[i + 1]) & highBit == 0,
      let cell = extended(content[i] | highBit, content[i + 1] | highBit)
    else { return nil }
    let scalar = JISCharacters.scalars[cell]
    return scalar == 0 ? nil : UInt32(scalar)
  }

  /// - Returns: whether the encoding has the character.
  func append(switching scalar: UInt32, to content: inout [UInt8], _ isDouble: inout Bool) -> Bool {
    if scalar < 0x80 {
      if isDouble { content += toSingle }
      isDouble = false
      content.append(UInt8(scalar))
      return true
    }
    var bytes: [UInt8] = []
    guard TextEncoding.eucJP.append(japanese: scalar, to: &bytes), bytes[0] >= 0xA1 else {
      return false
    }
    if !isDouble { content += Self.toDouble }
    isDouble = true
    content += bytes.map { $0 & ~Self.highBit }
    return true
  }
}
