/// What encloses the next byte: open brackets, and elements of markup that have not ended.
struct Nesting {
  private enum Tag {
    case none, name, attributes, closing
  }

  /// The innermost sixteen, by depth mod 16: of a bracket an odd hash of it and of the word before, of an
  /// element an even one of its name.
  private var open = SIMD16<UInt32>()
  private var depth = 0
  private var tag = Tag.none
  private var name: UInt32 = 0
  private var last: UInt8 = 0

  private static let nameBytes = ByteSet(
    "-0123456789:ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz")

  /// 0 where nothing is open.
  var innermost: UInt32 { depth > 0 ? open[(depth - 1) & 15] : 0 }

  /// - Parameter word: hash of the last word.
  @inline(__always)
  mutating func append(_ byte: UInt8, after word: UInt32) {
    switch byte {
    case UInt8(ascii: "("), UInt8(ascii: "["), UInt8(ascii: "{"):
      push((word &+ UInt32(byte)) &* 0x9E37_79B1 | 1)
    case UInt8(ascii: ")"), UInt8(ascii: "]"), UInt8(ascii: "}"):
      if innermost & 1 == 1 { depth -= 1 }
    case UInt8(ascii: "<"):
      tag = .name
      name = 0
    case UInt8(ascii: ">"):
      endTag()
    default:
      if tag == .name || tag == .closing { appendToTag(byte) }
    }
    last = byte
  }

  private mutating func push(_ hash: UInt32) {
    open[depth & 15] = hash
    depth += 1
  }

  private mutating func appendToTag(_ byte: UInt8) {
    if byte == UInt8(ascii: "/") && name == 0 {
      tag = .closing
    } else if Self.nameBytes[byte] {
      name = (name &+ UInt32(byte)) &* 0x2F0B_4C47
      name ^= name >> 15
    } else if tag == .name {
      tag = name == 0 ? .none : .attributes
    }
  }

  /// What `>` ends: an element where the tag closes it, if it is one of the four innermost (HTML leaves
  /// some open). Tags that end with `/`, `?` or `-` enclose nothing.
  private mutating func endTag() {
    if tag == .closing {
      for d in 1...4 where d <= depth && open[(depth - d) & 15] == name &* 2 {
        depth -= d
        break
      }
    } else if tag != .none && name != 0 && last != UInt8(ascii: "/") && last != UInt8(ascii: "?")
      && last != UInt8(ascii: "-")
    {
      push(name &* 2)
    }
    tag = .none
  }
}

/// A set of ASCII characters.
package struct ByteSet {
  private let low: UInt64
  private let high: UInt64

  package init(_ characters: String) {
    var (low, high): (UInt64, UInt64) = (0, 0)
    for byte in characters.utf8 {
      if byte < 64 { low |= 1 << UInt64(byte) } else { high |= 1 << UInt64(byte & 63) }
    }
    (self.low, self.high) = (low, high)
  }

  @inline(__always)
  package subscript(byte: UInt8) -> Bool {
    byte < 128 && (byte < 64 ? low : high) >> UInt64(byte & 63) & 1 == 1
  }
}
