import Codec

/// What of a block is coded: its content, or a text in UTF-8 that stands for it and that the language model knows better.
package struct Spelling {
  /// Bytes of content.
  package let size: Int
  /// Nil where the content is coded.
  let form: TextForm?
  package let bytes: [UInt8]
  /// Whether what is coded is text, but for zeros that are folded.
  package let isText: Bool

  private init(size: Int, form: TextForm?, bytes: [UInt8], isText: Bool) {
    self.size = size
    self.form = form
    self.bytes = bytes
    self.isText = isText
  }

  /// The content as it is.
  init(asItIs content: [UInt8]) {
    self.init(
      size: content.count, form: nil, bytes: content, isText: ContentKind.isText(content))
  }

  /// Text in another encoding, with escapes, with CR LF or with runs of zeros in UTF-8 and without; else the content as it is.
  package init(of content: [UInt8]) {
    let encoding = TextEncoding(of: content)
    let text = encoding?.utf8(of: content) ?? content
    let (folded, zeros) = Self.withoutRunsOfZeros(text)
    let foldsZeros = encoding == nil && zeros * 100 >= content.count
    let isText = ContentKind.isText(foldsZeros ? folded : text)
    let foldsLineEnds = isText && LineEnds(text).areFolded
    guard encoding != nil || foldsLineEnds || isText && foldsZeros else {
      self.init(asItIs: content)
      return
    }
    let form = TextForm(
      encoding ?? .utf8, foldsLineEnds: foldsLineEnds, foldsZeros: foldsZeros)
    self.init(content, in: form, isText: isText)
  }

  /// Text in another character set in UTF-8; else the content as it is.
  package init(characterSetOf content: [UInt8]) {
    if let encoding = TextEncoding(of: content), !encoding.isEscapes {
      self.init(content, in: TextForm(encoding), isText: true)
    } else {
      self.init(asItIs: content)
    }
  }

  private init(_ content: [UInt8], in form: TextForm, isText: Bool) {
    let text = form.text(of: content)
    if form.content(of: text) == content {
      self.init(size: content.count, form: form, bytes: text, isText: isText)
    } else {
      self.init(asItIs: content)
    }
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
