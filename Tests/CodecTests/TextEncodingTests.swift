import TestSupport
import Testing

@testable import Codec

@Suite struct TextEncodingTests {
  /// What is text, what is half of a character, and what is nothing at all.
  @Test(arguments: TextEncoding.allCases) func everyContentComesBack(_ encoding: TextEncoding) {
    for first in 0...255 {
      for second in 0...255 {
        let pair = [UInt8(first), UInt8(second)]
        #expect(encoding.content(of: encoding.utf8(of: pair)) == pair, "\(pair)")
        let inText = [0x41, 0] + pair + [0x42]
        #expect(encoding.content(of: encoding.utf8(of: inText)) == inText, "\(inText)")
      }
    }
    var random = SeededGenerator(seed: 130)
    for size in [0, 1, 2, 3, 4, 5, 1000, 1001] {
      let content = random.bytes(size)
      #expect(encoding.content(of: encoding.utf8(of: content)) == content, "seed 130, \(size)")
      // Surrogates, in pairs and alone.
      let units = content.enumerated().map { $0 % 2 == 0 ? $1 : 0xD8 | $1 & 7 }
      #expect(encoding.content(of: encoding.utf8(of: units)) == units, "seed 130, \(size)")
    }
  }

  /// Escapes, pieces of them, and what looks like them.
  @Test func everyEscapeComesBack() {
    let pieces = [
      "\\u", "\\", "u", "30", "42", "4a", "4A", "d83d", "de00", "\\ud83d", "\\ude00", "\\uD83D",
      "\\uDE00", "\\u3042", "\\u00e9", "\\u0041", "%", "%E3", "%81", "%82", "%e3", "%C3%A9",
      "%C0%80",
      "%ED%A0%80", "%F0%9F%98%80", "%F4%90%80%80", "a", "あ",
      "&", "#", "&#", "12354", ";", "&#12354;", "&#65;", "&#012354;", "&#128512;", "&#1114112;",
      "&#55357;",
    ].map { Array($0.utf8) }
    var random = SeededGenerator(seed: 133)
    for i in 0..<3000 {
      let content = (0..<(i % 9)).flatMap { _ in
        Int.random(in: 0..<20, using: &random) == 0
          ? random.bytes(1) : pieces.randomElement(using: &random)!
      }
      for encoding in TextEncoding.allCases.filter(\.isEscapes) {
        let text = encoding.utf8(of: content)
        #expect(
          encoding.content(of: text) == content, "\(String(decoding: content, as: UTF8.self))")
      }
    }
  }

  /// Switches between sets where they belong and where not, other sets, and halves of all.
  @Test func everySwitchComesBack() {
    let pieces: [[UInt8]] = [
      [0x1B, 0x24, 0x42], [0x1B, 0x28, 0x42], [0x1B, 0x28, 0x4A], [0x1B, 0x24, 0x40], [0x1B],
      [0x1B, 0x24], [0x1B, 0x28], [0x24, 0x22], [0x49, 0x3D], [0x21, 0x20], [0x7E, 0x7E], [0x61],
      [0x0A], [0x0D, 0x0A], [0xA4], [0x24], [0xFF], [0],
    ]
    var random = SeededGenerator(seed: 136)
    for i in 0..<20000 {
      let content = (0..<(i % 12)).flatMap { _ in pieces.randomElement(using: &random)! }
      for encoding in [TextEncoding.iso2022JP, .iso2022JPRoman] {
        #expect(encoding.content(of: encoding.utf8(of: content)) == content, "\(content)")
      }
    }
    // What goes on in the same set says so once; what is said twice, or for nothing, is kept.
    let twice: [UInt8] = [0x1B, 0x24, 0x42, 0x24, 0x22, 0x1B, 0x24, 0x42, 0x24, 0x24]
    #expect(
      TextEncoding.iso2022JP.utf8(of: twice)
        == Array("あ".utf8) + [0xFF, 0x1B] + Array("ぢい".utf8))
    #expect(TextEncoding.iso2022JP.utf8(of: [0x1B, 0x28, 0x42, 0x61]) == [0x1B, 0x28, 0x42, 0x61])
  }

  /// Line ends of all kinds, and bytes that mark something in the text.
  @Test(arguments: TextEncoding.allCases) func everyLineEndComesBack(_ encoding: TextEncoding) {
    let form = TextForm(encoding, foldsLineEnds: true)
    let pieces: [[UInt8]] = [
      [13], [10], [13, 10], [0xFF], [0xFE], [0], [0x61], [0xE3, 0x81, 0x82], [0x82],
    ]
    var random = SeededGenerator(seed: 134)
    for i in 0..<3000 {
      let content = (0..<(i % 9)).flatMap { _ in pieces.randomElement(using: &random)! }
      #expect(form.content(of: form.text(of: content)) == content, "\(content)")
    }
    #expect(Self.form(form.code, form.dialect) == form)
    #expect(Self.form(127) == nil)
    #expect(TextForm(encoding).content(of: [0xFE]) == nil)
    #expect(form.content(of: [0x61, 0xFF]) == nil)
  }

  /// The form of a code in a block.
  private static func form(_ code: UInt8, _ dialect: StringDialect = []) -> TextForm? {
    TextForm(code: code) { dialect.rawValue }
  }

  /// Zeros in runs of all lengths, up to records' ends and across them, between line ends and marks.
  @Test func everyRunOfZerosComesBack() {
    var random = SeededGenerator(seed: 135)
    for i in 0..<2000 {
      var content: [UInt8] = []
      for _ in 0..<(i % 12) {
        switch Int.random(in: 0..<6, using: &random) {
        case 0: content += random.bytes(1)
        case 1: content += [13, 10]
        case 2:
          content += [[0xFF], [0xFE], [0xFD], [0xFC, 7], [10]].randomElement(using: &random)!
        case 3: content += Array("text ".utf8)
        case 4: content += [UInt8](repeating: 0, count: .random(in: 1...1200, using: &random))
        default: content += [UInt8](repeating: 0, count: (512 - content.count % 512) % 512)
        }
      }
      for foldsLineEnds in [false, true] {
        let form = TextForm(.utf8, foldsLineEnds: foldsLineEnds, foldsZeros: true)
        let text = form.text(of: content)
        #expect(form.content(of: text) == content, "seed 135, \(i)")
        #expect(form.content(of: text, atMost: content.count) == content)
        #expect(Self.form(form.code, form.dialect) == form)
      }
    }
    let form = TextForm(.utf8, foldsZeros: true)
    let header = Array("name".utf8) + [UInt8](repeating: 0, count: 96) + Array("0644".utf8)
    let record = header + [UInt8](repeating: 0, count: 512 - header.count)
    #expect(form.text(of: record) == Array("name".utf8) + [0xFC, 93] + Array("0644".utf8) + [0xFD])
    // A small text may stand for many zeros.
    #expect(form.content(of: [UInt8](repeating: 0xFD, count: 3 << 20), atMost: 1000) == nil)
    #expect(form.content(of: [0xFC]) == nil)
    #expect(Self.form(TextEncoding.eucJP.rawValue | 0x40) == nil)
  }

  /// Strings with escapes of all kinds, between quotation marks and line ends that are none, and with marks in them.
  @Test func everyStringComesBack() {
    var random = SeededGenerator(seed: 136)
    let pieces =
      [
        "\\n", "\\t", "\\r", "\\\"", "\\\\", "\\/", "\\", "\\u3042", "\\u001b", "\"", "\n", "\t",
        "\r", " ", "  ", "n", "あ",
        "\\n\",\n  \"", "\\n\",\n\"", "\\r\\n", "\",", "\n  ",
        "\\u0022", "\\u003c", "\\u003C", "\\u0027", "\\u00", "u003c", "<", "'", "\\'", "/", "+",
        "\"\"",
        "\\xe3\\x81\\x82", "\\343\\201\\202",
      ].map { Array($0.utf8) } + [[0xFF], [0xFE], [0xFD], [0xFC], [0xFB], [0], [0xE3]]
    let escapes = StringEscapes.LineEnd.allCases.map { StringEscapes(lineEnd: $0) }
    let dialects: [StringDialect] = [
      [], .html, .allNumbered, .solidus, [.solidus, .allNumbered], .bareQuotes,
      [.bareQuotes, .solidus, .html], .apostrophes, [.apostrophes, .html, .upperCaseDigits],
      .doubledQuotes, [.doubledQuotes, .html, .solidus],
    ]
    var forms: [TextForm] = []
    for encoding in TextEncoding.allCases.filter(\.hasStrings) {
      for dialect in dialects.prefix(encoding.hasDialects ? dialects.count : 1) {
        for escapes in dialect.contains(.doubledQuotes) ? [nil] : escapes + [nil] {
          forms.append(TextForm(encoding, escapes: escapes, dialect: dialect))
        }
        forms.append(TextForm(encoding, foldsLineEnds: true, dialect: dialect))
      }
    }
    for i in 0..<3000 {
      let content = (0..<(i % 12)).flatMap { _ in pieces.randomElement(using: &random)! }
      for form in forms {
        let text = form.text(of: content)
        #expect(
          form.content(of: text) == content, "seed 136, \(String(decoding: content, as: UTF8.self))"
        )
        #expect(form.content(of: text, atMost: content.count) == content)
      }
    }
    for form in forms {
      #expect(Self.form(form.code, form.dialect) == form)
      #expect(form.content(of: [0x61, 0xFF]) == nil)
    }
    // Nothing else may be folded, other encodings have no strings, and a dialect has one way to write a quotation mark.
    for dialect in [
      [], .upperCaseDigits, StringDialect(rawValue: 1 << 13), [.numberedQuote, .bareQuotes],
      [.bareQuotes, .apostrophes], [.numberedApostrophe, .apostrophes],
      [.doubledQuotes, .apostrophes],
    ] as [StringDialect] {
      #expect(Self.form(12, dialect) == nil)
    }
    #expect(Self.form(12 | 0x40, .solidus) == nil)
    #expect(Self.form(12 | 0x20, .doubledQuotes) == nil)
    #expect(Self.form(20, .solidus) == nil)
    #expect(Self.form(TextEncoding.utf8.rawValue | 0xE0) == nil)
    #expect(Self.form(TextEncoding.shiftJIS.rawValue | 0x20) == nil)
  }

  @Test func stringsAreWhatTheyStandFor() {
    let line = TextForm(.utf8, escapes: StringEscapes(lineEnd: .lineFeed))
    let text = line.text(of: Array("{\"a\": \"b \\\"c\\\"\\n\\td\\\\e\\/\"}\n".utf8))
    #expect(
      text == Array("{".utf8) + [0xFD, 0x61, 0xFD] + Array(": ".utf8) + [0xFD]
        + Array("b \"c\"\n\td\\e".utf8)
        + [0xFF, 0x5C, 0x2F, 0xFD, 0x7D, 0xFE])
    let html = TextForm(
      .utf8, escapes: StringEscapes(lineEnd: .lineFeed), dialect: [.html, .numberedQuote])
    #expect(
      html.text(of: Array(#""\u003ca href=\u0022\/b\u0022>\n\"\\u003C""#.utf8)) == [0xFD]
        + Array("<a href=\"".utf8) + [0xFF, 0x5C] + Array("/b\"".utf8) + [0xFF, 0x3E, 0x0A]
        + [0xFF, 0x5C, 0xFD] + Array("\\u003C".utf8) + [0xFD])
    let sql = TextForm(
      .utf8, escapes: StringEscapes(lineEnd: .lineFeed), dialect: .apostrophes)
    #expect(
      sql.text(of: Array(#"('it\'s \"b\"', "c")"#.utf8)) == Array("(".utf8) + [0xFD]
        + Array("it's \"b\"".utf8) + [0xFD] + Array(", ".utf8) + [0xFF, 0x22, 0x63, 0xFF, 0x22]
        + Array(")".utf8))
    let copied = TextForm(
      .utf8, escapes: StringEscapes(lineEnd: .lineFeed), dialect: .bareQuotes)
    #expect(
      copied.text(of: Array("1\t\"a\"\\n\\\\b\\\"\n".utf8)) == Array("1".utf8) + [0xFC]
        + Array("\"a\"\n\\b".utf8) + [0xFF, 0x5C, 0xFD, 0xFE])
    let csv = TextForm(.utf8, dialect: .doubledQuotes)
    #expect(
      csv.text(of: Array(#"1,"a ""b"" \"",c"#.utf8)) == Array("1,".utf8) + [0xFD]
        + Array(#"a "b" \",c"#.utf8))
    let cell = TextForm(.utf8, escapes: StringEscapes(lineEnd: .array))
    let array = "[\n   \"a\\n\",\n   \"b\\n\",\n   \"c\"\n]"
    #expect(
      cell.text(of: Array(array.utf8)) == Array("[".utf8) + [0xFE] + Array("   ".utf8) + [0xFD]
        + Array("a\nb\nc".utf8) + [0xFD, 0xFE, 0x5D])
    let both = TextForm(.utf8, escapes: StringEscapes(lineEnd: .carriageReturnLineFeed))
    #expect(
      both.text(of: Array("a\\r\\nb\\nc\\rd".utf8)) == Array("a\nb".utf8) + [0xFB]
        + Array("c\rd".utf8))
    // A short text may stand for much.
    let spaces =
      [0xFE] + [UInt8](repeating: 0x20, count: 1 << 20) + [UInt8](repeating: 10, count: 1 << 20)
    #expect(cell.content(of: spaces, atMost: 1 << 20) == nil)
  }

  @Test func charactersAreTheirs() {
    let texts: [(TextEncoding, [UInt8], String)] = [
      (.utf16LittleEndian, [0xFF, 0xFE, 0x41, 0, 0x42, 0x30, 0x3D, 0xD8, 0, 0xDE], "\u{FEFF}Aあ😀"),
      (.utf16BigEndian, [0xFE, 0xFF, 0, 0x41, 0x30, 0x42, 0xD8, 0x3D, 0xDE, 0], "\u{FEFF}Aあ😀"),
      (.shiftJIS, [0x95, 0x5C, 0x8E, 0xA6, 0xB6, 0xC5, 0x87, 0x40, 0xFB, 0xFC, 0x5C], "表示ｶﾅ①髙\\"),
      (.shiftJIS, [0x81, 0x60, 0x81, 0x7C, 0xEA, 0xA4, 0xFC, 0x4B], "～－熙黑"),
      (.eucJP, [0xC9, 0xBD, 0xBC, 0xA8, 0x8E, 0xB6, 0xAD, 0xA1, 0xF4, 0xA6, 0x0A], "表示ｶ①熙\n"),
      (
        .iso2022JP,
        [0x61, 0x1B, 0x24, 0x42, 0x24, 0x22, 0x49, 0x3D, 0x1B, 0x28, 0x42, 0x0A, 0x1B, 0x24, 0x42]
          + [0x2D, 0x21], "aあ表\n①"
      ),
      (.iso2022JPRoman, [0x1B, 0x24, 0x42, 0x24, 0x22, 0x1B, 0x28, 0x4A, 0x61], "あa"),
      (.unicodeEscapes, Array("a\\u3042\\n\\ud83d\\ude00".utf8), "aあ\\n😀"),
      (.upperCaseUnicodeEscapes, Array("\\u304A\\u00E9".utf8), "おé"),
      (.characterReferences, Array("<p>&#12354;&amp;&#128512;</p>".utf8), "<p>あ&amp;😀</p>"),
      (.percentEscapes, Array("/%E3%81%82%20%F0%9F%98%80%C3%A9".utf8), "/あ%20😀é"),
      (.windows1252, [0x80, 0x31, 0x93, 0xE9, 0x94, 0xFF], "€1“é”ÿ"),
    ]
    for (encoding, content, text) in texts {
      #expect(String(decoding: encoding.utf8(of: content), as: UTF8.self) == text)
      #expect(encoding.content(of: Array(text.utf8)) == content, "\(encoding)")
    }
    // What Windows writes for characters that are in several places.
    #expect(
      TextEncoding.shiftJIS.content(of: Array("∵Ⅰ㈱￢".utf8)) == [
        0x81, 0xE6, 0x87, 0x54, 0x87, 0x8A, 0x81, 0xCA,
      ])
    #expect(TextEncoding.shiftJIS.utf8(of: [0xFA, 0x4A]) == [0xFF, 0xFA, 0x4A])
  }

  /// What would be written otherwise is no escape.
  @Test func otherEscapesStay() {
    let others: [(TextEncoding, String)] = [
      (.unicodeEscapes, "\\u304A \\u0041 \\U00003042 \\u30 \\\\"),
      (.upperCaseUnicodeEscapes, "\\u304a"),
      (.characterReferences, "&#65; &#012354; &#12354 &#; &#1114112; &#99999999999; &#x3042;"),
      (.percentEscapes, "%e3%81%82 %C0%80 %ED%A0%80 %E3%81 %41 %F4%90%80%80 100%"),
    ]
    for (encoding, text) in others {
      #expect(encoding.utf8(of: Array(text.utf8)) == Array(text.utf8))
    }
    let raw = Array("é".utf8)
    #expect(TextEncoding.unicodeEscapes.utf8(of: raw) == [0xFF, raw[0], 0xFF, raw[1]])
  }

  /// Escapes take more bytes than what they stand for, up to four times as many.
  @Test func longContentIsRefused() {
    let text = Array("ああ".utf8)
    #expect(TextEncoding.unicodeEscapes.content(of: text, atMost: 12)?.count == 12)
    #expect(TextEncoding.unicodeEscapes.content(of: text, atMost: 11) == nil)
    #expect(TextEncoding.unicodeEscapes.content(of: text + text, atMost: 12) == nil)
  }

  /// The table is part of the format; normalising its characters would change some of them.
  @Test func tableIsAsItWas() {
    let scalars = JISCharacters.scalars
    #expect(scalars.count { $0 != 0 } == 7326)
    #expect(Set(scalars).count == 7327)
    var hash = XXH64()
    hash.update(scalars.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] }[...])
    #expect(hash.digest() == 12_355_221_468_561_644_068)
  }

  @Test func whatIsNoTextOfItIsRefused() {
    for text in ["あ", "Ā", "\u{80}"] {
      #expect(TextEncoding.windows1252.content(of: Array(text.utf8)) == nil)
    }
    for text in ["é", "한", "😀", "\u{80}"] {
      #expect(TextEncoding.shiftJIS.content(of: Array(text.utf8)) == nil)
      #expect(TextEncoding.eucJP.content(of: Array(text.utf8)) == nil)
      #expect(TextEncoding.iso2022JP.content(of: Array(text.utf8)) == nil)
    }
    #expect(TextEncoding.iso2022JP.content(of: Array("ｶ".utf8)) == nil)
    #expect(TextEncoding.eucJP.content(of: Array("髙".utf8)) == nil)
    let broken: [[UInt8]] = [
      [0xFF], [0x80], [0xC0, 0x80], [0xE3, 0x81], [0xF4, 0x90, 0x80, 0x80], [0xE3, 0x41, 0x82],
    ]
    for text in broken {
      for encoding in TextEncoding.allCases {
        #expect(encoding.content(of: text) == nil, "\(text)")
      }
    }
  }
}
