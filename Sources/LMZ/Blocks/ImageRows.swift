/// The rows of an image, as the header of a PNG file says.
struct ImageRows: Hashable {
  /// Bytes of a row, with the one before it that says how it is filtered.
  let length: Int
  /// Bytes of a pixel, at least one.
  let pixel: Int

  /// Of an image, where its rows are in a content, as far as they are, and how many bytes come behind that.
  struct Place: Equatable {
    let rows: ImageRows
    let range: Range<Int>
    let rest: Int
  }

  init(length: Int, pixel: Int) {
    self.length = length
    self.pixel = pixel
  }

  /// The images of a content, in order.
  ///
  /// - Parameter last: of those of the content before, which may go on.
  static func places(in content: [UInt8], after last: Place? = nil) -> [Place] {
    var places: [Place] = []
    func add(_ rows: ImageRows, size: Int, at start: Int) {
      let end = min(content.count, start + size)
      places.append(Place(rows: rows, range: start..<end, rest: start + size - end))
    }
    if let last, last.rest > 0 { add(last.rows, size: last.rest, at: 0) }
    content.withUnsafeBufferPointer { content in
      for place in content.indices
      where PNGHeader.canBegin(with: content[place])
        && place >= places.last?.range.upperBound ?? 0
      {
        guard let header = PNGHeader(content, at: place) else { continue }
        let end = PNGHeader.endOfChunks(in: content, behind: place, to: content.count)
        // What has data chunks does not lie open.
        guard end + 8 <= content.count, !PNGData.begins(content, at: end, to: content.count)
        else { continue }
        add(header.rows, size: header.size, at: end)
      }
    }
    return places
  }

  /// The rows that most of a content's images have; nil where those have not half of the content.
  init?(mostOf places: [Place], in content: [UInt8]) {
    let sizes = Self.sizes(of: places.map { ($0.rows, $0.range.count) })
    guard let (rows, size) = sizes.first, 2 * size >= content.count else { return nil }
    self = rows
  }

  /// How many bytes there are of all images with the same rows, the most first.
  static func sizes(of images: [(rows: ImageRows, size: Int)]) -> [(rows: ImageRows, size: Int)] {
    Dictionary(images.map { ($0.rows, $0.size) }, uniquingKeysWith: +)
      .map { (rows: $0.key, size: $0.value) }
      .sorted { ($0.size, $0.rows.length) > ($1.size, $1.rows.length) }
  }
}
