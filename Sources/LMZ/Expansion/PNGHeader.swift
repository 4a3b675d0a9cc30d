import Codec

/// What the first chunk of a PNG file says of the image; nothing of interlaced ones, whose rows differ.
struct PNGHeader {
  let rows: ImageRows
  /// How many rows there are.
  let height: Int
  /// Bytes of them all.
  var size: Int { rows.length * height }
  /// Whether samples are whole bytes, and a pixel's first three those of colours.
  private let hasColours: Bool

  /// The chunk's length and type, and the bytes that are in it.
  private static let start = Array("\0\0\0\rIHDR".utf8)
  private static let fields = 13
  /// Pixels of a row or a column; what says more is no image.
  private static let longest = 1 << 20

  /// Whether the chunk may begin with such a byte.
  static func canBegin(with byte: UInt8) -> Bool { byte == start[0] }

  /// The one at a place.
  init?(_ content: UnsafeBufferPointer<UInt8>, at place: Int) {
    let begin = place + Self.start.count
    guard begin + Self.fields <= content.count,
      content[place..<begin].elementsEqual(Self.start)
    else { return nil }
    let width = PNGData.number(content, at: begin)
    height = PNGData.number(content, at: begin + 4)
    let (bits, colours) = (Int(content[begin + 8]), content[begin + 9])
    let channels: [UInt8: Int] = [0: 1, 2: 3, 3: 1, 4: 2, 6: 4]
    guard (1...Self.longest).contains(width), (1...Self.longest).contains(height),
      let channels = channels[colours], [1, 2, 4, 8, 16].contains(bits),
      content[begin + 12] == 0
    else { return nil }
    let pixel = bits * channels
    rows = ImageRows(length: (width * pixel + 7) / 8 + 1, pixel: max(1, pixel / 8))
    hasColours = bits >= 8 && channels >= 3
  }

  /// Where the chunks behind the header end: at the first that is none, or a data chunk.
  ///
  /// - Parameter place: of the header.
  static func endOfChunks(
    in content: UnsafeBufferPointer<UInt8>, behind place: Int, to end: Int
  ) -> Int {
    var place = place + start.count + fields + PNGData.sum
    while place + 8 <= end {
      let type = content[(place + 4)..<(place + 8)]
      let length = PNGData.number(content, at: place)
      guard type.allSatisfy(ContentKind.isASCIILetter),
        !PNGData.begins(content, at: place, to: end), place + 8 + length + PNGData.sum <= end
      else { break }
      place += 8 + length + PNGData.sum
    }
    return place
  }

  /// How far before an image's data its header may be: there are profiles of colours, and comments.
  private static let farthest = 1 << 18

  /// The header of the image whose data chunks begin at a place.
  init?(ofDataAt data: Int, in content: UnsafeBufferPointer<UInt8>) {
    var place = data - Self.start.count - Self.fields
    while place >= max(0, data - Self.farthest) {
      if Self.canBegin(with: content[place]), let header = PNGHeader(content, at: place) {
        guard Self.endOfChunks(in: content, behind: place, to: data) == data else { return nil }
        self = header
        return
      }
      place -= 1
    }
    return nil
  }

  /// The image before filters, its colours as differences unless an estimate says that they take more so; nil where it has
  /// other rows.
  func unfiltered(_ image: some Collection<UInt8>) -> UnfilteredImage? {
    guard image.count == size,
      let plain = PNGRows(length: rows.length, pixel: rows.pixel)?.unfiltered(image)
    else { return nil }
    guard hasColours else { return plain }
    let differences = plain.withColourDifferences
    let (asTheyAre, apart) = (
      RecordLength.cost(of: plain.bytes, length: rows.length),
      RecordLength.cost(of: differences.bytes, length: rows.length)
    )
    return asTheyAre * 100 < apart * Self.mostForDifferences ? plain : differences
  }

  /// Hundredths. As a rule differences take less than the estimate says, which knows only bytes that come again.
  private static let mostForDifferences = 97
}
