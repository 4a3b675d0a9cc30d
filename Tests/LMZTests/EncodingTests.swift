import TestSupport
import Testing

@testable import LMZ

/// Texts in other encodings than UTF-8.
@Suite struct EncodingTests {
  let model: NamedModel

  init() throws { model = try Golden.tinyModel() }

  static let encodings = TextEncoding.allCases.filter { $0 != .utf8 }

  @Test(arguments: encodings) func textsAreFound(_ encoding: TextEncoding) throws {
    for count in [900, 3000, 60000] {
      let text = try Golden.text(count, in: encoding)
      #expect(TextEncoding(of: text) == encoding, "\(count)")
      // Cut in the middle of a character.
      #expect(
        TextEncoding(of: Array(text.dropFirst(encoding.isWide ? 2 : 1).dropLast())) == encoding)
    }
    let takesASCII = encoding.isWide && !encoding.isEscapes
    for name in ["english.txt", "code.swift.txt", "data.json"] where takesASCII {
      #expect(TextEncoding(of: try Golden.text(name, 9000, in: encoding)) == encoding, "\(name)")
    }
  }

  @Test func nothingElseIsTakenForText() throws {
    for name in ["english.txt", "japanese.txt", "code.swift.txt", "data.json", "package.log"] {
      #expect(TextEncoding(of: try Golden.sample(name)) == nil, "\(name)")
    }
    var random = SeededGenerator(seed: 131)
    #expect(TextEncoding(of: []) == nil)
    #expect(TextEncoding(of: [0xE9]) == nil)
    #expect(TextEncoding(of: [UInt8](repeating: 0, count: 5000)) == nil)
    #expect(TextEncoding(of: random.bytes(5000)) == nil)
    #expect(TextEncoding(of: try Golden.bytes("tiny.safetensors")) == nil)
    #expect(TextEncoding(of: try Golden.bytes("tiny.ngrams")) == nil)
    // Numbers of 16 bits, of sound and of a table.
    let sound = (0..<5000).flatMap { _ in
      [UInt8.random(in: 0...255, using: &random), [0, 0xFF, 1].randomElement(using: &random)!]
    }
    #expect(TextEncoding(of: sound) == nil)
    #expect(TextEncoding(of: (0..<5000).flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] }) == nil)
    // Tables of characters and of bytes.
    let table = (0x400..<0x4FF).map { "  '\\u0\(String($0, radix: 16))',  # \($0)\n" }.joined()
    #expect(TextEncoding(of: Array(table.utf8)) == nil)
    let bytes = (0..<256).map { "%\(String($0, radix: 16, uppercase: true)) " }.joined()
    #expect(TextEncoding(of: Array(bytes.utf8)) == nil)
    // UTF-8 with some damage.
    var damaged = try Golden.sample("japanese.txt")
    for i in stride(from: 0, to: damaged.count, by: 500) { damaged[i] = 0xE9 }
    #expect(TextEncoding(of: damaged) == nil)
  }

  @Test(arguments: encodings) func archivesComeBack(_ encoding: TextEncoding) throws {
    let methods = [Options.Method.mixed, .languageModelOnly, .withoutLanguageModel]
    // Several lanes once for each, with the methods in turn.
    let long = methods[Int(encoding.rawValue) % 3]
    for (count, methods) in [(5, methods), (300, methods), (3000, methods), (40000, [long])] {
      let content = try Golden.text(count, in: encoding) + [0x83]
      for method in methods {
        let options = Options(method: method, threads: 2)
        let archive = try compress(content, model: model, options: options)
        #expect(
          try decompress(archive, model: model, options: options) == content, "\(count), \(method)")
      }
    }
  }

  /// Where a text stands for it, a short content has no short frame; stored it may be smaller.
  @Test func shortContentsStayShort() throws {
    for text in ["日本", "表示する", "昨日は雨。", "東京都千代田区永田町一丁目七番一号"] {
      for encoding in [TextEncoding.shiftJIS, .utf16LittleEndian] {
        let content = try #require(encoding.content(of: Array(text.utf8)))
        let archive = try compress(content, model: model)
        #expect(archive.count <= content.count + 15, "\(text), \(encoding)")
        #expect(try decompress(archive, model: model) == content)
      }
    }
  }

  /// The language model has as much to say as if it were UTF-8.
  @Test(arguments: encodings) func sizesAreThoseOfUTF8(_ encoding: TextEncoding) throws {
    let content = try Golden.text(8000, in: encoding)
    let utf8 = encoding.utf8(of: content)
    for method in [Options.Method.mixed, .languageModelOnly] {
      let options = Options(method: method)
      let size = try compress(content, model: model, options: options).count
      let expected = try compress(utf8, model: model, options: options).count
      #expect(abs(size - expected) <= 8, "\(method)")
    }
  }

  /// Texts with CR LF in any encoding are as small as those without, but for line ends that differ from the others.
  @Test(arguments: TextEncoding.allCases) func lineEndsAreFolded(_ encoding: TextEncoding) throws {
    let lines = try Golden.sample("code.swift.txt").prefix(8000).split(
      separator: 10, omittingEmptySubsequences: false)
    let text =
      try encoding == .utf8 || encoding.isWide && !encoding.isEscapes
      ? encoding.content(of: Array(lines.joined(separator: [10])))!
      : Golden.text(8000, in: encoding)
    let folded = TextForm(encoding, foldsLineEnds: true)
    let content = try #require(folded.content(of: encoding.utf8(of: text)))
    #expect(content.count > text.count)
    let spelling = Spelling(of: content)
    #expect(spelling.form == folded)
    let archive = try compress(content, model: model)
    #expect(try decompress(archive, model: model) == content)
    #expect(abs(try archive.count - compress(text, model: model).count) <= 12)
    // Ends of other kinds, and half of one at either end.
    let odd =
      folded.content(of: encoding.utf8(of: text) + Array("\r\r\n".utf8))! + encoding.content(
        of: Array("\n\n\r\r".utf8))!
    let other = try compress(odd, model: model)
    #expect(try decompress(other, model: model) == odd)
  }

  /// Text files in an archive like tar's are text, programs in one are not.
  @Test func zerosBetweenFilesAreFolded() throws {
    let content = try Golden.records()
    let spelling = Spelling(of: content)
    #expect(spelling.form == TextForm(.utf8, foldsZeros: true) && spelling.isText)
    #expect(spelling.bytes.count < content.count - 2000)
    for method in [Options.Method.mixed, .languageModelOnly, .withoutLanguageModel] {
      let options = Options(method: method)
      let archive = try compress(content, model: model, options: options)
      #expect(try decompress(archive, model: model, options: options) == content)
      #expect(archive[9] & 8 == (method == .withoutLanguageModel ? 0 : 8))
    }
    let weights = try Golden.bytes("tiny.safetensors") + [UInt8](repeating: 0, count: 20000)
    #expect(Spelling(of: weights).form == nil)
  }

  /// Strings of JSON are as small as what they stand for, and no larger without the language model.
  @Test func stringsAreFolded() throws {
    let lines = StringEscapes(lineEnd: .lineFeed)
    let returns = StringEscapes(lineEnd: .carriageReturnLineFeed)
    // What there is in the samples.
    let angles = StringDialect.html.subtracting(StringDialect(character: UInt8(ascii: "&"))!)
    let upperCase = StringDialect.allNumbered
      .subtracting([.html, StringDialect(character: UInt8(ascii: "`"))!]).union(angles)
    for (content, form) in try [
      (Golden.jsonLines(), TextForm(.utf8, escapes: lines)),
      (Golden.jsonLines(ascii: true), TextForm(.unicodeEscapes, escapes: lines)),
      (Golden.jsonLines(returns: true), TextForm(.utf8, escapes: returns)),
      (Golden.notebook(), TextForm(.utf8, escapes: StringEscapes(lineEnd: .array))),
      (
        Golden.jsonLines(dialect: angles), TextForm(.utf8, escapes: lines, dialect: angles)
      ),
      (
        Golden.jsonLines(ascii: true, dialect: upperCase),
        TextForm(.upperCaseUnicodeEscapes, escapes: lines, dialect: upperCase)
      ),
      (
        Golden.jsonLines(ascii: true, dialect: .solidus),
        TextForm(.unicodeEscapes, escapes: lines, dialect: .solidus)
      ),
      (
        Golden.jsonLines(dialect: .apostrophes),
        TextForm(.utf8, escapes: lines, dialect: .apostrophes)
      ),
      (Golden.copiedRows(), TextForm(.utf8, escapes: lines, dialect: .bareQuotes)),
      (Golden.quotedFields(), TextForm(.utf8, dialect: .doubledQuotes)),
    ] {
      let spelling = Spelling(of: content)
      #expect(spelling.form == form && spelling.isText)
      #expect(spelling.bytes.count < content.count)
      for method in [Options.Method.mixed, .languageModelOnly, .withoutLanguageModel] {
        let options = Options(method: method)
        let archive = try compress(content, model: model, options: options)
        #expect(try decompress(archive, model: model, options: options) == content)
        #expect(archive[9] & 8 == 8, "\(method)")
        // The content and something that keeps it as it is.
        let plain = try compress(
          content + [UInt8](repeating: 10, count: 1000), model: model, options: options)
        #expect(archive.count < plain.count, "\(method)")
      }
    }
  }

  /// Records without lines in their strings have only characters folded; those of programs that also have such characters are left.
  @Test func charactersAreFolded() throws {
    let record =
      #"{"link": "https:\/\/example.org\/a\/1", "title": "Tom \u0026 Ann", "body": "\u003cp\u003e"}"#
    let lines = String(repeating: record + "\r\n", count: 40)
    let spelling = Spelling(of: Array(lines.utf8))
    #expect(spelling.form == TextForm(.utf8, foldsLineEnds: true, dialect: [.html, .solidus]))
    #expect(String(decoding: spelling.bytes.prefix(90), as: UTF8.self).contains("\"<p>\"}\n{"))
    for text in [
      record + "\n",
      String(repeating: #"if (a < b) write("\u003c"); // http:\/\/"# + "\n", count: 100),
      String(repeating: #"sed -e 's/\/usr\/bin/\/bin/'"# + "\n", count: 100),
      String(repeating: #"a,"",b,"","c ""d""""# + "\n", count: 100),
    ] {
      #expect(Spelling(of: Array(text.utf8)).form == nil, "\(text)")
    }
  }

  /// Programs and settings have some escapes, too.
  @Test func fewEscapesAreLeft() throws {
    for name in ["english.txt", "japanese.txt", "code.swift.txt", "data.json", "package.log"] {
      #expect(StringEscapes.find(in: try Golden.sample(name), beside: []) == nil, "\(name)")
    }
    for text in [
      #"{"a": "b\n"}"#, String(repeating: #"print("a\n")"# + "\n", count: 50),
      String(repeating: #"{"a": "b", "c": "d", "e": "f\n"}"#, count: 50),
    ] {
      #expect(StringEscapes.find(in: Array(text.utf8), beside: []) == nil, "\(text)")
    }
    // Long lines about few line ends.
    let long = String(repeating: String(repeating: "a", count: 600) + #"\n"#, count: 50)
    #expect(StringEscapes.find(in: Array("\"\(long)\"".utf8), beside: []) == nil)
  }

  @Test func fewLineEndsAreLeft() throws {
    for text in [
      "a\r\nb\r\n", String(repeating: "a\r\nb\n", count: 50), String(repeating: "a\n", count: 50),
    ] {
      #expect(Spelling(of: Array(text.utf8)).form == nil)
    }
    // Damaged text keeps what is no character.
    let damaged = String(repeating: "ab\r\n", count: 50).utf8 + [0xFF, 0xFE, 0xC3, 0x0A, 0x0D]
    let spelling = Spelling(of: Array(damaged))
    #expect(spelling.form == TextForm(.utf8, foldsLineEnds: true))
    #expect(spelling.form?.content(of: spelling.bytes) == Array(damaged))
  }

  /// Of several blocks, with characters across their borders, and with other content between.
  @Test func longStreams() throws {
    var random = SeededGenerator(seed: 132)
    let japanese = try Golden.text(99000, in: .shiftJIS)
    let english = try Golden.text("english.txt", 99000, in: .utf16BigEndian)
    let content =
      (0..<10).flatMap { _ in english } + random.bytes(1 << 20) + (0..<18).flatMap { _ in japanese }
      + [0x82]
    let options = Options(method: .withoutLanguageModel, memory: .small)
    let archive = try compress(content, model: model, options: options)
    #expect(try decompress(archive, model: model, options: options) == content)
  }

  /// All of the content is reported, not all of its form in UTF-8.
  @Test func progressIsThatOfTheContent() throws {
    let content = try Golden.text(9000, in: .utf16LittleEndian)
    var coded = 0
    let archive = CollectingSink()
    let options = Options()
    try Compressor(model: model, options: options)
      .compress(from: ArraySource(content), to: archive) { coded += $0 }
    #expect(coded == content.count)
    var decoded = 0
    try Decompressor(models: ModelLibrary([model], embedded: false), options: options)
      .decompress(from: ArraySource(archive.bytes), to: CollectingSink()) { decoded += $0 }
    #expect(decoded == content.count)
  }

  /// A text that its encoding cannot have is damage, whatever the checksum says.
  @Test func textOfAnotherEncodingIsRefused() throws {
    let content = try Golden.text(5000, in: .eucJP)
    var archive = try compress(content, model: model)
    // Behind the header: flags, two bytes of size, the encoding.
    #expect(archive[9] & 15 == 9 && archive[12] == TextEncoding.eucJP.rawValue)
    archive[12] = TextEncoding.windows1252.rawValue
    #expect(throws: FormatError.corrupted("its text stands for no such content")) {
      try decompress(archive, model: model)
    }
    archive[12] = 99
    #expect(throws: FormatError.unsupported("form of text 99")) {
      try decompress(archive, model: model)
    }
  }
}
