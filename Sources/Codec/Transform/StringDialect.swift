/// How strings are written otherwise than JSON needs it: many programs write `<` as `\u003c`, so that JSON may stand in HTML, or
/// `/` as `\/`; in dumps of databases there are apostrophes about strings, or nothing; in CSV quotation marks are doubled.
///
/// Folded, a text is as JSON has it, but for CSV, where strings have no escapes. What the dialect writes in another way is kept
/// behind a byte FF, which stands before the backslash where there is one.
public struct StringDialect: OptionSet, Sendable {
  public let rawValue: UInt16

  public init(rawValue: UInt16) { self.rawValue = rawValue }

  /// What may be written by its number, in the order of the bits from the lowest.
  package static let numbered = Array("\"&'+<=>`".utf8)
  /// `\u0022`
  public static let numberedQuote = StringDialect(rawValue: 1)
  /// `\u0027`
  public static let numberedApostrophe = StringDialect(rawValue: 1 << 2)
  /// `\/`
  public static let solidus = StringDialect(rawValue: 1 << 8)
  /// Letters among the digits are upper-case ones: `\u003C`.
  public static let upperCaseDigits = StringDialect(rawValue: 1 << 9)
  /// There is nothing about strings, and quotation marks have no backslash.
  public static let bareQuotes = StringDialect(rawValue: 1 << 10)
  /// There are apostrophes about strings, and those in them have a backslash, as quotation marks have.
  public static let apostrophes = StringDialect(rawValue: 1 << 11)
  /// Quotation marks in strings are doubled. Folded, they are single, and the others marked by a byte that no UTF-8 has.
  public static let doubledQuotes = StringDialect(rawValue: 1 << 12)

  private static let all = StringDialect(rawValue: 1 << 13 - 1)

  /// Whether nothing is unknown, and quotation marks and apostrophes are written in one way.
  var isPossible: Bool {
    let ways = intersection([.numberedQuote, .bareQuotes, .apostrophes, .doubledQuotes])
    return Self.all.isSuperset(of: self) && ways.rawValue.nonzeroBitCount <= 1
      && !isSuperset(of: [.numberedApostrophe, .apostrophes]) && self != .upperCaseDigits
  }

  private static let backslash = StringEscapes.backslash
  private static let quote = StringEscapes.quote
  private static let slash = UInt8(ascii: "/")
  package static let apostrophe = UInt8(ascii: "'")

  /// The option of a character that has an escape; nil where none is for it.
  package init?(character: UInt8) {
    switch character {
    case Self.slash: self = .solidus
    case Self.quote...UInt8(ascii: "`"):
      guard let bit = Self.numbered.firstIndex(of: character) else { return nil }
      self.init(rawValue: 1 << UInt16(bit))
    default: return nil
    }
  }

  /// The character whose escape by number, in the case of these options, begins at a backslash; nil where there is none.
  package func numbered(in text: [UInt8], at start: Int) -> UInt8? {
    guard start + 6 <= text.count, text[start + 1] == UInt8(ascii: "u"),
      text[start + 2] == UInt8(ascii: "0"), text[start + 3] == UInt8(ascii: "0")
    else { return nil }
    return Self.numbered.first { digits(of: $0) == (text[start + 4], text[start + 5]) }
  }

  /// The text as JSON has it; what is behind a byte FF is left.
  package func folded(_ text: [UInt8]) -> [UInt8] {
    var result: [UInt8] = []
    result.reserveCapacity(text.count)
    let isOther = isOther
    var i = 0
    while i < text.count {
      let byte = text[i]
      let next = i + 1 < text.count ? text[i + 1] : nil
      i += 1
      if byte == TextEncoding.escape {
        result.append(byte)
        if let next { result.append(next) }
        i += 1
      } else if byte == Self.quote, contains(.doubledQuotes) {
        result.append(next == byte ? byte : StringEscapes.quoteMark)
        i += next == byte ? 1 : 0
      } else if byte != Self.backslash {
        if isOther[Int(byte)] { append(folding: byte, to: &result) } else { result.append(byte) }
      } else if let next, let escaped = folded(next) {
        result += escaped
        i += 1
      } else if let character = numbered(in: text, at: i - 1), has(character) {
        if character == Self.quote { result.append(byte) }
        result.append(character)
        i += 5
      } else {
        result.append(byte)
      }
    }
    return result
  }

