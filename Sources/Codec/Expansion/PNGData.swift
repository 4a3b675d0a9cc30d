/// The image of a PNG file: a stream of zlib's in chunks.
public struct PNGData {
  /// The stream: two bytes of zlib's, what was deflated, and a sum.
  public let stream: [UInt8]
  /// Where the chunks are.
  public let range: Range<Int>
  /// What is in its chunks, in order. As a rule there is one run; macOS has two, for the halves of an image.
  let runs: [Run]

  /// Bytes of a stream in chunks of one length, but for the last, which may be shorter.
  struct Run: Equatable {
    let length: Int
    var size: Int

    var chunks: Int { (size + length - 1) / length }
    /// Whether no other chunk can be one of them.
    var isComplete: Bool { size % length > 0 }
  }

  static let mostRuns = 16

  /// Whether all chunks but the last are of one length.
  public var areChunksAlike: Bool { runs.count == 1 }

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
    return number(content, at: last - 4) > content.count - (last - 4) - overhead - 8
  }

  /// Where the chunks from a place on end, whatever is in them; `end` where they go on behind it.
  public static func endOfChunks(
    _ input: UnsafeBufferPointer<UInt8>, at start: Int, to end: Int
  ) -> Int {
    var place = start
    while begins(input, at: place, to: end) { place += number(input, at: place) + overhead }
    return min(place, end)
  }

  /// Four bytes as a number, as PNG has them: the most significant first. A chunk begins with how long it is.
  public static func number(_ input: UnsafeBufferPointer<UInt8>, at place: Int) -> Int {
    input[place..<(place + 4)].reduce(0) { $0 << 8 | Int($1) }
  }

  /// Takes chunks together.
  ///
  /// - Returns: nil where these are none, or of too many lengths, or not all there.
  public init?(_ input: UnsafeBufferPointer<UInt8>, at start: Int, to end: Int) {
    var stream: [UInt8] = []
    var runs: [Run] = []
    var place = start
    while Self.begins(input, at: place, to: end) {
      let length = Self.number(input, at: place)
      guard length > 0, length <= end - place - Self.overhead else { return nil }
      let data = input[(place + 4)..<(place + 8 + length)]
      let next = place + length + Self.overhead
      guard
        input[(next - 4)..<next].elementsEqual(
          DeflateSums.bigEndian(DeflateSums.crc32(data)))
      else { return nil }
      stream += data.dropFirst(4)
      if let run = runs.last, length <= run.length, !run.isComplete {
        runs[runs.count - 1].size += length
      } else {
        runs.append(Run(length: length, size: length))
      }
      place = next
    }
    guard (1...Self.mostRuns).contains(runs.count), place < end,
      stream.count > Self.header + Self.sum
    else { return nil }
    self.stream = stream
    self.runs = runs
    range = start..<place
  }

  /// Bytes of the chunks of a stream.
  static func size(of runs: [Run]) -> Int {
    runs.reduce(0) { $0 + $1.size + $1.chunks * overhead }
  }

  /// A stream in chunks.
  ///
  /// - Parameter runs: together as long as the stream.
  static func chunks(of stream: [UInt8], _ runs: [Run]) -> [UInt8] {
    var chunks: [UInt8] = []
    var place = 0
    for run in runs {
      let end = place + run.size
      for start in stride(from: place, to: end, by: run.length) {
        let data = type + stream[start..<min(start + run.length, end)]
        chunks += DeflateSums.bigEndian(UInt32(data.count - type.count)) + data
        chunks += DeflateSums.bigEndian(DeflateSums.crc32(data))
      }
      place = end
    }
    return chunks
  }

  /// Whether what was opened, up to its end, is all that the stream has.
  public func isWhole(_ opened: OpenedStream) -> Bool {
    let end = (opened.range.upperBound + 7) / 8
    return stream[end...].elementsEqual(DeflateSum.zlib.bytes(of: opened.content))
  }
}
