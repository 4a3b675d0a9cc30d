import Kernels

/// What the context models know of a lane's past.
struct LaneContext {
  /// The last eight bytes, the last one lowest.
  var recent: UInt64 = 0
  /// Of what kind the last three are, three bits each, the last one highest.
  var classes = 0
  /// Hashes of the word so far and of the two words before it; 0 between words.
  var word: UInt32 = 0
  var previousWord: UInt32 = 0
  var wordBefore: UInt32 = 0
  /// Where the lane's first byte of this block, this line and the line before stand.
  var start = 0
  var lineStart = 0
  var previousLineStart = 0
  /// Hash of the first bytes of the line.
  var lineHead: UInt32 = 0
  /// Where the current token began, or -1 where the content is not coded in tokens.
  var tokenStart = -1
  /// Hashes of the current token's bytes so far and of the two tokens before it.
  var token: UInt32 = 0
  var previousToken: UInt32 = 0
  var tokenBefore: UInt32 = 0
  /// The brackets and tags that are open.
  var nesting = Nesting()
  /// Hash of the word before the last separator, with that, and of what has come since.
  var fieldHead: UInt32 = 0
  var field: UInt32 = 0
  /// Of tables and the like; followed from the fifth version on.
  var fields = Fields(at: 0)
  var numbers = Numbers()
  /// Followed from the seventh version on.
  var indentation = Indentation()
  /// Where the next byte will stand.
  var position = 0
  /// Where matches go on, long and short; `ByteModel.matches` brings them up to date.
  var matches = (MatchModel.Pointer(), MatchModel.Pointer())

  /// What fields begin behind.
  private static let separators = ByteSet("\t\n(,:;<=>[{|")

  /// Column of the next byte.
  var column: Int { position - lineStart }

  /// Bytes of the line before, with its end.
  var previousLineLength: Int { lineStart - previousLineStart }

  /// What versions from the fifth on follow besides, after `append`.
  @inline(__always)
  mutating func followTables(_ byte: UInt8, _ history: History) {
    let above = fields.above
    fields.append(byte, above: above < 0 ? 0 : history[above], position: position)
    numbers.append(byte)
  }

  /// What versions from the seventh on follow besides, after `append`.
  @inline(__always)
  mutating func followLines(_ byte: UInt8, _ history: History) {
    indentation.append(
      byte, column: position - 1 - lineStart, position: position - 1, history)
  }

  @inline(__always)
  mutating func append(_ byte: UInt8) {
    recent = recent << 8 | UInt64(byte)
    classes = byteClass(Int(byte)) << 6 | classes >> 3
    position += 1
    token = (token &+ UInt32(byte) &+ 1) &* 0x3D4D_51CB
    token ^= token >> 13
    let isLetter = (byte | 32) &- 97 < 26 || byte >= 128
    if isLetter {
      let folded = byte >= 128 ? byte : byte | 32
      word = (word &+ UInt32(folded) &+ 1) &* 0x2F0B_4C47
      word ^= word >> 15
    } else if word != 0 {
      wordBefore = previousWord
      previousWord = word
      word = 0
    }
    let lastWord = word == 0 ? previousWord : word
    nesting.append(byte, after: lastWord)
    if Self.separators[byte] {
      fieldHead = lastWord &+ UInt32(byte)
      field = 0
    } else if byte != 32 || field != 0 {
      field = (field &+ UInt32(byte) &+ 1) &* 0x3D4D_51CB
      field ^= field >> 13
    }
    if byte == 10 {
      previousLineStart = lineStart
      lineStart = position
      lineHead = 0
    } else if column <= 3 {
      lineHead = (lineHead &+ UInt32(byte) &+ 1) &* 0x9E37_79B1
    }
  }
}

/// What followed each byte and each pair of bytes the last times.
struct Successors {
  private let memory: Buffer<UInt32>
  private let one: UnsafeMutablePointer<UInt32>
  private let two: UnsafeMutablePointer<UInt32>

  init() {
    memory = Buffer(count: 256 + 65536)
    one = memory.unchecked
    two = memory.unchecked + 256
  }

  /// The last bytes that followed the last byte, the latest lowest.
  @inline(__always)
  func afterByte(_ recent: UInt64) -> UInt32 { one[Int(recent & 0xFF)] }

  @inline(__always)
  func afterPair(_ recent: UInt64) -> UInt32 { two[Int(recent & 0xFFFF)] }

  @inline(__always)
  func append(_ byte: UInt8, after recent: UInt64) {
    let a = Int(recent & 0xFF)
    one[a] = one[a] << 8 | UInt32(byte)
    let b = Int(recent & 0xFFFF)
    two[b] = two[b] << 8 | UInt32(byte)
  }
}

/// Eight kinds of bytes.
@inline(__always)
func byteClass(_ c: Int) -> Int {
  switch c {
  case 192...: 7
  case 128...: 6
  case 97...122: 5
  case 65...90: 4
  case 48...57: 3
  case 32: 2
  case ..<32: 0
  default: 1
  }
}
