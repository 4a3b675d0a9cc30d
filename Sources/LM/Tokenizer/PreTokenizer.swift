/// Cuts bytes into the pieces that merges may not cross, by byte classes alone: the same pieces as the
/// pattern in pretraining/tokenizer.py.
///
/// Letters are A-Z, a-z and every byte from 0x80, so Japanese text is a run of letters; blanks are space
/// and tab. A piece is one of
/// - an optional space and letters; an optional space and up to four digits
/// - an optional space and punctuation, with the line ends and blanks that follow
/// - blanks, line ends and blanks; or blanks alone, less a last space that begins the next piece
struct PreTokenizer {
  private enum Class: UInt8 { case letter, digit, punctuation, blank, lineEnd }

  private static func classOf(_ byte: UInt8) -> Class {
    switch byte {
    case 0x41...0x5A, 0x61...0x7A, 0x80...0xFF: .letter
    case 0x30...0x39: .digit
    case 0x20, 0x09: .blank
    case 0x0A, 0x0D: .lineEnd
    default: .punctuation
    }
  }

  private static let classes = (0..<256).map { classOf(UInt8($0)) }

  /// The end of the piece that begins at `start`.
  static func end(of bytes: ArraySlice<UInt8>, from start: Int) -> Int {
    func skip(_ i: Int, while wanted: Class, atMost limit: Int = .max) -> Int {
      var i = i
      var left = limit
      while i < bytes.endIndex && left > 0 && classes[Int(bytes[i])] == wanted {
        i += 1
        left -= 1
      }
      return i
    }
    var i = start
    if bytes[i] == 0x20 && i + 1 < bytes.endIndex { i += 1 }
    switch classes[Int(bytes[i])] {
    case .letter: return skip(i, while: .letter)
    case .digit: return skip(i, while: .digit, atMost: 4)
    case .punctuation:
      let end = skip(i, while: .punctuation)
      let lineEnd = skip(end, while: .lineEnd)
      return lineEnd > end ? skip(lineEnd, while: .blank) : end
    case .blank, .lineEnd:
      let blanks = skip(start, while: .blank)
      let lineEnd = skip(blanks, while: .lineEnd)
      if lineEnd > blanks { return skip(lineEnd, while: .blank) }
      let lastIsSpace = bytes[blanks - 1] == 0x20
      let more = blanks < bytes.endIndex
      return more && lastIsSpace && blanks - start > 1 ? blanks - 1 : blanks
    }
  }
}
