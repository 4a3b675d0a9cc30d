/// How bytes are written as quoted-printable (RFC 2045). What programs do mostly follows from a few rules; where it does not,
/// that is an exception.
public struct QuotedPrintable: Equatable, Sendable {
  /// What may take the place of the mark that a line goes on, at the end of one that does not.
  public enum Last: Int, CaseIterable, Sendable {
    case nothing = 0
    /// A character, but no escape.
    case character = 1
    case any = 2
  }

  public struct Rules: Equatable, Sendable {
    /// Characters in a line at most, with the mark that it goes on.
    public var line: Int
    public var last: Last
    /// Whether lines end with CR LF instead of LF.
    public var hasBoth: Bool
    /// Whether escapes have lower-case digits.
    public var isLowerCase: Bool
    /// The bytes that are written otherwise than usual: escaped, or as they are.
    public var unusual: Set<UInt8>

    public init(
      line: Int = usualLine, last: Last = .any, hasBoth: Bool = false, isLowerCase: Bool = false,
      unusual: Set<UInt8> = []
    ) {
      precondition(Self.lines.contains(line))
      self.line = line
      self.last = last
      self.hasBoth = hasBoth
      self.isLowerCase = isLowerCase
      self.unusual = unusual
    }

    public static let lines = 4...1000
    public static let usualLine = 76

    /// Whether a byte is an escape as a rule: what is no visible character, space or tab, and the mark of escapes.
    public static func isUsuallyEscaped(_ byte: UInt8) -> Bool {
      byte < 0x20 && byte != 9 || byte > 0x7E || byte == QuotedPrintable.mark
    }
  }

  /// How a byte or a line end is written.
  public struct Form: OptionSet, Sendable {
    public let rawValue: UInt8
    public init(rawValue: UInt8) { self.rawValue = rawValue }
    /// Before it the line ends, with the mark that it goes on.
    public static let broken = Form(rawValue: 1)
    /// As an escape; a line end's first byte by itself.
    public static let escaped = Form(rawValue: 2)
  }

  /// A place that is not written by the rules.
  public struct Exception: Equatable, Sendable {
    /// In the bytes, or their end.
    public let place: Int
    /// What is otherwise there.
    public let change: Form
  }

  public let rules: Rules
  /// In order.
  public let exceptions: [Exception]

  static let mark = UInt8(ascii: "=")

  @inline(__always)
  static func append(escapeOf byte: UInt8, isLowerCase: Bool, to text: inout [UInt8]) {
    text.append(mark)
    text.append(digit(byte >> 4, isLowerCase))
    text.append(digit(byte & 15, isLowerCase))
  }

  @inline(__always)
  private static func digit(_ value: UInt8, _ isLowerCase: Bool) -> UInt8 {
    value < 10 ? 0x30 + value : (isLowerCase ? 0x61 : 0x41) + value - 10
  }

  init(rules: Rules, exceptions: [Exception]) {
    self.rules = rules
    self.exceptions = exceptions
  }

  /// The exceptions from rules with which bytes are written as they were read.
  public init(_ reading: Reading, _ rules: Rules) {
    var exceptions: [Exception] = []
    rules.walk(reading.bytes) { place, _, expected in
      let form = reading.forms[place]
      if form != expected {
        exceptions.append(Exception(place: place, change: form.symmetricDifference(expected)))
      }
      return form
    }
    self.init(rules: rules, exceptions: exceptions)
  }

  /// Bytes as quoted-printable; nil where an exception is left, or there would be more characters than `most`.
  public func text(of bytes: [UInt8], atMost most: Int = .max) -> [UInt8]? {
    let lineEnd = rules.lineEnd
    var text: [UInt8] = []
    var next = 0
    rules.walk(bytes) { place, kind, expected in
      var form = expected
      if next < exceptions.count, exceptions[next].place == place {
        form.formSymmetricDifference(exceptions[next].change)
        next += 1
      }
      // Whatever else there is, it is too much.
      guard text.count <= most else { return form }
      if form.contains(.broken) {
        text.append(Self.mark)
        text += lineEnd
      }
      switch kind {
      case .end: break
      case .lineEnd where !form.contains(.escaped): text += lineEnd
      case .byte, .lineEnd:
        if form.contains(.escaped) {
          Self.append(escapeOf: bytes[place], isLowerCase: rules.isLowerCase, to: &text)
        } else {
          text.append(bytes[place])
        }
      }
      return form
    }
    return next == exceptions.count && text.count <= most ? text : nil
  }
}

extension QuotedPrintable.Rules {
  enum Kind { case byte, lineEnd, end }

  var lineEnd: [UInt8] { hasBoth ? [13, 10] : [10] }

