import Codec

extension TextEncoding {
  /// The encoding that a content is text in, by looking at its characters; nil for UTF-8 and for what is no text.
  init?(of content: [UInt8]) {
    if let wide = Self.wide(content) {
      self = wide
      return
    }
    let bytes = BytesBeyondASCII(content)
    guard
      let found = Self.latin(bytes) ?? Self.japanese(content, bytes)
        ?? Self.switching(content, bytes) ?? Self.escapes(content, bytes)
    else { return nil }
    self = found
  }

  // MARK: UTF-16

  /// Nearly all of its 16-bit units have to be characters of written languages, and a tenth such as are frequent in most of
  /// them: half of all numbers are some character. What does not begin so is not looked at any further.
  private static func wide(_ content: [UInt8]) -> TextEncoding? {
    guard content.count >= 2 else { return nil }
    return [.utf16LittleEndian, .utf16BigEndian].first { encoding in
      let beginning = encoding.units(of: content.prefix(2048))
      guard beginning.strange * 10 <= beginning.count, beginning.frequent * 20 >= beginning.count
      else { return false }
      let all = encoding.units(of: content[...])
      return all.strange * 50 <= all.count && all.frequent * 10 >= all.count
    }
  }

  /// The 16-bit units of a content; such as are no characters of written languages, and such as are frequent.
  private func units(of content: ArraySlice<UInt8>) -> (count: Int, strange: Int, frequent: Int) {
    let (low, high) = self == .utf16LittleEndian ? (0, 1) : (1, 0)
    var (strange, frequent) = (0, 0)
    for i in stride(from: content.startIndex, to: content.endIndex - 1, by: 2) {
      switch UInt16(content[i + high]) << 8 | UInt16(content[i + low]) {
      case 0x0A, 0x20, 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x3001, 0x3002, 0x3041...0x30FE:
        frequent += 1
      // Controls of layout, ASCII, Latin; Greek to Georgian.
      case 0x09, 0x0D, 0x21...0x7E, 0xA0...0x24F, 0x370...0x10FF: break
      // Punctuation and signs; kana, Chinese characters, Hangul; surrogates; full and half width, the byte order mark.
      case 0x2010...0x266F, 0x3000...0x33FF, 0x4E00...0x9FFF, 0xAC00...0xD7A3, 0xD800...0xDFFF,
        0xFF01...0xFFEE, 0xFEFF:
        break
      default: strange += 1
      }
    }
    return (content.count / 2, strange, frequent)
  }

  // MARK: Latin

  /// The bytes beyond ASCII, at most a seventh of all, have to be letters next to others or marks of punctuation, and mostly
  /// no UTF-8. A few of them are not worth it.
  private static func latin(_ bytes: BytesBeyondASCII) -> TextEncoding? {
    let isText =
      bytes.beyond >= 16 && bytes.beyond * 7 <= bytes.count && bytes.controls * 100 <= bytes.count
      && bytes.sequences * 8 <= bytes.beyond && bytes.latin * 10 >= bytes.beyond * 9
    return isText ? .windows1252 : nil
  }

  // MARK: Japanese

  /// Nearly all of what is beyond ASCII has to be pairs of bytes that stand for a character, and some of these kana.
  private static func japanese(_ content: [UInt8], _ bytes: BytesBeyondASCII) -> TextEncoding? {
    guard bytes.beyond > 2 * bytes.sequences, bytes.controls * 100 <= bytes.count else {
      return nil
    }
    let found = [TextEncoding.shiftJIS, .eucJP].map { ($0, pairs(content, $0)) }
      .filter { _, pairs in
        pairs.strange * 50 <= pairs.characters && pairs.kana * 20 >= max(1, pairs.characters)
      }
    // What is kana in EUC-JP is halfwidth kana in Shift_JIS, two by two.
    return found.max { $0.1.kana < $1.1.kana }?.0
  }

  /// In seven bits, with as much kana.
  private static func switching(_ content: [UInt8], _ bytes: BytesBeyondASCII) -> TextEncoding? {
    guard bytes.switches >= 4 else { return nil }
    let encoding = 2 * bytes.switchesToRoman > bytes.switches ? iso2022JPRoman : iso2022JP
    let pairs = pairs(content, encoding)
    let isText =
      pairs.characters >= 16 && pairs.strange * 50 <= pairs.characters
      && pairs.kana * 20 >= pairs.characters && bytes.controls * 100 <= bytes.count
    return isText ? encoding : nil
  }

  /// Characters of two bytes, kana among them, and bytes that are part of no character.
  private static func pairs(
    _ content: [UInt8], _ encoding: TextEncoding
  ) -> (characters: Int, kana: Int, strange: Int) {
    var (characters, kana, strange) = (0, 0, 0)
    encoding.forEachCharacter(in: content) { character, _ in
      switch character {
      case nil: strange += 1
      case .some(..<0x80), .some(0xFF61...0xFF9F): break
      case .some(0x3041...0x30FE):
        kana += 1
        characters += 1
      case .some: characters += 1
      }
    }
    return (characters, kana, strange)
  }

