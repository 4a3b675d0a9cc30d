/// Encoded words (RFC 2047), by which headers of mail have text beyond ASCII, as in `=?utf-8?B?44GC?=`. In a content they are
/// *open* where a mark and that text in UTF-8 stand in place of what is encoded.
public enum EncodedWords {
  /// A content with as many words open as can be.
  ///
  /// - Returns: nil where there are none; how many encoded characters there were in those that are open now.
  public static func opened(
    _ content: UnsafeBufferPointer<UInt8>
  ) -> (bytes: [UInt8], characters: Int)? {
    var bytes: [UInt8] = []
    var characters = 0
    var taken = 0
    EncodedWord.forEach(in: content) { word, range in
      let encoded = Array(content[range])
      guard let (mark, text) = word.opened(encoded) else { return }
      bytes += content[taken..<range.lowerBound]
      bytes.append(mark)
      bytes += text
      taken = range.upperBound
      characters += encoded.count
    }
    guard characters > 0 else { return nil }
    bytes += content[taken...]
    let isRight = bytes.withUnsafeBufferPointer { closed($0)?.elementsEqual(content) ?? false }
    return isRight ? (bytes, characters) : nil
  }

  /// The content that has its words open; nil where one's text cannot be encoded, or where it has more bytes than `most`.
  public static func closed(
    _ bytes: UnsafeBufferPointer<UInt8>, atMost most: Int = .max
  ) -> [UInt8]? {
    var content: [UInt8] = []
    var taken = 0
    var isRight = true
    EncodedWord.forEach(in: bytes) { word, range in
      guard let mark = bytes[range].first.flatMap(EncodedWord.Mark.init) else { return }
      guard content.count <= most, let encoded = word.encoded(Array(bytes[range].dropFirst()), mark)
      else {
        isRight = false
        return
      }
      content += bytes[taken..<range.lowerBound]
      content += encoded
      taken = range.upperBound
    }
    content += bytes[taken...]
    return isRight && content.count <= most ? content : nil
  }
}

/// How an encoded word is encoded.
private struct EncodedWord {
  /// Stands before an open word's text, and in no UTF-8. Bytes that the way Q need not escape are escaped by most programs, as
  /// the word may be part of a name, and by others are not.
  enum Mark: UInt8, CaseIterable {
    case usual = 0xFE
    case sparing = 0xFD
  }

  let charset: TextEncoding
  /// The way B, which is base64, or Q, which is much like quoted-printable.
  let isBase64: Bool

  private static let charsets: [String: TextEncoding] = [
    "utf-8": .utf8, "iso-8859-1": .windows1252, "windows-1252": .windows1252,
    "iso-2022-jp": .iso2022JP, "shift_jis": .shiftJIS, "euc-jp": .eucJP,
  ]
  private static let question = UInt8(ascii: "?")
  private static let equals = UInt8(ascii: "=")
  /// Of a charset's name; of what is encoded, or of a text.
  private static let (longestName, longest) = (16, 4096)
  /// What ISO-2022-JP ends with: the way back to ASCII.
  private static let backToASCII: [UInt8] = [0x1B, 0x28, 0x42]

  /// Calls `body` with every word and where what is encoded, or a mark and a text, lies in it.
  static func forEach(
    in bytes: UnsafeBufferPointer<UInt8>, _ body: (_ word: EncodedWord, _ range: Range<Int>) -> Void
  ) {
    var i = 0
    while i + 1 < bytes.count {
      guard bytes[i] == equals, bytes[i + 1] == question,
        let (word, start) = word(in: bytes, at: i + 2)
      else {
        i += 1
        continue
      }
      let last = min(start + longest, bytes.count) - 1
      let end = (start..<max(start, last)).first {
        bytes[$0] == question && bytes[$0 + 1] == equals
      }
      if let end { body(word, start..<end) }
      i = end.map { $0 + 2 } ?? start
    }
  }

  /// What a word says of itself, and where that ends.
  private static func word(
    in bytes: UnsafeBufferPointer<UInt8>, at start: Int
  ) -> (EncodedWord, end: Int)? {
    let rest = bytes[start..<min(start + longestName + 3, bytes.count)]
    guard let end = rest.firstIndex(of: question), end + 2 < rest.endIndex,
      bytes[end + 2] == question,
      let charset = charsets[String(decoding: rest[..<end], as: UTF8.self).lowercased()]
    else { return nil }
    switch bytes[end + 1] | 0x20 {
    case UInt8(ascii: "b"): return (EncodedWord(charset: charset, isBase64: true), end + 3)
    case UInt8(ascii: "q"): return (EncodedWord(charset: charset, isBase64: false), end + 3)
    default: return nil
    }
  }

  /// The mark and the text that stand for what is encoded; nil where none do, or it is ASCII.
  func opened(_ encoded: [UInt8]) -> (mark: UInt8, text: [UInt8])? {
    let decoded = isBase64 ? Base64Layout.bytes(of: encoded) : Self.unquoted(encoded)
    guard var bytes = decoded else { return nil }
    if charset == .iso2022JP, bytes.suffix(3) == Self.backToASCII[...] { bytes.removeLast(3) }
    // An escape that is one letter of a name is no harder to foresee than the mark.
    let beyond = bytes.count { $0 >= 0x80 }
    if !isBase64 && beyond * 3 * 2 < encoded.count { return nil }
    let text = charset.utf8(of: bytes)
    let hasEnd = zip(text, text.dropFirst()).contains { $0 == Self.question && $1 == Self.equals }
    guard !hasEnd, text.count < Self.longest - 2, text.contains(where: { $0 >= 0x80 }) else {
      return nil
    }
    return Mark.allCases.first { self.encoded(text, $0) == encoded }.map { ($0.rawValue, text) }
  }

  /// What a text is encoded as; nil where the charset has none.
  func encoded(_ text: [UInt8], _ mark: Mark) -> [UInt8]? {
    guard var bytes = charset.content(of: text) else { return nil }
    if charset == .iso2022JP, text.last ?? 0 >= 0x80 { bytes += Self.backToASCII }
    return isBase64 ? Base64Layout().text(of: bytes) : Self.quoted(bytes, mark)
  }

  private static func unquoted(_ encoded: [UInt8]) -> [UInt8] {
    let spaces = encoded.map { $0 == UInt8(ascii: "_") ? 0x20 : $0 }
    return spaces.withUnsafeBufferPointer {
      QuotedPrintable.Reading($0, hasBoth: false, isLowerCase: false).bytes
    }
  }

  private static func quoted(_ bytes: [UInt8], _ mark: Mark) -> [UInt8] {
    var encoded: [UInt8] = []
    for byte in bytes {
      switch byte {
      case 0x20: encoded.append(UInt8(ascii: "_"))
      case _ where isKept(byte, mark): encoded.append(byte)
      default: QuotedPrintable.append(escapeOf: byte, isLowerCase: false, to: &encoded)
      }
    }
    return encoded
  }

  private static func isKept(_ byte: UInt8, _ mark: Mark) -> Bool {
    switch byte {
    case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
    case equals, question, UInt8(ascii: "_"): false
    default: mark == .usual ? "!*+-/".utf8.contains(byte) : (0x21...0x7E).contains(byte)
    }
  }
}
