import Codec
import LMZ
import TestSupport
import Testing

/// Archives of earlier versions decode for ever. Tests/Golden/README.md says how each was made.
@Suite struct GoldenArchiveTests {
  struct Archive: CustomStringConvertible {
    let name: String
    /// The file that it is the beginning of; nil where `content` says it all.
    var source: String?
    var content = ""
    /// Whether it is made of lines of the source, in an order that never comes again.
    var isShuffled = false
    /// What it is made by.
    var make: (@Sendable () throws -> [UInt8])?
    /// What `Golden.text` of 9,000 bytes it is made of is in.
    var encoding: TextEncoding?
    /// Whether it is the first 9,000 bytes of code.swift.txt instead, with CR LF.
    var hasCarriageReturns = false
    var options = Options()
    /// Whether the encoder still writes it: in generation 0 only what has no language model mixed in.
    var isWritten = true
    /// Whether the model has n-grams.
    var hasNGrams = false

    var description: String { name }
  }

  /// The same five contents in a version of the format.
  private static func five(
    _ suffix: String, isWritten: Bool = false, hasNGrams: Bool = false
  ) -> [Archive] {
    [
      ("empty", nil, ""), ("hello", nil, "hello\n"), ("english-2k", "english.txt", ""),
      ("japanese-20k", "japanese.txt", ""), ("json-100k", "data.json", ""),
    ].map { name, source, content in
      Archive(
        name: name + suffix, source: source, content: content, isWritten: isWritten,
        hasNGrams: hasNGrams)
    }
  }

  static let archives =
    five("") + five("-v3") + five("-v5", hasNGrams: true) + five("-v7", hasNGrams: true)
    + five("-v9") + five("-v11", hasNGrams: true) + five("-v13")
    + five("-g1v1", hasNGrams: true) + five("-g1v3")
    + five("-g1v5", isWritten: true, hasNGrams: true) + five("-g1v7", isWritten: true) + others

  private static let others = [
    Archive(name: "table-v13", content: table, isWritten: false),
    Archive(name: "table-g1v3", content: table, isWritten: false),
    Archive(name: "table-g1v7", content: table),
    Archive(name: "japanese-9k-utf-16le", encoding: .utf16LittleEndian),
    Archive(name: "japanese-9k-utf-16be", encoding: .utf16BigEndian),
    Archive(
      name: "japanese-9k-utf-16be-no-lm", encoding: .utf16BigEndian,
      options: Options(method: .withoutLanguageModel)),
    Archive(name: "japanese-9k-shift-jis", encoding: .shiftJIS),
    Archive(
      name: "japanese-9k-euc-jp-lm-only", encoding: .eucJP,
      options: Options(method: .languageModelOnly)),
    Archive(name: "japanese-9k-iso-2022-jp", encoding: .iso2022JP),
    Archive(name: "japanese-9k-iso-2022-jp-roman", encoding: .iso2022JPRoman),
    Archive(name: "english-9k-windows-1252", encoding: .windows1252),
    Archive(name: "records", make: Golden.records),
    Archive(name: "mixture", make: Golden.mixture),
    Archive(name: "json-lines", make: { try Golden.jsonLines() }),
    Archive(name: "json-lines-crlf", make: { try Golden.jsonLines(returns: true) }),
    Archive(name: "json-lines-ascii", make: { try Golden.jsonLines(ascii: true) }),
    Archive(name: "json-lines-html", make: { try Golden.jsonLines(dialect: .html) }),
    Archive(
      name: "json-lines-ascii-html",
      make: { try Golden.jsonLines(ascii: true, dialect: .allNumbered) }),
    Archive(
      name: "json-lines-ascii-slashes",
      make: { try Golden.jsonLines(ascii: true, dialect: .solidus) }),
    Archive(
      name: "json-lines-apostrophes", make: { try Golden.jsonLines(dialect: .apostrophes) }),
    Archive(name: "copied-rows", make: Golden.copiedRows),
    Archive(name: "quoted-fields", make: Golden.quotedFields),
    Archive(name: "notebook", make: Golden.notebook),
    Archive(
      name: "document-plain.zip", make: { try Golden.deflated("document.zip") }, isWritten: false),
    Archive(name: "document.zip", make: { try Golden.deflated("document.zip") }),
    Archive(name: "described.zip", make: { try Golden.deflated("described.zip") }),
    Archive(name: "libdeflate.gz", make: { try Golden.deflated("libdeflate.gz") }),
    Archive(name: "chart.png", make: { try Golden.deflated("chart.png") }, isWritten: false),
    Archive(name: "chart-rows.png", make: { try Golden.deflated("chart.png") }, isWritten: false),
    Archive(name: "chart-plain.png", make: { try Golden.deflated("chart.png") }),
    Archive(name: "mail.eml", make: { try Golden.deflated("mail.eml") }),
    Archive(name: "letters.mbox", make: { try Golden.deflated("letters.mbox") }),
    Archive(name: "blocks.bz2", make: { try Golden.deflated("blocks.bz2") }),
    Archive(name: "within.tar.gz", make: { try Golden.deflated("within.tar.gz") }),
    Archive(name: "7-zip.bz2", make: { try Golden.deflated("7-zip.bz2") }),
    Archive(
      name: "notebook.ipynb", make: { try Golden.deflated("notebook.ipynb") }, isWritten: false),
    Archive(
      name: "notebook-rows.ipynb", make: { try Golden.deflated("notebook.ipynb") },
      isWritten: false),
    Archive(name: "notebook-plain.ipynb", make: { try Golden.deflated("notebook.ipynb") }),
    Archive(
      name: "base64-1600k-no-lm",
      make: {
        let lines = linesInAnyOrder(try Golden.sample("package.log"), count: 1_200_000)
        return Base64Layout(line: 76).text(of: Array(lines.prefix(1_200_000)))
      },
      options: Options(method: .withoutLanguageModel, memory: .small)),
    Archive(
      name: "page.pdf-no-lm", make: { try Golden.deflated("page.pdf") },
      options: Options(method: .withoutLanguageModel)),
    Archive(name: "code-9k-crlf", encoding: .utf8, hasCarriageReturns: true),
    Archive(
      name: "code-9k-crlf-utf-16le", encoding: .utf16LittleEndian, hasCarriageReturns: true),
    Archive(name: "japanese-9k-unicode-escapes", encoding: .unicodeEscapes),
    Archive(name: "japanese-9k-upper-case-unicode-escapes", encoding: .upperCaseUnicodeEscapes),
    Archive(name: "japanese-9k-percent-escapes", encoding: .percentEscapes),
    Archive(name: "japanese-9k-character-references", encoding: .characterReferences),
    Archive(name: "japanese-9k-hexadecimal-references", encoding: .hexadecimalReferences),
    Archive(
      name: "japanese-9k-upper-case-hexadecimal-references",
      encoding: .upperCaseHexadecimalReferences),
    Archive(name: "japanese-9k-byte-escapes", encoding: .byteEscapes),
    Archive(name: "japanese-9k-upper-case-byte-escapes", encoding: .upperCaseByteEscapes),
    Archive(name: "japanese-9k-octal-escapes", encoding: .octalEscapes),
    Archive(
      name: "json-100k-lm-only", source: "data.json", options: Options(method: .languageModelOnly)),
    Archive(
      name: "weights-no-lm", source: "tiny.safetensors",
      options: Options(method: .withoutLanguageModel, memory: .medium)),
    Archive(
      name: "lines-1200k", source: "package.log", isShuffled: true,
      options: Options(method: .withoutLanguageModel, memory: .small), isWritten: false),
    Archive(
      name: "lines-1200k-numbered", source: "package.log", isShuffled: true,
      options: Options(method: .withoutLanguageModel, memory: .small)),
  ]

