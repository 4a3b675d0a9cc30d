import Codec

extension StringEscapes {
  /// How the strings of a text are better written; nil where they are best left: they need many lines, and few line ends and
  /// quotation marks about them.
  init?(of text: [UInt8]) {
    // Most texts have few.
    let backslashes = text.withUnsafeBufferPointer { $0.count { $0 == Self.backslash } }
    guard Self.suffices(backslashes, joinsArrays: true, in: text) else { return nil }
    let returns = StringEscapes(lineEnd: .carriageReturnLineFeed)
    let arrays = StringEscapes(lineEnd: .array)
    // Escapes of line feeds; of these such as are part of more.
    var (escapes, returned, joints) = (0, 0, 0)
    // Such as are no escapes.
    var (lineFeeds, quotes) = (0, 0)
    var indentation = 0
    var i = 0
    while i < text.count {
      switch text[i] {
      case TextEncoding.escape: i += 1
      case Self.backslash:
        if i + 1 < text.count, text[i + 1] == Self.letterN {
          escapes += 1
          if arrays.end(in: text, at: i, indentation) != nil { joints += 1 }
        } else if returns.end(in: text, at: i, indentation) != nil {
          returned += 1
        }
        i += 1
      case Self.lineFeed:
        lineFeeds += 1
        indentation = Self.spaces(in: text, at: i + 1)
      case Self.quote: quotes += 1
      default: break
      }
      i += 1
    }
    let joinsArrays = joints * 2 >= escapes
    if joinsArrays {
      lineFeeds -= joints
      quotes -= 2 * joints
    }
    // Lines outside of strings are those of a program or of prose, unless they are an array's.
    let about = quotes + (joinsArrays ? 2 : 16) * lineFeeds
    guard Self.suffices(escapes, joinsArrays: joinsArrays, in: text), about <= 3 * escapes else {
      return nil
    }
    self.init(
      lineEnd: joinsArrays ? .array : returned * 2 >= escapes ? .carriageReturnLineFeed : .lineFeed)
  }

  /// Whether so many escapes of line feeds are worth it.
  private static func suffices(_ escapes: Int, joinsArrays: Bool, in text: [UInt8]) -> Bool {
    escapes >= 16 && escapes * (joinsArrays ? 500 : 125) >= text.count
  }
}
