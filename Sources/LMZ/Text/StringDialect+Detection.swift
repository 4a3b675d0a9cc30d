import Codec

extension StringDialect {
  /// Which characters have escapes that need none, of those that nearly always have them in a text; none where there are few.
  init(of text: [UInt8]) {
    self = []
    // Most texts have few.
    let backslashes = text.withUnsafeBufferPointer { $0.count { $0 == StringEscapes.backslash } }
    guard Self.suffices(bytes: 6 * backslashes, in: text) else { return }
    let counts = [StringDialect(), .upperCaseDigits].map { Counts(of: text, digits: $0) }
    let best = counts.max { $0.savedBytes < $1.savedBytes }!
    guard Self.suffices(bytes: best.savedBytes, in: text) else { return }
    self = best.options
  }

  /// Whether it is worth it to save so many bytes.
  private static func suffices(bytes: Int, in text: [UInt8]) -> Bool {
    bytes >= 32 && bytes * 4000 >= text.count
  }

  /// Whether the quotation marks of a text are doubled in its strings, as CSV has them, where few others are.
  static func doublesQuotes(_ text: [UInt8]) -> Bool {
    // Pairs; such as are empty strings; single ones.
    var (doubled, empty, single) = (0, 0, 0)
    var i = 0
    while i < text.count {
      defer { i += 1 }
      guard text[i] == StringEscapes.quote else { continue }
      guard i + 1 < text.count, text[i + 1] == StringEscapes.quote else {
        single += 1
        continue
      }
      if separates(text, i - 1) && separates(text, i + 2) { empty += 1 } else { doubled += 1 }
      i += 1
    }
    return doubled >= 32 && doubled * 500 >= text.count && doubled >= 2 * (single + empty)
  }

  /// Whether there is something between fields at a place.
  private static func separates(_ text: [UInt8], _ i: Int) -> Bool {
    guard text.indices.contains(i) else { return true }
    switch text[i] {
    case UInt8(ascii: ","), UInt8(ascii: ";"), UInt8(ascii: "\t"), UInt8(ascii: " "),
      UInt8(ascii: "="), UInt8(ascii: "("), UInt8(ascii: ")"), UInt8(ascii: "\r"),
      StringEscapes.lineFeed:
      return true
    default: return false
    }
  }

  /// What is folded of a text with digits of a case.
  private struct Counts {
    private(set) var options: StringDialect
    /// What the text is shorter by.
    private(set) var savedBytes = 0

    /// - Parameter digits: none or `upperCaseDigits`.
    init(of text: [UInt8], digits: StringDialect) {
      options = digits
      // By character; a quotation mark with a backslash is one that is left.
      var escaped = [Int](repeating: 0, count: 128)
      var left = escaped
      var i = 0
      while i < text.count {
        let byte = text[i]
        let next = i + 1 < text.count ? text[i + 1] : 0
        i += 1
        switch byte {
        case TextEncoding.escape: i += 1
        case StringEscapes.backslash:
          if let character = digits.numbered(in: text, at: i - 1) {
            escaped[Int(character)] += 1
            i += 5
          } else if next == UInt8(ascii: "/") {
            escaped[Int(next)] += 1
            i += 1
          } else if next == StringEscapes.quote || next == StringEscapes.backslash {
            left[Int(next)] += 1
            i += 1
          }
        case StringEscapes.quote: break
        case ..<128: left[Int(byte)] += 1
        default: break
        }
      }
      for character in [UInt8(ascii: "/")] + StringDialect.numbered {
        let (escaped, left) = (escaped[Int(character)], left[Int(character)])
        guard escaped > 8 * left, let option = StringDialect(character: character) else { continue }
        options.insert(option)
        savedBytes += escaped * (option == .solidus ? 1 : 5) - left
      }
    }
  }
}