  private static let table = (1...400).map {
    "\($0),\($0 * $0),-\($0 / 8).\($0 % 8 * 125),\($0 % 3 == 0)\n"
  }.joined()

  /// A change of the encoder's output is a decision, not an accident.
  @Test(arguments: archives) func decodesAndIsStillWritten(archive: Archive) throws {
    let model = try Golden.tinyModel(ngrams: archive.hasNGrams)
    let bytes = try Golden.bytes("\(archive.name).lmz")
    let content = try decompress(bytes, model: model)
    try Self.check(content, archive)
    if archive.isWritten {
      #expect(try compress(content, model: model, options: archive.options) == bytes)
    }
  }

  /// Whether `content` is what the archive was made of.
  private static func check(_ content: [UInt8], _ archive: Archive) throws {
    if let make = archive.make {
      #expect(try content == make())
      return
    }
    if let encoding = archive.encoding {
      let code = try Array(Golden.sample("code.swift.txt").prefix(9000))
      let expected =
        archive.hasCarriageReturns
        ? TextForm(encoding, foldsLineEnds: true).content(of: code)
        : try Golden.text(9000, in: encoding)
      #expect(content == expected)
      return
    }
    guard let source = archive.source else {
      #expect(content == Array(archive.content.utf8))
      return
    }
    var whole =
      try source.hasSuffix(".safetensors") ? Golden.bytes(source) : Golden.sample(source)
    if archive.isShuffled { whole = linesInAnyOrder(whole, count: content.count) }
    #expect(content.count >= 2000 && content == Array(whole.prefix(content.count)))
  }

  /// `count` bytes or some more: line s / 2^16 mod the number of lines, of s = 1, then 1664525 s + 1013904223 mod 2^32.
  private static func linesInAnyOrder(_ text: [UInt8], count: Int) -> [UInt8] {
    let lines = text.split(separator: 10)
    var state: UInt32 = 1
    var bytes: [UInt8] = []
    while bytes.count < count {
      bytes += lines[Int(state >> 16) % lines.count] + [10]
      state = state &* 1_664_525 &+ 1_013_904_223
    }
    return bytes
  }
}
