import Codec

/// What kind of content a block holds, by looking at its bytes.
package enum ContentKind {
  /// Whether even the single bytes are spread so evenly that no model need be asked.
  static func looksRandom(_ content: some Collection<UInt8>) -> Bool {
    guard content.count >= 4096 else { return false }
    var counts = [Int](repeating: 0, count: 256)
    for byte in content { counts[Int(byte)] += 1 }
    // Pairs of equal bytes: one in 256 where all values are equally frequent. PNG images that become smaller
    // have 10 % more or above, JPEG ones 5, what gzip made 3 at most.
    let equal = counts.reduce(0) { $0 + $1 * ($1 - 1) }
    let all = content.count * (content.count - 1)
    return Double(equal) * 256 < 1.06 * Double(all)
  }

  /// Whether nearly all bytes belong to valid UTF-8 without unusual control characters.
  package static func isText(_ content: [UInt8]) -> Bool {
    var strange = 0
    visit(content) { _, _, isStrange in strange += isStrange ? 1 : 0 }
    return strange * 20 <= content.count
  }

  /// Visits what a content is made of if it is UTF-8.
  ///
  /// - Parameter body: told where a character lies, its bytes, and whether it is one that text seldom has or none.
  @inline(__always)
  static func visit(
    _ content: [UInt8], _ body: (_ start: Int, _ length: Int, _ isStrange: Bool) -> Void
  ) {
    var i = 0
    while i < content.count {
      let byte = content[i]
      let length = byte < 0x80 ? 1 : sequence(in: content, at: i)
      body(i, length ?? 1, length == nil || isUnusual(byte))
      i += length ?? 1
    }
  }

  /// A control character that text seldom has.
  static func isUnusual(_ byte: UInt8) -> Bool {
    byte < 32 && !(7...13).contains(byte) && byte != 27
  }

  static func isASCIILetter(_ byte: UInt8) -> Bool { (0x61...0x7A).contains(byte | 0x20) }

  /// How many bytes a UTF-8 sequence beyond ASCII has at a place, where the content may end; nil where there is none.
  @inline(__always)
  static func sequence(in content: [UInt8], at i: Int) -> Int? {
    let lead = content[i]
    guard lead >= 0xC2 && lead <= 0xF4 else { return nil }
    let length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2
    let end = min(i + length, content.count)
    return content[(i + 1)..<end].allSatisfy { $0 & 0xC0 == 0x80 } ? length : nil
  }

  /// What the context models should know of content that is coded without the language model.
  package static func structure(of content: [UInt8]) -> ByteStructure {
    structure(of: content, repeats: false)
  }

  /// - Parameters:
  ///   - repeats: whether most of it has been there before.
  ///   - image: that has most of it.
  static func structure(
    of content: [UInt8], repeats: Bool, image: ImageRows? = nil
  ) -> ByteStructure {
    // A short frame has no room for more.
    if content.count <= FrameFormat.longestShort || isText(content) {
      if repeats, let column = RepeatedLines.column(of: content) {
        return ByteStructure(linesNumberedFrom: column)
      }
      return ByteStructure(recordLength: 0, repeatsLines: repeats)
    }
    return ByteStructure(
      recordLength: RecordLength.find(in: content, image: image),
      hasAbsoluteCalls: X86Calls.pays(content))
  }
}