  // MARK: Escapes

  /// The kind of escapes that most characters beyond ASCII have. They have to be a hundredth of the bytes or more, three
  /// quarters of them within words: those of tables of characters stand alone.
  private static func escapes(_ content: [UInt8], _ bytes: BytesBeyondASCII) -> TextEncoding? {
    let kinds = allCases.filter { $0.isEscapes && bytes.marks($0) * 100 >= bytes.count }
      .map { ($0, $0.escapes(in: content)) }
    guard let (encoding, found) = kinds.max(by: { $0.1.count < $1.1.count }) else { return nil }
    let isText =
      found.count >= 16 && found.count * 100 >= content.count
      && found.inWords * 4 >= found.count * 3
      && (bytes.sequences + bytes.beyond) * 8 <= found.count
      && bytes.controls * 100 <= content.count
    return isText ? encoding : nil
  }

  /// How many there are, and of these next to another or to a letter.
  private func escapes(in content: [UInt8]) -> (count: Int, inWords: Int) {
    var (count, inWords) = (0, 0)
    // Whether the character before is an escape that is not yet known to be in a word.
    var isPending = false
    var isWord = false
    forEachCharacter(in: content) { character, _ in
      let isEscape = (character ?? 0) >= 0x80
      let isPart = isEscape || (character.map { ContentKind.isASCIILetter(UInt8($0)) } ?? false)
      if isPending && isPart { inWords += 1 }
      if isEscape {
        count += 1
        if isWord { inWords += 1 }
      }
      isPending = isEscape && !isWord
      isWord = isPart
    }
    return (count, inWords)
  }
}

/// What the bytes of a content are that are no ASCII.
private struct BytesBeyondASCII {
  /// Bytes in all.
  let count: Int
  /// Sequences of UTF-8.
  private(set) var sequences = 0
  /// Bytes that are part of none.
  private(set) var beyond = 0
  /// Such bytes that are Latin letters beside an ASCII letter, or marks, in Windows' Latin.
  private(set) var latin = 0
  /// Control characters that text seldom has.
  private(set) var controls = 0
  /// Escape characters before a dollar sign; before (J.
  private(set) var (switches, switchesToRoman) = (0, 0)
  /// Percent signs, ampersands before a number sign; backslashes before a u, an x, a 2 or a 3.
  private var (percents, ampersands) = (0, 0)
  private var (unicode, hexadecimal, octal) = (0, 0, 0)

  init(_ content: [UInt8]) {
    count = content.count
    var i = 0
    while i < content.count {
      let byte = content[i]
      if byte < 0x80 {
        switch byte {
        case UInt8(ascii: "%"): percents += 1
        case UInt8(ascii: "$"): if i > 0 && content[i - 1] == 0x1B { switches += 1 }
        case UInt8(ascii: "J"):
          let isSwitch = i > 1 && content[i - 2] == 0x1B && content[i - 1] == UInt8(ascii: "(")
          if isSwitch { switchesToRoman += 1 }
        case UInt8(ascii: "u"):
          if Self.isEscaped(content, i) { unicode += 1 }
        case UInt8(ascii: "x"):
          if Self.isEscaped(content, i) { hexadecimal += 1 }
        case UInt8(ascii: "2"), UInt8(ascii: "3"):
          if Self.isEscaped(content, i) { octal += 1 }
        case UInt8(ascii: "#"):
          if i > 0 && content[i - 1] == UInt8(ascii: "&") { ampersands += 1 }
        default: if ContentKind.isUnusual(byte) { controls += 1 }
        }
      } else if let length = ContentKind.sequence(in: content, at: i) {
        sequences += 1
        i += length - 1
      } else {
        beyond += 1
        if Self.isLatin(content, i) { latin += 1 }
      }
      i += 1
    }
  }

  /// How many escapes there may be at most.
  func marks(_ encoding: TextEncoding) -> Int {
    switch encoding {
    case .percentEscapes: percents / 2
    case .byteEscapes, .upperCaseByteEscapes: hexadecimal / 2
    case .octalEscapes: octal / 2
    case .characterReferences, .hexadecimalReferences, .upperCaseHexadecimalReferences: ampersands
    default: unicode
    }
  }

  @inline(__always)
  private static func isEscaped(_ content: [UInt8], _ i: Int) -> Bool {
    i > 0 && content[i - 1] == UInt8(ascii: "\\")
  }

  private static func isLatin(_ content: [UInt8], _ i: Int) -> Bool {
    switch content[i] {
    case 0x8A, 0x8C, 0x8E, 0x9A, 0x9C, 0x9E, 0x9F, 0xC0...:
      i > 0 && ContentKind.isASCIILetter(content[i - 1])
        || i + 1 < content.count && ContentKind.isASCIILetter(content[i + 1])
    case 0x80, 0x85, 0x91...0x97, 0xA0...0xBF: true
    default: false
    }
  }
}
