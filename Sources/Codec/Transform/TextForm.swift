/// How the text in UTF-8 that is coded stands for a content: by the encoding that the content is in, by its line ends, by the
/// escapes of strings in it, and by the zeros between the files of an archive like tar's.
public struct TextForm: Equatable, Sendable {
  public let encoding: TextEncoding
  /// Whether a line feed of the text stands for a carriage return and a line feed.
  public let foldsLineEnds: Bool
  /// Whether runs of zeros are written shorter; in UTF-8 only.
  public let foldsZeros: Bool
  /// How line ends, tabs, quotation marks and backslashes are written where strings have escapes of them, if they are; in
  /// encodings that have strings, if neither line ends nor zeros are folded.
  public let escapes: StringEscapes?
  /// How strings are written otherwise than JSON needs it; in encodings that have dialects, if no zeros are folded.
  public let dialect: StringDialect

  /// Bytes that no UTF-8 has, which stand for something where something is folded.
  package static let marks: ClosedRange<UInt8> = 0xFB...0xFE

  /// The character that a mark stands for; nil where there is none, or several.
  package func character(of mark: UInt8) -> Character? {
    if let character = escapes?.character(of: mark) { return character }
    if dialect.contains(.doubledQuotes), mark == StringEscapes.quoteMark { return "\"" }
    return escapes == nil && foldsLineEnds && mark == Mark.loneLineFeed ? "\n" : nil
  }

  private static let lineEndBit: UInt8 = 0x80
  private static let zeroBit: UInt8 = 0x40
  private static let escapeBit: UInt8 = 0x20
  /// Of what a line feed stands for where escapes are folded.
  private static let lineEndShift: UInt8 = 6
  /// Of these encodings where there is a dialect.
  private static let numbersWithDialect: ClosedRange<UInt8> = 12...14
  static let encodingsWithDialect: [TextEncoding] = [
    .utf8, .unicodeEscapes, .upperCaseUnicodeEscapes,
  ]

  public init(
    _ encoding: TextEncoding, foldsLineEnds: Bool = false, foldsZeros: Bool = false,
    escapes: StringEscapes? = nil, dialect: StringDialect = []
  ) {
    self.encoding = encoding
    self.foldsLineEnds = foldsLineEnds
    self.foldsZeros = foldsZeros
    self.escapes = escapes
    self.dialect = dialect
    precondition(isPossible)
  }

  /// - Parameters:
  ///   - code: of a form.
  ///   - dialect: reads what stands behind it where there is one.
  /// - Returns: nil for what is not known.
  init?(code: UInt8, dialect read: () throws -> UInt16) rethrows {
    let number = code & 0x1F
    if Self.numbersWithDialect.contains(number) {
      encoding = Self.encodingsWithDialect[Int(number - Self.numbersWithDialect.lowerBound)]
      dialect = StringDialect(rawValue: try read())
      guard !dialect.isEmpty else { return nil }
    } else if let encoding = TextEncoding(rawValue: number) {
      self.encoding = encoding
      dialect = []
    } else {
      return nil
    }
    let hasEscapes = code & Self.escapeBit != 0
    foldsLineEnds = code & Self.lineEndBit != 0 && !hasEscapes
    foldsZeros = code & Self.zeroBit != 0 && !hasEscapes
    let lineEnd = StringEscapes.LineEnd(rawValue: code >> Self.lineEndShift)
    escapes = hasEscapes ? lineEnd.map { StringEscapes(lineEnd: $0) } : nil
    guard isPossible, hasEscapes == (escapes != nil) else { return nil }
  }

  private var isPossible: Bool {
    (!foldsZeros || encoding == .utf8)
      && (escapes == nil || encoding.hasStrings && !foldsLineEnds && !foldsZeros)
      && (escapes == nil || !dialect.contains(.doubledQuotes))
      && (dialect.isEmpty || encoding.hasDialects && !foldsZeros && dialect.isPossible)
  }

  /// What a block says of it, but for the dialect.
  var code: UInt8 {
    let number =
      dialect.isEmpty
      ? encoding.rawValue
      : Self.numbersWithDialect.lowerBound
        + UInt8(Self.encodingsWithDialect.firstIndex(of: encoding)!)
    if let escapes {
      return number | Self.escapeBit | escapes.lineEnd.rawValue << Self.lineEndShift
    }
    return number | (foldsLineEnds ? Self.lineEndBit : 0) | (foldsZeros ? Self.zeroBit : 0)
  }

  /// Whether the text is shorter than the content as a rule.
  public var isShorter: Bool { encoding.isWide || escapes != nil || !dialect.isEmpty }

