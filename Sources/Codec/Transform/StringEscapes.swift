/// How text whose strings are spelled as in JSON, `"a \\"b\\"\\n"`, is written with what the escapes stand for in their place. What stands
/// in the text itself where those are is marked instead, by bytes that no UTF-8 has.
public struct StringEscapes: Equatable, Sendable {
  /// Whether lines of a string are strings of an array, as in notebooks: a line feed stands for `\\n",`, a line feed, as many spaces as the line before
  /// began with, and `"`.
  public let joinsArrays: Bool

  public init(joinsArrays: Bool) { self.joinsArrays = joinsArrays }

  package static let backslash = UInt8(ascii: "\\")
  package static let quote = UInt8(ascii: "\"")
  private static let comma = UInt8(ascii: ",")
  private static let space = UInt8(ascii: " ")
  package static let lineFeed = UInt8(ascii: "\n")
  private static let tab = UInt8(ascii: "\t")
  private static let carriageReturn = UInt8(ascii: "\r")
  package static let letterN = UInt8(ascii: "n")

  /// What stands for a line feed, a quotation mark and a tab that are no escapes; and, where strings of arrays are joined, for a
  /// line feed that is one.
  private enum Mark {
    static let lineFeed: UInt8 = 0xFE
    static let quote: UInt8 = 0xFD
    static let tab: UInt8 = 0xFC
    static let escapedLineFeed: UInt8 = 0xFB
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
      case Self.backslash where joinsArrays && next == Self.letterN:
        if let end = Self.endOfJoint(in: text, at: i - 1, indentation) {
          result.append(Self.lineFeed)
          i = end
        } else {
          result.append(Mark.escapedLineFeed)
          i += 1
        }
      case Self.backslash:
        if let character = next.flatMap(Self.character) {
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
        result += [Self.backslash, Self.letterN]
        if joinsArrays {
          result += [Self.quote, Self.comma, Self.lineFeed]
          result.append(contentsOf: repeatElement(Self.space, count: indentation))
          result.append(Self.quote)
        }
      case Mark.escapedLineFeed where joinsArrays: result += [Self.backslash, Self.letterN]
      case Self.tab: result += [Self.backslash, UInt8(ascii: "t")]
      case Self.carriageReturn: result += [Self.backslash, UInt8(ascii: "r")]
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

  /// What is escaped by a backslash and another character.
  private static func character(_ escaped: UInt8) -> UInt8? {
    switch escaped {
    case letterN: lineFeed
    case UInt8(ascii: "t"): tab
    case UInt8(ascii: "r"): carriageReturn
    case quote, backslash: escaped
    default: nil
    }
  }

  /// How many there are from a place on.
  package static func spaces(in text: [UInt8], at start: Int) -> Int {
    (text[start...].firstIndex { $0 != space } ?? text.count) - start
  }

  /// Where what a line feed stands for in an array ends; nil where there is something else.
  package static func endOfJoint(in text: [UInt8], at start: Int, _ indentation: Int) -> Int? {
    let end = start + 6 + indentation
    guard end <= text.count,
      text[start..<(start + 5)].elementsEqual([backslash, letterN, quote, comma, lineFeed]),
      text[end - 1] == quote, spaces(in: text, at: start + 5) == indentation
    else { return nil }
    return end
  }
}
