import Codec

/// Base64 in a content: attachments of mail, images of notebooks and pages, source maps.
struct Base64Text {
  let range: Range<Int>
  let layout: Base64Layout
  /// What it stands for.
  let bytes: [UInt8]

  /// Less characters in a row are not looked at.
  private static let leastRun = 60
  /// Less in all are not worth it, text or not.
  private static let (leastForText, least) = (128, 512)
  /// Characters in which all kinds must be.
  private static let sample = 1024

  static func endOfRun(_ input: UnsafeBufferPointer<UInt8>, from start: Int, to end: Int) -> Int {
    var i = start
    while i < end && Base64Layout.isCharacter(input[i]) { i += 1 }
    return i
  }

  /// Whether the last characters of a content, or the line before them, may be those of base64.
  static func goesOn(behind content: UnsafeBufferPointer<UInt8>) -> Bool {
    func startOfRun(before end: Int) -> Int {
      content[..<end].lastIndex { !Base64Layout.isCharacter($0) }.map { $0 + 1 } ?? 0
    }
    let start = startOfRun(before: content.count)
    if content.count - start >= leastRun { return true }
    return Base64Layout.LineEnd.allCases.contains { lineEnd in
      // The last character of an escape is one of base64, too.
      let line = lineEnd == .escape ? start + 1 : start
      let end = line - lineEnd.bytes.count
      return end >= leastRun && line <= content.count
        && content[end..<line].elementsEqual(lineEnd.bytes)
        && end - startOfRun(before: end) >= leastRun
    }
  }

  /// Whether a content has so much base64 that what is no text in it is worth it, too: a little costs the context models more
  /// as bytes, which they have to get to know, than the language model as it is.
  static func isMuch(of input: UnsafeBufferPointer<UInt8>, to end: Int) -> Bool {
    var all = 0
    var i = 0
    while i < end {
      let runEnd = endOfRun(input, from: i, to: end)
      if runEnd - i >= leastRun { all += runEnd - i }
      i = runEnd + 1
    }
    return all >= leastInAll && all * leastShare >= end
  }

  private static let (leastInAll, leastShare) = (4096, 8)

  /// - Parameters:
  ///   - run: characters of base64.
  ///   - end: of the input.
  init?(_ input: UnsafeBufferPointer<UInt8>, _ run: Range<Int>, to end: Int) {
    guard run.count >= Self.leastRun, Self.isMixed(input[run].prefix(Self.sample)) else {
      return nil
    }
    let lineEnd = Base64Layout.LineEnd.allCases.first {
      run.count % 4 == 0 && input[run.upperBound..<end].starts(with: $0.bytes)
    }
    var layout = lineEnd.map { Base64Layout(line: run.count, lineEnd: $0) } ?? Base64Layout()
    var characters = Array(input[run])
    var place = run.upperBound
    if let lineEnd {
      while input[place..<end].starts(with: lineEnd.bytes) {
        let start = place + lineEnd.bytes.count
        let next = min(Self.endOfRun(input, from: start, to: end), start + layout.line)
        guard next > start else { break }
        characters += input[start..<next]
        place = next
        if next - start < layout.line { break }
      }
      if characters.count == layout.line { layout = Base64Layout() }
    }
    // What fills the last four.
    var padding = 0
    while characters.count % 4 > 1, padding < 2, place < end, input[place] == UInt8(ascii: "=") {
      characters.append(input[place])
      padding += 1
      place += 1
    }
    let excess = characters.count % 4
    if excess > 0 { characters.removeLast(excess) }
    // Bits that stand for nothing, but are not 0.
    if padding > 0, let last = Base64Layout.bytes(of: characters.suffix(4)),
      Base64Layout().text(of: last) != characters.suffix(4)
    {
      characters.removeLast(4)
    }
    guard characters.count >= Self.leastForText, let bytes = Base64Layout.bytes(of: characters),
      characters.count >= Self.least || ContentKind.isText(bytes)
    else { return nil }
    let range = run.lowerBound..<(run.lowerBound + layout.size(of: bytes.count))
    guard range.upperBound <= end, layout.text(of: bytes).elementsEqual(input[range]) else {
      return nil
    }
    self.range = range
    self.layout = layout
    self.bytes = bytes
  }

  /// Whether there are small letters, capitals and figures, as in words or numbers there are not.
  private static func isMixed(_ characters: Slice<UnsafeBufferPointer<UInt8>>) -> Bool {
    let least = characters.count / 32
    let classes = [
      UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"),
    ]
    return classes.allSatisfy { kind in characters.count { kind.contains($0) } >= max(2, least) }
  }
}
