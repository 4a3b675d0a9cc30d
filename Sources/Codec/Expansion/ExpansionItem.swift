/// What an expansion is made of; each begins with a number. Even ones are those of plain bytes, twice how many.
public enum ExpansionItem: Int {
  /// Blocks of a deflated stream.
  case deflated = 1
  /// The image of a PNG file as it is filtered.
  case filteredImage = 3
  /// Blocks of a stream up to its end, and the sum that zlib or gzip have behind that.
  case zlib = 5
  case gzip = 7
  /// Base64, with an expansion of what it stands for.
  case base64 = 9
  /// The image of a PNG file as it was before filters.
  case image = 11
  /// Quoted-printable, with the text that it stands for.
  case quotedPrintable = 13
  /// Text in UTF-8, in which encoded words are open.
  case text = 15
  /// Blocks of a bzip2 stream.
  case bzip2 = 17
  /// Blocks of a stream, what these stand for being an expansion.
  case expandedStream = 19
  /// A deflated file in a zip archive, with what its header, or what stands behind it, says of it.
  case zipFile = 21
  case describedZipFile = 23
  /// The directory of a zip archive.
  case zipDirectory = 25

  /// Bytes as they are; nothing where there are none.
  public static func plain(_ bytes: some Collection<UInt8>) -> [UInt8] {
    guard !bytes.isEmpty else { return [] }
    var item: [UInt8] = []
    Varint.append(bytes.count << 1, to: &item)
    return item + bytes
  }

  /// Text that stands for bytes.
  ///
  /// - Parameters:
  ///   - text: in UTF-8; words may be open in it.
  ///   - encoding: of the bytes that it stands for.
  public static func text(_ text: [UInt8], in encoding: TextEncoding) -> [UInt8] {
    var item = Self.text.number + [encoding.rawValue]
    Varint.append(text.count, to: &item)
    return item + text
  }

  /// Blocks of a deflated stream.
  ///
  /// - Parameter sum: what stands behind them if it was opened whole.
  public init(deflatedWith sum: DeflateSum) {
    self =
      switch sum {
      case .none: .deflated
      case .zlib: .zlib
      case .gzip: .gzip
      }
  }

  /// Blocks of a stream, this being their number.
  ///
  /// - Parameter expansion: of their content; nil where nothing is open in that.
  public func stream(_ opened: OpenedStream, expansion: [UInt8]? = nil) -> [UInt8] {
    guard let expansion else { return number + opened.record + opened.content }
    var item = Self.expandedStream.number + number + opened.record
    Varint.append(expansion.count, to: &item)
    return item + expansion
  }

  /// A deflated file in a zip archive, all of which was opened.
  ///
  /// - Parameter header: what stands before it, with names.
  public static func zipFile(
    _ opened: OpenedStream, expansion: [UInt8]?, behind header: some Collection<UInt8>,
    _ form: ZipEntry.Form
  ) -> [UInt8] {
    (form == .behind ? Self.describedZipFile : .zipFile).number
      + header.prefix(ZipEntry.fields.lowerBound) + header.dropFirst(ZipEntry.fields.upperBound)
      + Self.deflated.stream(opened, expansion: expansion)
  }

  /// An image, all of which was opened.
  ///
  /// - Parameter unfiltered: nil where its rows are not known; then all chunks but the last are of one length.
  public static func image(
    _ image: PNGData, _ opened: OpenedStream, unfiltered: UnfilteredImage?
  ) -> [UInt8] {
    let last = image.runs[image.runs.count - 1].length
    let header = image.stream[..<PNGData.header]
    guard let unfiltered else {
      precondition(image.areChunksAlike)
      var item = Self.filteredImage.number
      Varint.append(last, to: &item)
      return item + header + opened.record + opened.content
    }
    var item = Self.image.number
    let rows = unfiltered.rows
    let numbers =
      [image.runs.count - 1] + image.runs.dropLast().flatMap { [$0.length, $0.size] }
      + [last, rows.length, rows.code, unfiltered.bytes.count / rows.length]
    for number in numbers { Varint.append(number, to: &item) }
    return item + header + unfiltered.bytes + opened.record
  }

  /// - Parameters:
  ///   - size: bytes that the base64 stands for.
  ///   - expansion: of these, without base64 in it.
  public static func base64(_ layout: Base64Layout, size: Int, expansion: [UInt8]) -> [UInt8] {
    var item = Self.base64.number
    for number in [layout.code, size, expansion.count] { Varint.append(number, to: &item) }
    return item + expansion
  }

  var number: [UInt8] { [UInt8(rawValue)] }
}
