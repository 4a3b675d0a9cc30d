/// How the text in UTF-8 that is coded stands for a content: by the encoding that the content is in, and by its line ends.
public struct TextForm: Equatable, Sendable {
  public let encoding: TextEncoding
  /// Whether a line feed of the text stands for a carriage return and a line feed.
  public let foldsLineEnds: Bool

  /// What stands for a line feed alone where they are folded. No UTF-8 has this byte.
  private static let loneLineFeed: UInt8 = 0xFE
  private static let carriageReturn = UInt8(ascii: "\r")
  private static let lineFeed = UInt8(ascii: "\n")
  private static let foldingBit: UInt8 = 0x80

  public init(_ encoding: TextEncoding, foldsLineEnds: Bool = false) {
    self.encoding = encoding
    self.foldsLineEnds = foldsLineEnds
  }

  /// - Returns: nil for an encoding that is not known.
  init?(code: UInt8) {
    guard let encoding = TextEncoding(rawValue: code & ~Self.foldingBit) else { return nil }
    self.init(encoding, foldsLineEnds: code & Self.foldingBit != 0)
  }

  var code: UInt8 { encoding.rawValue | (foldsLineEnds ? Self.foldingBit : 0) }

  /// The text that stands for a content.
  public func text(of content: [UInt8]) -> [UInt8] {
    let text = encoding.utf8(of: content)
    guard foldsLineEnds else { return text }
    return Self.replacing(in: text) { byte, next in
      switch byte {
      case Self.carriageReturn where next == Self.lineFeed: ([Self.lineFeed], 2)
      case Self.lineFeed: ([Self.loneLineFeed], 1)
      default: nil
      }
    }
  }

  /// The content that a text stands for; nil where there is none, or one of more than `most` bytes.
  public func content(of text: [UInt8], atMost most: Int = .max) -> [UInt8]? {
    guard foldsLineEnds else { return encoding.content(of: text, atMost: most) }
    let unfolded = Self.replacing(in: text) { byte, _ in
      switch byte {
      case Self.lineFeed: ([Self.carriageReturn, Self.lineFeed], 1)
      case Self.loneLineFeed: ([Self.lineFeed], 1)
      default: nil
      }
    }
    return encoding.content(of: unfolded, atMost: most)
  }

  /// A text with other bytes in some places; what stands behind the byte FF is never one of them.
  ///
  /// - Parameter replacement: of a byte, and the next one if there is one, with how many it replaces; nil for none.
  @inline(__always)
  private static func replacing(
    in text: [UInt8], _ replacement: (_ byte: UInt8, _ next: UInt8?) -> (by: [UInt8], count: Int)?
  ) -> [UInt8] {
    var result: [UInt8] = []
    result.reserveCapacity(text.count + text.count / 16)
    var i = 0
    while i < text.count {
      let next = i + 1 < text.count ? text[i + 1] : nil
      if text[i] == TextEncoding.escape {
        result += text[i..<min(i + 2, text.count)]
        i += 2
      } else if let (bytes, count) = replacement(text[i], next) {
        result += bytes
        i += count
      } else {
        result.append(text[i])
        i += 1
      }
    }
    return result
  }
}
