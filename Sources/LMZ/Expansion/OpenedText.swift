import Codec

/// Text in a content as the language model knows it: in UTF-8, the encoded words of mail open.
struct OpenedText {
  let encoding: TextEncoding
  /// In UTF-8.
  let text: [UInt8]
  /// Characters of the words that are open.
  let characters: Int

  /// Nil where it would be the content as it is.
  ///
  /// - Parameter isText: whether the content is known to be a text by itself; else it is only taken for one in another encoding
  ///   where there are encoded words, or Japanese as in mail.
  init?(_ content: UnsafeBufferPointer<UInt8>, isText: Bool = false) {
    let words = EncodedWords.opened(content)
    guard isText || words != nil || Self.switchesToJapanese(content) else { return nil }
    let bytes = Array(content)
    if let encoding = Self.encoding(of: bytes) {
      let text = encoding.utf8(of: bytes)
      let words = text.withUnsafeBufferPointer(EncodedWords.opened)
      self.encoding = encoding
      self.text = words?.bytes ?? text
      characters = words?.characters ?? 0
    } else if let words {
      encoding = .utf8
      (text, characters) = words
    } else {
      return nil
    }
  }

  /// Whether there is what ISO-2022-JP begins Japanese with.
  private static func switchesToJapanese(_ content: UnsafeBufferPointer<UInt8>) -> Bool {
    content.indices.dropLast(2).contains {
      content[$0] == 0x1B && content[$0 + 1] == 0x24 && content[$0 + 2] == 0x42
    }
  }

  /// A character set other than UTF-8, of which the content can be made again.
  private static func encoding(of content: [UInt8]) -> TextEncoding? {
    guard let found = TextEncoding(of: content), !found.isEscapes,
      found.content(of: found.utf8(of: content)) == content
    else { return nil }
    return found
  }

  var item: [UInt8] { ExpansionItem.text(text, in: encoding) }
}
