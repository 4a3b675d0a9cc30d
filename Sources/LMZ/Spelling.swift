import Codec

/// What of a block is coded: its content, or the form in UTF-8 of a text that is in another encoding, as the language model
/// knows no other.
package struct Spelling {
  /// Bytes of content.
  package let size: Int
  /// Nil where the content is coded.
  let encoding: TextEncoding?
  package let bytes: [UInt8]

  private init(size: Int, encoding: TextEncoding?, bytes: [UInt8]) {
    self.size = size
    self.encoding = encoding
    self.bytes = bytes
  }

  /// The content as it is.
  init(asItIs content: [UInt8]) {
    self.init(size: content.count, encoding: nil, bytes: content)
  }

  /// The form in UTF-8 of a text that is in another encoding; else the content as it is.
  ///
  /// - Parameter keepsEscapes: whether characters that are spelled in ASCII are left so.
  package init(of content: [UInt8], keepingEscapes keepsEscapes: Bool = false) {
    if let encoding = TextEncoding(of: content), !(keepsEscapes && encoding.isEscapes) {
      let text = encoding.utf8(of: content)
      if encoding.content(of: text) == content {
        self.init(size: content.count, encoding: encoding, bytes: text)
        return
      }
    }
    self.init(asItIs: content)
  }

  /// A block that codes `bytes`, as one of the content.
  func block(_ block: Block) -> Block { encoding.map { block.spelling(size, in: $0) } ?? block }

  /// Reports of bytes coded as such of the content.
  func progress(_ report: @escaping (Int) -> Void) -> (Int) -> Void {
    scaled(report, from: bytes.count, to: size)
  }
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
