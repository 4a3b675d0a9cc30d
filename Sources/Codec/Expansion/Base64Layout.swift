/// How base64 (RFC 4648) is divided into lines.
public struct Base64Layout: Equatable, Sendable {
  public enum LineEnd: Int, CaseIterable, Sendable {
    case lineFeed = 0
    case both = 1
    /// The escape for a line feed, as in strings of JSON.
    case escape = 2

    public var bytes: [UInt8] {
      switch self {
      case .lineFeed: Array("\n".utf8)
      case .both: Array("\r\n".utf8)
      case .escape: Array("\\n".utf8)
      }
    }
  }

  /// Characters in a line, a multiple of 4; 0 where there is but one.
  public let line: Int
  /// Between two lines; not behind the last.
  public let lineEnd: LineEnd

  public init(line: Int = 0, lineEnd: LineEnd = .lineFeed) {
    precondition(line % 4 == 0)
    self.line = line
    self.lineEnd = lineEnd
  }

  var code: Int { line | lineEnd.rawValue }

  init?(code: Int) {
    guard let lineEnd = LineEnd(rawValue: code & 3) else { return nil }
    self.init(line: code & ~3, lineEnd: lineEnd)
  }

  /// Characters of base64 that stand for so many bytes.
  public func size(of count: Int) -> Int {
    let characters = (count + 2) / 3 * 4
    return characters + (line == 0 ? 0 : max(0, characters - 1) / line * lineEnd.bytes.count)
  }

  private static let alphabet = Array(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
  private static let padding = UInt8(ascii: "=")
  /// What every character stands for; nil for those that are none of base64.
  private static let values: [UInt8?] = (0..<256).map { byte in
    alphabet.firstIndex(of: UInt8(byte)).map { UInt8($0) }
  }

  /// Whether a byte is a character that stands for six bits.
  @inline(__always)
  public static func isCharacter(_ byte: UInt8) -> Bool { values[Int(byte)] != nil }

  /// Base64 of bytes.
  public func text(of bytes: [UInt8]) -> [UInt8] {
    var text: [UInt8] = []
    text.reserveCapacity(size(of: bytes.count))
    var column = 0
    for start in stride(from: 0, to: bytes.count, by: 3) {
      if line > 0, column == line {
        text += lineEnd.bytes
        column = 0
      }
      let group = bytes[start..<min(start + 3, bytes.count)]
      let bits = group.reduce(0) { $0 << 8 | Int($1) } << (8 * (3 - group.count))
      for i in 0..<4 {
        text.append(i > group.count ? Self.padding : Self.alphabet[bits >> (18 - 6 * i) & 63])
      }
      column += 4
    }
    return text
  }

  /// The bytes that base64 stands for, line ends left out; nil where it is none.
  ///
  /// - Parameter characters: a multiple of 4, without line ends.
  public static func bytes(of characters: [UInt8]) -> [UInt8]? {
    guard characters.count % 4 == 0 else { return nil }
    let padding = characters.suffix(2).reversed().prefix { $0 == Self.padding }.count
    var bytes: [UInt8] = []
    bytes.reserveCapacity(characters.count / 4 * 3)
    for start in stride(from: 0, to: characters.count, by: 4) {
      var bits = 0
      let missing = start + 4 == characters.count ? padding : 0
      for i in 0..<4 {
        let value = i < 4 - missing ? values[Int(characters[start + i])] : 0
        guard let value else { return nil }
        bits = bits << 6 | Int(value)
      }
      for i in 0..<(3 - missing) { bytes.append(UInt8(bits >> (16 - 8 * i) & 255)) }
    }
    return bytes
  }
}
