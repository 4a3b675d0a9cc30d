/// The image of a PNG file: a stream of zlib's in chunks, all but the last of one length.
public struct PNGData {
  /// The stream: two bytes of zlib's, what was deflated, and a sum.
  public let stream: [UInt8]
  /// Where the chunks are.
  public let range: Range<Int>
  /// Bytes of the stream in a chunk, but for the last.
  let chunk: Int

  private static let type = Array("IDAT".utf8)
  /// Length, type and sum.
  private static let overhead = 12
  /// Bytes that zlib has before what was deflated, and behind that.
  public static let header = 2
  /// Bytes of the sum behind that, and of a chunk's.
  public static let sum = 4

  /// Whether a chunk may begin at a place.
  public static func begins(_ input: UnsafeBufferPointer<UInt8>, at place: Int, to end: Int) -> Bool
  {
    end - place > overhead && input[(place + 4)..<(place + 8)].elementsEqual(type)
  }

  /// Whether the last chunk of a content goes on behind it, or others may follow there.
  public static func goesOn(behind content: UnsafeBufferPointer<UInt8>) -> Bool {
    let last = content.indices.dropFirst(4).dropLast(type.count - 1).last {
      content[$0] == type[0] && content[$0..<($0 + type.count)].elementsEqual(type)
    }
    guard let last else { return false }
    return length(content, at: last - 4) > content.count - (last - 4) - overhead - 8
  }

  /// What a chunk says of how long it is.
  public static func length(_ input: UnsafeBufferPointer<UInt8>, at place: Int) -> Int {
    input[place..<(place + 4)].reduce(0) { $0 << 8 | Int($1) }
  }

  /// Takes chunks together.
  ///
  /// - Returns: nil where these are none, or not like that, or not all there.
  public init?(_ input: UnsafeBufferPointer<UInt8>, at start: Int, to end: Int) {
    var stream: [UInt8] = []
    var chunk: Int?
    var isLast = false
    var place = start
    while Self.begins(input, at: place, to: end) {
      let length = Self.length(input, at: place)
      guard length > 0, length <= end - place - Self.overhead, !isLast, length <= chunk ?? length
      else { return nil }
      let data = input[(place + 4)..<(place + 8 + length)]
      let next = place + length + Self.overhead
      guard
        input[(next - 4)..<next].elementsEqual(
          DeflateSums.bigEndian(DeflateSums.crc32(data)))
      else { return nil }
      stream += data.dropFirst(4)
      isLast = length < chunk ?? length
      chunk = chunk ?? length
      place = next
    }
    guard let chunk, place < end, stream.count > Self.header + Self.sum else { return nil }
    self.stream = stream
    self.chunk = chunk
    range = start..<place
  }

  /// Bytes of the chunks of a stream.
  static func size(of count: Int, chunk: Int) -> Int {
    count + (count + chunk - 1) / chunk * overhead
  }

  /// A stream in chunks.
  static func chunks(of stream: [UInt8], length: Int) -> [UInt8] {
    stride(from: 0, to: stream.count, by: length).flatMap { start in
      let data = type + stream[start..<min(start + length, stream.count)]
      return DeflateSums.bigEndian(UInt32(data.count - 4)) + data
        + DeflateSums.bigEndian(DeflateSums.crc32(data))
    }
  }

  /// Whether what was opened, up to its end, is all that the stream has.
  public func isWhole(_ opened: DeflateRecorder.Opened) -> Bool {
    let end = (opened.range.upperBound + 7) / 8
    return stream[end...].elementsEqual(DeflateSum.zlib.bytes(of: opened.content))
  }
}
