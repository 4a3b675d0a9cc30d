import Codec

/// What tells that a deflated stream begins: the header of one of gzip's files, of a file in a zip archive (documents, Java and
/// Python packages), or of zlib, as in PDF documents and git's objects.
struct DeflateSignature {
  /// Where what tells it begins, and where the stream does.
  let header: Int
  let start: Int
  /// The logarithm of its window.
  var windowBits = 15
  /// Whether that is the header of a file in a zip archive.
  private(set) var isZip = false
  /// What follows it as a rule.
  private var sum = DeflateSum.none

  private init(header: Int, start: Int) {
    self.header = header
    self.start = start
  }

  /// The one at a place.
  init?(_ input: UnsafeBufferPointer<UInt8>, at i: Int, to end: Int) {
    let found: DeflateSignature? =
      switch input[i] {
      case 0x50: Self.zip(input[i..<end])
      case 0x1F: Self.gzip(input[i..<end])
      case let byte where byte & 0x8F == 0x08 && i + 2 < end: Self.zlib(input, at: i)
      default: nil
      }
    guard let found, found.start < end else { return nil }
    self = found
  }

  private typealias Bytes = Slice<UnsafeBufferPointer<UInt8>>

  private static func zip(_ bytes: Bytes) -> DeflateSignature? {
    let i = bytes.startIndex
    guard bytes.count >= 30, bytes.starts(with: [0x50, 0x4B, 0x03, 0x04]) else { return nil }
    func number(_ place: Int) -> Int { Int(bytes[i + place]) | Int(bytes[i + place + 1]) << 8 }
    // Not encrypted, and deflated.
    guard number(6) & 1 == 0, number(8) == 8 else { return nil }
    var signature = DeflateSignature(header: i, start: i + 30 + number(26) + number(28))
    signature.isZip = true
    return signature
  }

  private static func gzip(_ bytes: Bytes) -> DeflateSignature? {
    guard bytes.count >= 18, bytes.starts(with: [0x1F, 0x8B, 0x08]) else { return nil }
    let flags = bytes[bytes.startIndex + 3]
    guard flags & 0xE0 == 0 else { return nil }
    var rest = bytes.dropFirst(10)
    if flags & 4 != 0 {
      guard rest.count >= 2 else { return nil }
      let i = rest.startIndex
      rest = rest.dropFirst(2 + Int(rest[i]) + Int(rest[i + 1]) << 8)
    }
    // A name and a comment, which zeros end.
    for flag in [8, 16] as [UInt8] where flags & flag != 0 {
      rest = rest.drop { $0 != 0 }.dropFirst()
    }
    if flags & 2 != 0 { rest = rest.dropFirst(2) }
    var signature = DeflateSignature(header: bytes.startIndex, start: rest.startIndex)
    signature.sum = .gzip
    return signature
  }

  private static func zlib(_ input: UnsafeBufferPointer<UInt8>, at i: Int) -> DeflateSignature? {
    let (first, second) = (Int(input[i]), Int(input[i + 1]))
    // Not with a dictionary; and not an image, whose stream is in pieces.
    guard (first << 8 | second) % 31 == 0, second & 0x20 == 0,
      i < 8 || !PNGData.begins(input, at: i - 8, to: input.count)
    else { return nil }
    var signature = DeflateSignature(header: i, start: i + 2)
    signature.windowBits = first >> 4 + 8
    signature.sum = .zlib
    return signature
  }

  /// What a stream without an end stands for, at the least, that is believed to be one by zlib's header alone: so much, and
  /// more by one in so many than it is long.
  private static let (leastWithoutEnd, leastGain) = (16 << 10, 4)

  /// The sum that follows what was opened, if any.
  ///
  /// - Returns: nil where the stream is none: other bytes are easily taken for zlib's header.
  func sum(behind opened: OpenedStream, _ input: UnsafeBufferPointer<UInt8>, to end: Int)
    -> DeflateSum?
  {
    let place = (opened.range.upperBound + 7) / 8
    if opened.ending == .final,
      input[min(place, end)..<end].starts(with: sum.bytes(of: opened.content))
    {
      return sum
    }
    guard sum == .zlib else { return DeflateSum.none }
    let size = opened.content.count
    let isLong =
      size >= Self.leastWithoutEnd
      && (Self.leastGain * size) / (Self.leastGain + 1) >= opened.range.count / 8
    return isLong && (opened.ending != .final || place + sum.size > end) ? DeflateSum.none : nil
  }
}
