import Codec

/// What of a block is coded: its content, or a text in UTF-8 that stands for it and that the language model knows better.
package struct Spelling {
  /// Bytes of content.
  package let size: Int
  /// Nil where the content is coded.
  let form: TextForm?
  package let bytes: [UInt8]

  /// Whether what is coded is text, but for marks of what is folded.
  package var isText: Bool {
    form.map { $0.foldsZeros || $0.escapes != nil || !$0.dialect.isEmpty } ?? false
      || ContentKind.isText(bytes)
  }

  /// Of a byte of what is coded that is no part of one, the character that it stands for.
  package func character(of mark: UInt8) -> Character? { form?.character(of: mark) }

  /// The content as it is.
  init(asItIs content: [UInt8]) {
    size = content.count
    form = nil
    bytes = content
  }

  private init(_ content: [UInt8], in form: TextForm) {
    let bytes = form.text(of: content)
    let standsForIt = form.content(of: bytes) == content
    size = content.count
    self.form = standsForIt ? form : nil
    self.bytes = standsForIt ? bytes : content
  }

  /// Text in another encoding, with escapes, with CR LF, or with runs of zeros; else the content as it is.
  ///
  /// - Parameter foldsEscapes: whether those of strings may be folded.
  package init(of content: [UInt8], foldsEscapes: Bool = true) {
    let encoding = TextEncoding(of: content)
    let text = encoding?.utf8(of: content) ?? content
    let strings = foldsEscapes ? Strings(of: text, in: encoding ?? .utf8) : Strings()
    if encoding != nil || strings.areFolded && ContentKind.isText(content) {
      let foldsLineEnds = strings.escapes == nil && LineEnds(text).areFolded
      self.init(
        content,
        in: TextForm(
          encoding ?? .utf8, foldsLineEnds: foldsLineEnds, escapes: strings.escapes,
          dialect: strings.dialect))
      return
    }
    let (rest, zeros) = Self.withoutRunsOfZeros(content)
    let foldsZeros = zeros > 0 && zeros * 100 >= content.count
    let foldsLineEnds = LineEnds(content).areFolded
    if foldsZeros || foldsLineEnds, ContentKind.isText(foldsZeros ? rest : content) {
      self.init(
        content, in: TextForm(.utf8, foldsLineEnds: foldsLineEnds, foldsZeros: foldsZeros))
    } else {
      self.init(asItIs: content)
    }
  }

  /// As in a stream that begins with a text: where that has strings as they are, others are like them.
  init(of content: [UInt8], after priming: NamedModel.Priming?) {
    self.init(of: content, foldsEscapes: priming?.isFolded ?? true)
  }

  /// Text in another character set in UTF-8; else the content as it is.
  package init(characterSetOf content: [UInt8]) {
    if let encoding = TextEncoding(of: content), !encoding.isEscapes {
      self.init(content, in: TextForm(encoding))
    } else {
      self.init(asItIs: content)
    }
  }

  /// How many Unicode scalars a content has, in the character set that it is in.
  package static func characters(in content: [UInt8]) -> Int {
    Spelling(characterSetOf: content).bytes.count { $0 & 0xC0 != 0x80 }
  }

  /// What is left of a content without runs of eight zeros or more, and how many bytes that took.
  private static func withoutRunsOfZeros(_ content: [UInt8]) -> (rest: [UInt8], zeros: Int) {
    // Most contents have none.
    guard content.contains(0) else { return (content, 0) }
    var rest: [UInt8] = []
    var i = 0
    while i < content.count {
      let start = i
      while i < content.count && content[i] == 0 { i += 1 }
      if i - start < 8 { rest += content[start..<i] }
      let end = content[i...].firstIndex(of: 0) ?? content.count
      rest += content[i..<end]
      i = end
    }
    return (rest, content.count - rest.count)
  }

  /// A block that codes `bytes`, as one of the content.
  func block(_ block: Block) -> Block { form.map { block.standing(for: size, in: $0) } ?? block }

  /// Reports of bytes coded as such of the content.
  func progress(_ report: @escaping (Int) -> Void) -> (Int) -> Void {
    scaled(report, from: bytes.count, to: size)
  }
}

/// How the strings of a text are written, as far as that is folded.
private struct Strings {
  private(set) var escapes: StringEscapes?
  private(set) var dialect: StringDialect = []

  var areFolded: Bool { escapes != nil || !dialect.isEmpty }

  /// Nothing is folded.
  init() {}

  /// - Parameter encoding: of the content that the text is.
  init(of text: [UInt8], in encoding: TextEncoding) {
    guard encoding.hasStrings else { return }
    if encoding.hasDialects { dialect = StringDialect(of: text) }
    let found = StringEscapes.find(
      in: dialect.isEmpty ? text : dialect.folded(text),
      beside: encoding.hasDialects ? dialect : nil)
    if let found {
      escapes = found.escapes
      dialect.formUnion(found.dialect)
    } else if encoding.hasDialects, !dialect.contains(.numberedQuote),
      StringDialect.doublesQuotes(text)
    {
      dialect.insert(.doubledQuotes)
    }
  }
}

/// How the lines of a text end.
private struct LineEnds {
  /// Carriage return and line feed; the latter alone.
  private var (both, feeds) = (0, 0)

  init(_ text: [UInt8]) {
    for (i, byte) in text.enumerated() where byte == UInt8(ascii: "\n") {
      if i > 0 && text[i - 1] == UInt8(ascii: "\r") { both += 1 } else { feeds += 1 }
    }
  }

  /// Whether nearly all have both, and there are enough of them.
  var areFolded: Bool { both >= 16 && feeds * 8 <= both }
}

/// Reports in other units.
///
/// - Parameters:
///   - from: how much is reported to the result in all.
///   - to: how much is to arrive at `report` in all.
func scaled(_ report: @escaping (Int) -> Void, from: Int, to: Int) -> (Int) -> Void {
  guard from != to else { return report }
  var done = 0
  return { amount in
    let before = done * to / from
    done += amount
    report(done * to / from - before)
  }
}
