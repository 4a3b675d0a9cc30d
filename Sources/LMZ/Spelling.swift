import Codec

/// What of a block is coded: its content, or a text in UTF-8 that stands for it and that the language model knows better.
package struct Spelling {
  /// Bytes of content.
  package let size: Int
  /// Nil where the content is coded.
  let form: TextForm?
  package let bytes: [UInt8]

  private init(size: Int, form: TextForm?, bytes: [UInt8]) {
    self.size = size
    self.form = form
    self.bytes = bytes
  }

  /// The content as it is.
  init(asItIs content: [UInt8]) {
    self.init(size: content.count, form: nil, bytes: content)
  }

  /// Text in another encoding, with escapes, or with carriage returns in UTF-8 and without; else the content as it is.
  package init(of content: [UInt8]) {
    let encoding = TextEncoding(of: content)
    let text = encoding?.utf8(of: content) ?? content
    let folds = LineEnds(text).areFolded && ContentKind.isText(text)
    if encoding != nil || folds {
      self.init(content, in: TextForm(encoding ?? .utf8, foldsLineEnds: folds))
    } else {
      self.init(asItIs: content)
    }
  }

  /// Text in another character set in UTF-8; else the content as it is.
  package init(characterSetOf content: [UInt8]) {
    if let encoding = TextEncoding(of: content), !encoding.isEscapes {
      self.init(content, in: TextForm(encoding))
    } else {
      self.init(asItIs: content)
    }
  }

  private init(_ content: [UInt8], in form: TextForm) {
    let text = form.text(of: content)
    if form.content(of: text) == content {
      self.init(size: content.count, form: form, bytes: text)
    } else {
      self.init(asItIs: content)
    }
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
