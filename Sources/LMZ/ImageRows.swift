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
      for place in content.indices.dropLast(header.count + fields - 1)
      where content[place] == header[0] && place >= places.last?.range.upperBound ?? 0 {
        let start = place + header.count
        let end = start + fields
        guard content[place..<start].elementsEqual(header),
          let (rows, height) = image(fields: Array(content[start..<end])),
          let data = openData(in: content, behind: end)
        else { continue }
        add(rows, size: rows.length * height, at: data)
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

  private init(length: Int, pixel: Int) {
    self.length = length
    self.pixel = pixel
  }

  /// The length and type of a PNG file's first chunk, and the bytes that are in it.
  private static let header = Array("\0\0\0\rIHDR".utf8)
  private static let fields = 13
  /// Of a chunk, behind it.
  private static let sum = 4
  /// Pixels of a row or a column; what says more is no image.
  private static let longest = 1 << 20

  /// Where what is in an image's data chunks begins, behind the chunks before it; nil where those chunks are there as they are.
  ///
  /// - Parameter end: of what is in the first chunk.
  private static func openData(
    in content: UnsafeBufferPointer<UInt8>, behind end: Int
  ) -> Int? {
    var place = end + sum
    while place + 8 <= content.count {
      let type = content[(place + 4)..<(place + 8)]
      if type.elementsEqual("IDAT".utf8) { return nil }
      let length = content[place..<(place + 4)].reduce(0) { $0 << 8 | Int($1) }
      guard type.allSatisfy(ContentKind.isASCIILetter), place + 8 + length + sum <= content.count
      else { return place }
      place += 8 + length + sum
    }
    return nil
  }

  /// - Parameter fields: width, height, bits, type of colour, and whether it is interlaced.
  private static func image(fields: [UInt8]) -> (rows: ImageRows, height: Int)? {
    func number(_ place: Int) -> Int { fields[place..<(place + 4)].reduce(0) { $0 << 8 | Int($1) } }
    let (width, height) = (number(0), number(4))
    let channels: [UInt8: Int] = [0: 1, 2: 3, 3: 1, 4: 2, 6: 4]
    guard (1...longest).contains(width), (1...longest).contains(height),
      let channels = channels[fields[9]], [1, 2, 4, 8, 16].contains(fields[8]), fields[12] == 0
    else { return nil }
    let bits = Int(fields[8]) * channels
    return (ImageRows(length: (width * bits + 7) / 8 + 1, pixel: max(1, bits / 8)), height)
  }
}
