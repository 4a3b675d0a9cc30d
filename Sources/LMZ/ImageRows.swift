/// The rows of an image, as the header of a PNG file says.
struct ImageRows: Equatable {
  /// Bytes of a row, with the one before it that says how it is filtered.
  let length: Int
  /// Bytes of a pixel, at least one.
  let pixel: Int
  /// Bytes of the image that come behind the content.
  private(set) var rest: Int

  /// The rows that most of a content's images have; nil where those have not half of the content.
  ///
  /// - Parameter previous: of the content before, whose last image may go on.
  init?(of content: [UInt8], after previous: ImageRows? = nil) {
    var most: (rows: ImageRows, size: Int)?
    var sizes: [Int: Int] = [:]
    func add(_ image: ImageRows, from start: Int) {
      var rows = image
      let here = min(rows.rest, content.count - start)
      rows.rest -= here
      let size = sizes[rows.length, default: 0] + here
      sizes[rows.length] = size
      if size >= most?.size ?? 1 { most = (rows, size) }
    }
    if let previous { add(previous, from: 0) }
    content.withUnsafeBufferPointer { content in
      for place in content.indices.dropLast(Self.header.count + Self.fields - 1)
      where content[place] == Self.header[0] {
        let fields = place + Self.header.count
        let end = fields + Self.fields
        guard content[place..<fields].elementsEqual(Self.header),
          let image = ImageRows(fields: Array(content[fields..<end]))
        else { continue }
        add(image, from: end)
      }
    }
    guard let most, 2 * most.size >= content.count else { return nil }
    self = most.rows
  }

  /// The length and type of a PNG file's first chunk, and the bytes that are in it.
  private static let header = Array("\0\0\0\rIHDR".utf8)
  private static let fields = 13
  /// Pixels of a row or a column; what says more is no image.
  private static let longest = 1 << 20

  /// - Parameter fields: width, height, bits, type of colour, and whether it is interlaced.
  private init?(fields: [UInt8]) {
    func number(_ place: Int) -> Int { fields[place..<(place + 4)].reduce(0) { $0 << 8 | Int($1) } }
    let (width, height) = (number(0), number(4))
    let channels: [UInt8: Int] = [0: 1, 2: 3, 3: 1, 4: 2, 6: 4]
    guard (1...Self.longest).contains(width), (1...Self.longest).contains(height),
      let channels = channels[fields[9]], [1, 2, 4, 8, 16].contains(fields[8]), fields[12] == 0
    else { return nil }
    let bits = Int(fields[8]) * channels
    pixel = max(1, bits / 8)
    length = (width * bits + 7) / 8 + 1
    rest = length * height
  }
}
