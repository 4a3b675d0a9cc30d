import Codec

/// A body in quoted-printable, as its header says: of mail, or of a part of it, or of a page that was saved with its images.
struct QuotedPrintableBody {
  let range: Range<Int>
  /// What it is in an expansion.
  let item: [UInt8]

  /// What it saves, in quarters of a byte and about, that lines do not go on, that bytes beyond ASCII and others are no escapes;
  /// and what exceptions and the item cost.
  private static let (gainOfBreak, gainBeyondASCII, gainOfEscape) = (5, 3, 1)
  private static let (costOfException, costOfItem) = (16, 60)
  /// What is to be said of bytes that are written otherwise than usual.
  private static let mostUnusual = 32

  /// - Parameters:
  ///   - start: where a body may begin.
  ///   - end: of the input.
  init?(_ input: UnsafeBufferPointer<UInt8>, at start: Int, to end: Int) {
    guard let header = Header(of: input, before: start), header.isQuotedPrintable else {
      return nil
    }
    range = start..<header.endOfBody(input, from: start, to: end)
    let body = UnsafeBufferPointer(rebasing: input[range])
    let readings = [false, true].map {
      QuotedPrintable.Reading(body, hasBoth: header.hasBoth, isLowerCase: $0)
    }
    let isLowerCase = readings[1].escapes > readings[0].escapes
    let reading = readings[isLowerCase ? 1 : 0]
    let gain = Self.gain(of: reading)
    guard gain >= Self.costOfItem,
      let written = Self.written(reading, hasBoth: header.hasBoth, isLowerCase: isLowerCase),
      gain >= Self.costOfItem + Self.costOfException * written.exceptions.count,
      written.text(of: reading.bytes).map(body.elementsEqual) ?? false
    else { return nil }
    let encodings = [TextEncoding(of: reading.bytes), .utf8].compactMap { $0 }
      .filter { !$0.isEscapes }
    let texts = encodings.map { ($0, $0.utf8(of: reading.bytes)) }
    guard
      let (encoding, text) = texts.first(where: { $0.content(of: $1) == reading.bytes }),
      ContentKind.isText(text)
    else { return nil }
    item = QuotedPrintableItem(written, encoding, text: text).bytes
  }

  private static func gain(of reading: QuotedPrintable.Reading) -> Int {
    let breaks = reading.lines.values.reduce(0, +)
    let beyond = reading.escaped[128...].reduce(0, +)
    let others = reading.escaped[..<128].reduce(0, +)
    return breaks * gainOfBreak + beyond * gainBeyondASCII + others * gainOfEscape
  }

  /// By the rules that need the fewest exceptions.
  private static func written(
    _ reading: QuotedPrintable.Reading, hasBoth: Bool, isLowerCase: Bool
  ) -> QuotedPrintable? {
    let unusual = (UInt8.min...UInt8.max).filter { byte in
      let (escaped, literal) = (reading.escaped[Int(byte)], reading.literal[Int(byte)])
      return QuotedPrintable.Rules.isUsuallyEscaped(byte) ? literal > escaped : escaped > literal
    }
    guard unusual.count <= mostUnusual else { return nil }
    let frequent = reading.lines.max { ($0.value, $0.key) < ($1.value, $1.key) }
    let lines = Set([frequent?.key ?? 76, reading.lines.keys.max() ?? 76])
      .intersection(QuotedPrintable.Rules.lines)
    let candidates = lines.sorted().flatMap { line in
      QuotedPrintable.Last.allCases.map { last in
        QuotedPrintable(
          reading,
          QuotedPrintable.Rules(
            line: line, last: last, hasBoth: hasBoth, isLowerCase: isLowerCase,
            unusual: Set(unusual)))
      }
    }
    return candidates.min { $0.exceptions.count < $1.exceptions.count }
  }
}

/// What stands before a body: lines with a name, a colon and a value, and such as go on.
private struct Header {
  private(set) var isQuotedPrintable = false
  /// Whether its lines end with CR LF.
  let hasBoth: Bool
  /// The line before it, if that is one between parts.
  private var boundary: [UInt8] = []

  /// How far before a body it is looked for.
  private static let longest = 16_384
  /// In a body.
  private static let mostHeaders = 8
  private static let name = "content-transfer-encoding"
  private static let value = "quoted-printable"

  /// Nil where no blank line ends right before a place, or no header stands before that.
  init?(of input: UnsafeBufferPointer<UInt8>, before start: Int) {
    guard start >= 2, input[start - 1] == 10 else { return nil }
    hasBoth = input[start - 2] == 13
    var end = start - (hasBoth ? 2 : 1)
    guard end > 0, input[end - 1] == 10 else { return nil }
    let least = max(0, start - Self.longest)
    while end > least {
      // The line that ends there, without what ends it.
      end -= 1
      if end > 0, input[end - 1] == 13 { end -= 1 }
      var first = end
      while first > 0, input[first - 1] != 10 { first -= 1 }
      let line = UnsafeBufferPointer(rebasing: input[first..<end])
      guard let byte = line.first else { break }
      if byte != 0x20 && byte != 9 {
        guard let colon = line.prefix(64).firstIndex(of: UInt8(ascii: ":")),
          line[..<colon].allSatisfy({ (0x21...0x7E).contains($0) })
        else {
          if line.count > 2, line.starts(with: "--".utf8) { boundary = Array(line) }
          break
        }
        if line[..<colon].isEqual(to: Self.name) {
          let value = line[(colon + 1)...].drop { $0 == 0x20 || $0 == 9 || $0 == 0x22 }
          isQuotedPrintable = value.prefix(Self.value.utf8.count).isEqual(to: Self.value)
        }
      }
      end = first
    }
  }

  /// Where the body behind it ends: before the line between parts, or before the next mail of a mailbox; at the latest where
  /// many other headers have been, so that a content with nothing but headers is not looked at for each of them.
  func endOfBody(_ input: UnsafeBufferPointer<UInt8>, from start: Int, to end: Int) -> Int {
    var first = start
    var isBehindBlank = true
    var headers = 0
    while first < end {
      let line = UnsafeBufferPointer(rebasing: input[first..<end])
      if boundary.isEmpty {
        if isBehindBlank, line.starts(with: "From ".utf8) { return first }
      } else if line.starts(with: boundary) {
        return first
      }
      if line.prefix(Self.name.utf8.count).isEqual(to: Self.name) { headers += 1 }
      if headers == Self.mostHeaders { return first }
      guard let feed = line.firstIndex(of: 10) else { return end }
      isBehindBlank = feed == 0 || feed == 1 && line[0] == 13
      first += feed + 1
    }
    return end
  }
}

extension Collection where Element == UInt8 {
  /// Whether it is a word in any case.
  fileprivate func isEqual(to lowerCase: String) -> Bool {
    count == lowerCase.utf8.count
      && zip(self, lowerCase.utf8).allSatisfy { $0 == $1 || $0 | 0x20 == $1 && $1 >= 0x61 }
  }
}