  /// The text that stands for a content.
  public func text(of content: [UInt8]) -> [UInt8] { folded(encoding.utf8(of: content)) }

  /// The content that a text stands for; nil where there is none, or one of more than `most` bytes.
  public func content(of text: [UInt8], atMost most: Int = .max) -> [UInt8]? {
    var text: [UInt8]? = text
    if let escapes {
      text = text.flatMap { escapes.unfolded($0, atMost: most) }
    } else if foldsLineEnds || foldsZeros {
      text = text.flatMap { unfolded($0, atMost: most) }
    }
    if !dialect.isEmpty { text = text.flatMap { dialect.unfolded($0, atMost: most) } }
    return text.flatMap { encoding.content(of: $0, atMost: most) }
  }

  // MARK: Folding

  /// Bytes that no UTF-8 has: what stands for a line feed alone where line ends are folded; for zeros up to a multiple of
  /// `record` bytes of the content; and, with the byte behind it, for `shortestRun` zeros and that many more.
  private enum Mark {
    static let loneLineFeed: UInt8 = 0xFE
    static let zerosToRecord: UInt8 = 0xFD
    static let zeros: UInt8 = 0xFC
  }
  /// Of tar.
  private static let record = 512
  private static let shortestRun = 3
  private static let longestRun = shortestRun + 255
  private static let carriageReturn = UInt8(ascii: "\r")
  private static let lineFeed = UInt8(ascii: "\n")

  /// The text that stands for a content.
  ///
  /// - Parameter text: the content in UTF-8.
  public func folded(_ text: [UInt8]) -> [UInt8] {
    let text = dialect.isEmpty ? text : dialect.folded(text)
    if let escapes { return escapes.folded(text) }
    guard foldsLineEnds || foldsZeros else { return text }
    var result: [UInt8] = []
    result.reserveCapacity(text.count)
    // In the content, where that is UTF-8.
    var position = 0
    var i = 0
    while i < text.count {
      let byte = text[i]
      if byte == TextEncoding.escape {
        result += text[i..<min(i + 2, text.count)]
        i += 2
        position += 1
      } else if foldsZeros, byte == 0 {
        let end = text[i...].firstIndex { $0 != 0 } ?? text.count
        Self.fold(zeros: end - i, at: position, into: &result)
        position += end - i
        i = end
      } else if foldsLineEnds, byte == Self.lineFeed {
        result.append(Mark.loneLineFeed)
        i += 1
        position += 1
      } else if foldsLineEnds, byte == Self.carriageReturn, i + 1 < text.count,
        text[i + 1] == Self.lineFeed
      {
        result.append(Self.lineFeed)
        i += 2
        position += 2
      } else {
        result.append(byte)
        i += 1
        position += 1
      }
    }
    return result
  }

  private static func fold(zeros: Int, at start: Int, into result: inout [UInt8]) {
    var position = start
    let end = start + zeros
    while position < end {
      let next = (position / record + 1) * record
      let left = end - position
      if next <= end {
        result.append(Mark.zerosToRecord)
        position = next
      } else if left >= shortestRun {
        let run = min(left, longestRun)
        result += [Mark.zeros, UInt8(run - shortestRun)]
        position += run
      } else {
        result.append(0)
        position += 1
      }
    }
  }

  private func unfolded(_ text: [UInt8], atMost most: Int) -> [UInt8]? {
    var result: [UInt8] = []
    result.reserveCapacity(text.count + text.count / 16)
    // Bytes of `result` that only say that the next one is kept.
    var escapes = 0
    var i = 0
    while i < text.count {
      let byte = text[i]
      let next = i + 1 < text.count ? text[i + 1] : nil
      i += 1
      switch byte {
      case TextEncoding.escape:
        guard let next else { return nil }
        result += [byte, next]
        escapes += 1
        i += 1
      case Self.lineFeed where foldsLineEnds: result += [Self.carriageReturn, Self.lineFeed]
      case Mark.loneLineFeed where foldsLineEnds: result.append(Self.lineFeed)
      case Mark.zerosToRecord where foldsZeros:
        let zeros = Self.record - (result.count - escapes) % Self.record
        result.append(contentsOf: repeatElement(0, count: zeros))
      case Mark.zeros where foldsZeros:
        guard let next else { return nil }
        result.append(contentsOf: repeatElement(0, count: Self.shortestRun + Int(next)))
        i += 1
      default: result.append(byte)
      }
      // What stands for one byte of a content is four of UTF-8 at most.
      guard result.count / 4 <= most else { return nil }
    }
    return result
  }
}
