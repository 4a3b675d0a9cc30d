import Codec

extension StringEscapes {
  /// How the strings of a text are better written, and what is about them if that is something else than in JSON; nil where they
  /// are best left: they need many lines or quotation marks, and few line ends and quotation marks about them.
  ///
  /// - Parameter dialect: what is otherwise besides; nil where nothing can be.
  static func find(
    in text: [UInt8], beside dialect: StringDialect?
  ) -> (escapes: StringEscapes, dialect: StringDialect)? {
    // Most texts have few.
    let backslashes = text.withUnsafeBufferPointer { $0.count { $0 == Self.backslash } }
    guard suffices(backslashes, in: text) else { return nil }
    let found = Found(in: text)
    let joinsArrays = found.joints > 0 && found.joints * 2 >= found.newlines
    let escapes = StringEscapes(
      lineEnd: joinsArrays
        ? .array
        : found.returned > 0 && found.returned * 2 >= found.newlines
          ? .carriageReturnLineFeed : .lineFeed)
    /// - Parameters:
    ///   - quotes: escapes of quotation marks.
    ///   - about: what is about strings.
    func pays(quotes: Int, about: Int) -> Bool {
      // Lines outside of strings are those of a program or of prose, unless they are an array's.
      let lineEnds =
        joinsArrays ? 2 * (found.lineFeeds - found.joints) : 16 * found.lineFeeds
      return suffices(found.newlines + quotes, in: text)
        && about + lineEnds <= 3 * found.newlines + quotes / 4
    }
    let mayBeOther =
      !joinsArrays && dialect?.isDisjoint(with: [.numberedQuote, .numberedApostrophe]) ?? false
    // Tabs are between strings.
    if mayBeOther, found.tabs >= max(found.lineFeeds, 1), found.quotes >= 8 * found.escapedQuotes,
      pays(quotes: 0, about: found.tabs)
    {
      return (escapes, .bareQuotes)
    }
    let all = found.escapedQuotes + found.escapedApostrophes
    if mayBeOther, found.escapedApostrophes > 0, found.apostrophes > 8 * found.quotes,
      all * 8 >= found.apostrophes,
      pays(quotes: all, about: found.apostrophes + found.quotes)
    {
      return (escapes, .apostrophes)
    }
    if pays(
      quotes: found.escapedQuotes, about: found.quotes - (joinsArrays ? 2 * found.joints : 0))
    {
      return (escapes, [])
    }
    return nil
  }

  /// Whether so many escapes are worth it.
  private static func suffices(_ escapes: Int, in text: [UInt8]) -> Bool {
    escapes >= 16 && escapes * 500 >= text.count
  }

  /// What a text has of what may be escaped.
  private struct Found {
    /// Escapes of line feeds; of these such as are joints of arrays; of carriage returns and line feeds.
    private(set) var (newlines, joints, returned) = (0, 0, 0)
    private(set) var (escapedQuotes, escapedApostrophes) = (0, 0)
    // Such as are no escapes.
    private(set) var (lineFeeds, tabs, quotes, apostrophes) = (0, 0, 0, 0)

    init(in text: [UInt8]) {
      let returns = StringEscapes(lineEnd: .carriageReturnLineFeed)
      let arrays = StringEscapes(lineEnd: .array)
      var indentation = 0
      var i = 0
      while i < text.count {
        switch text[i] {
        case TextEncoding.escape: i += 1
        case StringEscapes.backslash:
          switch i + 1 < text.count ? text[i + 1] : nil {
          case StringEscapes.letterN:
            newlines += 1
            if arrays.end(in: text, at: i, indentation) != nil { joints += 1 }
          case StringEscapes.quote: escapedQuotes += 1
          case StringDialect.apostrophe: escapedApostrophes += 1
          default: if returns.end(in: text, at: i, indentation) != nil { returned += 1 }
          }
          i += 1
        case StringEscapes.lineFeed:
          lineFeeds += 1
          indentation = StringEscapes.spaces(in: text, at: i + 1)
        case UInt8(ascii: "\t"): tabs += 1
        case StringEscapes.quote: quotes += 1
        case StringDialect.apostrophe: apostrophes += 1
        default: break
        }
        i += 1
      }
    }
  }
}