  /// Goes from place to place: over every byte and line end, and to the end.
  ///
  /// - Parameter form: told the place, what is there, and how the rules write it; says how it is written.
  @inline(__always)
  func walk(
    _ bytes: [UInt8],
    _ form: (_ place: Int, _ kind: Kind, _ expected: QuotedPrintable.Form) -> QuotedPrintable.Form
  ) {
    let isEscaped = (0...255).map {
      Self.isUsuallyEscaped(UInt8($0)) != unusual.contains(UInt8($0))
    }
    bytes.withUnsafeBufferPointer { bytes in
      func isLineEnd(at i: Int) -> Bool { bytes.hasLineEnd(at: i, both: hasBoth) }
      // Characters that the line has so far.
      var column = 0
      var place = 0
      while place < bytes.count {
        if isLineEnd(at: place) {
          let written = form(place, .lineEnd, [])
          if written.contains(.broken) { column = 0 }
          if written.contains(.escaped) {
            column += 3
            place += 1
          } else {
            column = 0
            place += hasBoth ? 2 : 1
          }
          continue
        }
        let byte = bytes[place]
        let isLast = place + 1 == bytes.count || isLineEnd(at: place + 1)
        let isBlankAtEnd = isLast && (byte == 0x20 || byte == 9)
        let isEscape = isBlankAtEnd || isEscaped[Int(byte)]
        let mayFill = isLast && last.rawValue > (isEscape ? 1 : 0)
        let fits = column + (isEscape ? 3 : 1) + (mayFill ? 0 : 1) <= line
        var expected: QuotedPrintable.Form = isEscape ? .escaped : []
        // A line that is too long already stays so.
        if !fits && column < line { expected.insert(.broken) }
        let written = form(place, .byte, expected)
        if written.contains(.broken) { column = 0 }
        column += written.contains(.escaped) ? 3 : 1
        place += 1
      }
      _ = form(bytes.count, .end, [])
    }
  }
}

extension QuotedPrintable {
  /// What stands in a text as quoted-printable.
  public struct Reading {
    public private(set) var bytes: [UInt8] = []
    /// How each of the bytes, and their end, is written.
    fileprivate(set) var forms: [Form] = []
    /// How many characters, with the mark, there are in lines that go on: how many lines have so many.
    public private(set) var lines: [Int: Int] = [:]
    /// How often a byte is escaped, and how often not, blanks at the end of lines left out.
    public private(set) var escaped = [Int](repeating: 0, count: 256)
    public private(set) var literal = [Int](repeating: 0, count: 256)

    public var escapes: Int { escaped.reduce(0, +) }

    public init(_ text: UnsafeBufferPointer<UInt8>, hasBoth: Bool, isLowerCase: Bool) {
      func isLineEnd(at i: Int) -> Bool { text.hasLineEnd(at: i, both: hasBoth) }
      func digit(at i: Int) -> UInt8? {
        guard i < text.count else { return nil }
        switch text[i] {
        case 0x30...0x39: return text[i] - 0x30
        case 0x41...0x46 where !isLowerCase: return text[i] - 0x41 + 10
        case 0x61...0x66 where isLowerCase: return text[i] - 0x61 + 10
        default: return nil
        }
      }
      var form: Form = []
      var column = 0
      var i = 0
      while i < text.count {
        if isLineEnd(at: i) {
          bytes += text[i..<(i + (hasBoth ? 2 : 1))]
          forms += hasBoth ? [form, []] : [form]
          form = []
          column = 0
          i += hasBoth ? 2 : 1
          continue
        }
        if text[i] == QuotedPrintable.mark, !form.contains(.broken), isLineEnd(at: i + 1) {
          form = .broken
          lines[column + 1, default: 0] += 1
          column = 0
          i += hasBoth ? 3 : 2
          continue
        }
        var byte = text[i]
        var length = 1
        // Behind half a line end, the escape of the other half is three characters.
        let isHalf = hasBoth && bytes.last == 13 && forms.last?.contains(.escaped) == false
        if byte == QuotedPrintable.mark, let high = digit(at: i + 1), let low = digit(at: i + 2),
          !(isHalf && high << 4 | low == 10)
        {
          byte = high << 4 | low
          form.insert(.escaped)
          length = 3
        }
        i += length
        column += length
        if byte != 0x20 && byte != 9 || !(i == text.count || isLineEnd(at: i)) {
          if length == 3 { escaped[Int(byte)] += 1 } else { literal[Int(byte)] += 1 }
        }
        bytes.append(byte)
        forms.append(form)
        form = []
      }
      forms.append(form)
    }
  }
}

extension UnsafeBufferPointer<UInt8> {
  /// Whether there is LF, or CR LF, at a place.
  @inline(__always)
  fileprivate func hasLineEnd(at i: Int, both: Bool) -> Bool {
    both ? i + 1 < count && self[i] == 13 && self[i + 1] == 10 : i < count && self[i] == 10
  }
}
