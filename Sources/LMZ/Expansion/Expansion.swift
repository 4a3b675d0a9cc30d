import Codec

/// A content in which compressed streams, base64 and mail lie open, so that what they stand for can be coded as what it is.
struct Expansion {
  /// What is coded instead of the content.
  var bytes: [UInt8] = []
  /// Bytes of content that it stands for, from its start.
  var length = 0
  /// Characters of encoded words that are open.
  private(set) var openedInWords = 0

  /// Bytes, if it stood for all up to a place.
  func size(upTo end: Int) -> Int { bytes.count + end - length }

  mutating func stand(
    forAllUpTo end: Int, of input: UnsafeBufferPointer<UInt8>
  ) {
    let plain = UnsafeBufferPointer(rebasing: input[length..<end])
    if let text = OpenedText(plain) {
      bytes += text.item
      openedInWords += text.characters
    } else {
      bytes += ExpansionItem.plain(plain)
    }
    length = end
  }
}
