/// How text whose strings are spelled as in JSON, `"a \"b\"\n"`, is written with what the escapes stand for in their place. What
/// stands in the text itself for a line end or a quotation mark is marked instead, by bytes that no UTF-8 has.
public struct StringEscapes: Equatable, Sendable {
  /// What a line feed stands for.
  public enum LineEnd: UInt8, CaseIterable, Sendable {
    /// `\n`
    case lineFeed = 0
    /// `\r\n`
    case carriageReturnLineFeed = 1
    /// Lines are strings of an array, as in notebooks: `\n",`, a line feed, as many spaces as the line before began with, and `"`.
    case array = 2
  }

  public let lineEnd: LineEnd

  public init(lineEnd: LineEnd) { self.lineEnd = lineEnd }

  package static let backslash = UInt8(ascii: "\\")
  package static let quote = UInt8(ascii: "\"")
  private static let comma = UInt8(ascii: ",")
  private static let space = UInt8(ascii: " ")
  package static let lineFeed = UInt8(ascii: "\n")
  private static let tab = UInt8(ascii: "\t")
  private static let carriageReturn = UInt8(ascii: "\r")
  package static let letterN = UInt8(ascii: "n")
  private static let letterR = UInt8(ascii: "r")

  // What is behind a backslash where a line ends.
  private static let newline = [letterN]
  private static let returnAndNewline = [letterR, backslash, letterN]
  private static let endOfElement = [letterN, quote, comma, lineFeed]

  /// What stands for a quotation mark that is about a string.
  static let quoteMark: UInt8 = 0xFD

  /// What stands for a line feed, a quotation mark and a tab that are no escapes; and, where a line feed stands for more, for
  /// one that is.
  private enum Mark {
    static let lineFeed: UInt8 = 0xFE
    static let quote = quoteMark
    static let tab: UInt8 = 0xFC
    static let escapedLineFeed: UInt8 = 0xFB
  }

  /// What a mark stands for.
  func character(of mark: UInt8) -> Character? {
    switch mark {
    case Mark.lineFeed: "\n"
    case Mark.quote: "\""
    case Mark.tab: "\t"
    default: nil
    }
  }

  /// The text with escapes folded; what is behind a byte FF is left.
  func folded(_ text: [UInt8]) -> [UInt8] {
    var result: [UInt8] = []
    result.reserveCapacity(text.count)
    var indentation = 0
    var i = 0
    while i < text.count {
      let byte = text[i]
      let next = i + 1 < text.count ? text[i + 1] : nil
      i += 1
      switch byte {
      case TextEncoding.escape:
        result.append(byte)
        if let next { result.append(next) }
        i += 1
      case Self.backslash:
        if let end = end(in: text, at: i - 1, indentation) {
          result.append(Self.lineFeed)
          i = end
        } else if next == Self.letterN {
          result.append(Mark.escapedLineFeed)
          i += 1
        } else if let character = next.flatMap(Self.character) {
          result.append(character)
          i += 1
        } else {
          result += [TextEncoding.escape, byte]
        }
      case Self.lineFeed:
        result.append(Mark.lineFeed)
        indentation = Self.spaces(in: text, at: i)
      case Self.quote: result.append(Mark.quote)
      case Self.tab: result.append(Mark.tab)
      case Self.carriageReturn: result += [TextEncoding.escape, byte]
      default: result.append(byte)
      }
    }
    return result
  }

  /// The text that `folded` makes this of; nil where there is none, or one of more than four times `most` bytes.
  func unfolded(_ text: [UInt8], atMost most: Int) -> [UInt8]? {
    var result: [UInt8] = []
    result.reserveCapacity(text.count + text.count / 16)
    var indentation = 0
    var i = 0
    while i < text.count {
      let byte = text[i]
      i += 1
      switch byte {
      case TextEncoding.escape:
        guard i < text.count else { return nil }
        result += [byte, text[i]]
        i += 1
      case Self.lineFeed:
        if lineEnd == .carriageReturnLineFeed { result += [Self.backslash, Self.letterR] }
        result += [Self.backslash, Self.letterN]
        if lineEnd == .array {
          result += [Self.quote, Self.comma, Self.lineFeed]
          result.append(contentsOf: repeatElement(Self.space, count: indentation))
          result.append(Self.quote)
        }
      case Mark.escapedLineFeed where lineEnd != .lineFeed:
        result += [Self.backslash, Self.letterN]
      case Self.tab: result += [Self.backslash, UInt8(ascii: "t")]
      case Self.carriageReturn: result += [Self.backslash, Self.letterR]
      case Self.quote, Self.backslash: result += [Self.backslash, byte]
      case Mark.lineFeed:
        result.append(Self.lineFeed)
        indentation = Self.spaces(in: text, at: i)
      case Mark.quote: result.append(Self.quote)
      case Mark.tab: result.append(Self.tab)
      default: result.append(byte)
      }
      guard result.count / 4 <= most else { return nil }
    }
    return result
  }

  /// What is escaped by a backslash and another character, but for line feeds.
  private static func character(_ escaped: UInt8) -> UInt8? {
    switch escaped {
    case UInt8(ascii: "t"): tab
    case letterR: carriageReturn
    case quote, backslash: escaped
    default: nil
    }
  }

  /// How many there are from a place on.
  package static func spaces(in text: [UInt8], at start: Int) -> Int {
    (text[start...].firstIndex { $0 != space } ?? text.count) - start
  }

  /// Where what a line feed stands for ends, if it begins at a backslash; nil where there is something else.
  ///
  /// - Parameter indentation: how many spaces the line began with.
  @inline(__always)
  package func end(in text: [UInt8], at start: Int, _ indentation: Int) -> Int? {
    func has(_ bytes: [UInt8]) -> Bool { text[(start + 1)...].starts(with: bytes) }
    switch lineEnd {
    case .lineFeed: return has(Self.newline) ? start + 2 : nil
    case .carriageReturnLineFeed: return has(Self.returnAndNewline) ? start + 4 : nil
    case .array:
      let spaces = start + 5
      guard has(Self.endOfElement), Self.spaces(in: text, at: spaces) == indentation,
        spaces + indentation < text.count,
        text[spaces + indentation] == Self.quote
      else { return nil }
      return spaces + indentation + 1
    }
  }
}
