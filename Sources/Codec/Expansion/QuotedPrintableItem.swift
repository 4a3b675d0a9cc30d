/// Quoted-printable in an expansion: the text that it stands for, and how that is written.
public struct QuotedPrintableItem {
  let written: QuotedPrintable
  /// Of the bytes that are written.
  let encoding: TextEncoding
  /// What stands for them, in UTF-8.
  let text: [UInt8]

  public init(_ written: QuotedPrintable, _ encoding: TextEncoding, text: [UInt8]) {
    self.written = written
    self.encoding = encoding
    self.text = text
  }

  /// What a form has besides `QuotedPrintable.Last`.
  private enum Flag {
    static let hasBoth = 1 << 2
    static let isLowerCase = 1 << 3
    /// Line length, encoding, and unusual bytes follow.
    static let (line, encoding, unusual) = (1 << 4, 1 << 5, 1 << 6)
  }

  /// The item, its number first.
  public var bytes: [UInt8] {
    let rules = written.rules
    var form = rules.last.rawValue
    var details: [UInt8] = []
    if rules.hasBoth { form |= Flag.hasBoth }
    if rules.isLowerCase { form |= Flag.isLowerCase }
    if rules.line != QuotedPrintable.Rules.usualLine {
      form |= Flag.line
      Varint.append(rules.line, to: &details)
    }
    if encoding != .utf8 {
      form |= Flag.encoding
      details.append(encoding.rawValue)
    }
    if !rules.unusual.isEmpty {
      form |= Flag.unusual
      Varint.append(rules.unusual.count, to: &details)
      details += rules.unusual.sorted()
    }
    var item = ExpansionItem.quotedPrintable.number
    Varint.append(form, to: &item)
    item += details
    Varint.append(text.count << 1 | (written.exceptions.isEmpty ? 0 : 1), to: &item)
    item += text
    guard !written.exceptions.isEmpty else { return item }
    Varint.append(written.exceptions.count, to: &item)
    var place = 0
    for exception in written.exceptions {
      Varint.append((exception.place - place) << 2 | Int(exception.change.rawValue), to: &item)
      place = exception.place
    }
    return item
  }

  /// What follows the number.
  init(_ reader: inout ExpansionReader) throws {
    let form = try reader.number()
    guard form < 1 << 7, let last = QuotedPrintable.Last(rawValue: form & 3) else {
      throw ExpansionReader.damaged
    }
    let line = form & Flag.line > 0 ? try reader.number() : QuotedPrintable.Rules.usualLine
    let encoding =
      form & Flag.encoding > 0 ? TextEncoding(rawValue: try reader.byte()) : .utf8
    let unusual = form & Flag.unusual > 0 ? try reader.bytes(try reader.number()) : []
    guard QuotedPrintable.Rules.lines.contains(line), let encoding else {
      throw ExpansionReader.damaged
    }
    let size = try reader.number()
    let text = try reader.bytes(size >> 1)
    var exceptions: [QuotedPrintable.Exception] = []
    if size & 1 > 0 {
      var place = 0
      for _ in 0..<(try reader.number()) {
        let number = try reader.number()
        place += number >> 2
        exceptions.append(
          QuotedPrintable.Exception(
            place: place, change: QuotedPrintable.Form(rawValue: UInt8(number & 3))))
      }
    }
    let rules = QuotedPrintable.Rules(
      line: line, last: last, hasBoth: form & Flag.hasBoth > 0,
      isLowerCase: form & Flag.isLowerCase > 0, unusual: Set(unusual))
    self.init(QuotedPrintable(rules: rules, exceptions: exceptions), encoding, text: Array(text))
  }

  /// The quoted-printable.
  ///
  /// - Parameter most: characters.
  /// - Throws: `FormatError.corrupted` where there are more, or where it makes no sense.
  func content(atMost most: Int) throws -> [UInt8] {
    guard let bytes = encoding.content(of: text, atMost: most),
      let content = written.text(of: bytes, atMost: most)
    else { throw ExpansionReader.damaged }
    return content
  }
}