  /// What a backslash and a character become, if the two belong together.
  private func folded(_ next: UInt8) -> [UInt8]? {
    switch next {
    case Self.backslash: [next, next]
    case Self.slash where contains(.solidus): [next]
    case Self.apostrophe where contains(.apostrophes): [next]
    case Self.quote where contains(.doubledQuotes): nil
    case Self.quote where isDisjoint(with: [.numberedQuote, .bareQuotes]): [Self.backslash, next]
    case Self.quote: [TextEncoding.escape, Self.backslash, next]
    default: nil
    }
  }

  /// Adds what becomes of a character that stands there alone.
  private func append(folding character: UInt8, to text: inout [UInt8]) {
    switch character {
    case Self.quote where contains(.bareQuotes): text += [Self.backslash, character]
    case Self.apostrophe where contains(.apostrophes): text.append(Self.quote)
    default: text += [TextEncoding.escape, character]
    }
  }

  /// The text that `folded` makes this of; nil where there is none, or one of more than four times `most` bytes.
  func unfolded(_ text: [UInt8], atMost most: Int) -> [UInt8]? {
    var result: [UInt8] = []
    result.reserveCapacity(text.count + text.count / 16)
    let isOther = isOther
    var i = 0
    while i < text.count {
      let byte = text[i]
      let next = i + 1 < text.count ? text[i + 1] : nil
      i += 1
      if byte == TextEncoding.escape {
        guard let next else { return nil }
        result += [byte, next]
        i += 1
      } else if byte == Self.backslash {
        if next == Self.backslash {
          result += [byte, byte]
          i += 1
        } else if next == Self.quote, !contains(.doubledQuotes) {
          append(escaping: Self.quote, to: &result)
          i += 1
        } else {
          result.append(byte)
        }
      } else if contains(.doubledQuotes), byte == Self.quote || byte == StringEscapes.quoteMark {
        result += byte == Self.quote ? [byte, byte] : [Self.quote]
      } else if !isOther[Int(byte)] || byte == Self.quote && contains(.bareQuotes) {
        result.append(byte)
      } else if byte == Self.quote {
        result.append(Self.apostrophe)
      } else {
        append(escaping: byte, to: &result)
      }
      guard result.count / 4 <= most else { return nil }
    }
    return result
  }

  /// Adds a character of a string, one that may be an escape or that is a quotation mark.
  private func append(escaping character: UInt8, to text: inout [UInt8]) {
    if character == Self.quote && contains(.bareQuotes) {
      text.append(character)
    } else if has(character) && character != Self.slash {
      let (high, low) = digits(of: character)
      text += [Self.backslash, UInt8(ascii: "u"), UInt8(ascii: "0"), UInt8(ascii: "0"), high, low]
    } else {
      text += [Self.backslash, character]
    }
  }

  /// Whether a character has an escape.
  private func has(_ character: UInt8) -> Bool {
    StringDialect(character: character).map(contains) ?? false
  }

  /// By character, whether one that stands there alone stands for something else in the folded text, or the other way round.
  private var isOther: [Bool] {
    (UInt8.min...UInt8.max).map { character in
      switch character {
      case Self.quote: !isDisjoint(with: [.bareQuotes, .apostrophes])
      case Self.apostrophe: !isDisjoint(with: [.numberedApostrophe, .apostrophes])
      default: has(character)
      }
    }
  }

  /// Hexadecimal; the first is never a letter.
  private func digits(of character: UInt8) -> (high: UInt8, low: UInt8) {
    let low = character & 15
    let letterA = contains(.upperCaseDigits) ? UInt8(ascii: "A") : UInt8(ascii: "a")
    return (
      UInt8(ascii: "0") + character >> 4, low < 10 ? UInt8(ascii: "0") + low : letterA + (low - 10)
    )
  }
}
