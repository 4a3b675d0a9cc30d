/// Runs as bzip2 writes them before it sorts: behind four equal bytes, how many more there are.
struct Bzip2Runs: Equatable {
  /// Bytes of the longest; what is longer is written as several.
  let longest: Int

  /// Of libbzip2, and of 7-Zip.
  static let usual = Bzip2Runs(longest: 255)
  static let longer = Bzip2Runs(longest: 259)

  private static let counted = 4

  /// What is written of a content.
  ///
  /// - Parameter limit: with so many bytes written, no further run is.
  /// - Returns: also how much of the content that is.
  func written(
    _ content: UnsafeBufferPointer<UInt8>, limit: Int
  ) -> (bytes: [UInt8], length: Int) {
    var bytes: [UInt8] = []
    var place = 0
    while place < content.count, bytes.count < limit {
      let byte = content[place]
      let end = min(content.count, place + longest)
      var next = place + 1
      while next < end, content[next] == byte { next += 1 }
      let length = next - place
      for _ in 0..<min(length, Self.counted) { bytes.append(byte) }
      if length >= Self.counted { bytes.append(UInt8(length - Self.counted)) }
      place = next
    }
    return (bytes, place)
  }

  /// The content that bytes stand for.
  ///
  /// - Returns: nil where that is more than `most` bytes.
  static func content(of bytes: [UInt8], atMost most: Int) -> [UInt8]? {
    var content: [UInt8] = []
    content.reserveCapacity(bytes.count)
    var run = 0
    for byte in bytes {
      if run == counted {
        content.append(contentsOf: repeatElement(content[content.count - 1], count: Int(byte)))
        run = 0
      } else {
        run = content.last == byte && run > 0 ? run + 1 : 1
        content.append(byte)
      }
      guard content.count <= most else { return nil }
    }
    return content
  }
}
