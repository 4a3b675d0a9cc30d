/// Makes the content of blocks out of expansions, in which compressed streams, images, base64 and mail lie open: docs/FORMAT.md,
/// *Expansions*.
public struct ExpansionRestorer {
  /// The stream that goes on, if any.
  private var stream: DeflateStream?
  private var bzip2: Bzip2Stream?
  private var output = BitOutput()
  private var zipEntries = ZipEntries()
  /// How deep the streams may be that have expansions within.
  private let depth: Int
  /// Whether there may be base64 and quoted-printable: there is none in what base64 stands for.
  private let hasMail: Bool

  public init() { self.init(depth: Self.mostDepth, hasMail: true) }

  private init(depth: Int, hasMail: Bool) {
    self.depth = depth
    self.hasMail = hasMail
  }

  /// Of streams in streams whose content is an expansion.
  public static let mostDepth = 2

  /// The content that an expansion stands for, after those before it.
  ///
  /// - Parameter size: bytes of content.
  /// - Throws: `FormatError.corrupted` where it stands for none of that size.
  public mutating func content(of expansion: some Collection<UInt8>, size: Int) throws -> [UInt8] {
    var reader = ExpansionReader(expansion)
    while !reader.isAtEnd {
      let number = try reader.number()
      let rest = size - output.bytes.count
      switch ExpansionItem(rawValue: number) {
      case nil where number & 1 == 0: append(try reader.bytes(number >> 1))
      case .text: append(try Self.text(&reader, atMost: rest))
      case .filteredImage: append(try Self.filteredImage(&reader, atMost: rest))
      case .image: append(try Self.image(&reader, atMost: rest))
      case .base64 where hasMail: append(try base64(&reader, atMost: rest))
      case .quotedPrintable where hasMail:
        append(try QuotedPrintableItem(&reader).content(atMost: rest))
      case .expandedStream where depth > 0:
        let kind = ExpansionItem(rawValue: try reader.number())
        try restore(kind, &reader, atMost: rest, isExpanded: true)
      case .zipFile: try restoreZipFile(&reader, .inHeader)
      case .describedZipFile: try restoreZipFile(&reader, .behind)
      case .zipDirectory:
        append(try ZipDirectory.restored(&reader, behind: output.bytes, of: zipEntries))
      case let kind: try restore(kind, &reader, atMost: rest, isExpanded: false)
      }
      guard output.bytes.count <= size else { throw ExpansionReader.damaged }
    }
    guard output.bytes.count == size else { throw ExpansionReader.damaged }
    output.bytes.withUnsafeBufferPointer { zipEntries.leave($0) }
    return output.take()
  }

  private mutating func append(_ plain: some Collection<UInt8>) {
    leaveStreams()
    output.append(bytes: plain)
  }

  private mutating func leaveStreams() {
    stream = nil
    bzip2 = nil
    output.dropRest()
  }

  private static func text(_ reader: inout ExpansionReader, atMost most: Int) throws -> [UInt8] {
    let encoding = TextEncoding(rawValue: try reader.byte())
    let text = Array(try reader.bytes(try reader.number()))
    // In UTF-8 a character has at most two bytes more than elsewhere.
    let closed = text.withUnsafeBufferPointer { EncodedWords.closed($0, atMost: 3 * most) }
    // In UTF-8, words may stand among bytes of any kind.
    guard let encoding, let closed,
      let content = encoding == .utf8 ? closed : encoding.content(of: closed, atMost: most)
    else { throw ExpansionReader.damaged }
    return content
  }

  /// Writes blocks of a stream.
  ///
  /// - Parameters:
  ///   - kind: what they are of; an error if that is no stream.
  ///   - isExpanded: whether an expansion follows instead of what they stand for.
  private mutating func restore(
    _ kind: ExpansionItem?, _ reader: inout ExpansionReader, atMost most: Int, isExpanded: Bool
  ) throws {
    switch kind {
    case .deflated: try restoreDeflated(&reader, .none, isExpanded: isExpanded)
    case .zlib: try restoreDeflated(&reader, .zlib, isExpanded: isExpanded)
    case .gzip: try restoreDeflated(&reader, .gzip, isExpanded: isExpanded)
    case .bzip2: try restoreBzip2(&reader, atMost: most, isExpanded: isExpanded)
    default: throw ExpansionReader.damaged
    }
  }

  /// What blocks stand for.
  private func content(
    _ reader: inout ExpansionReader, size: Int, isExpanded: Bool
  ) throws -> ArraySlice<UInt8> {
    guard isExpanded else { return try reader.bytes(size) }
    guard size <= FrameFormat.maximumExpansion else { throw ExpansionReader.damaged }
    var nested = ExpansionRestorer(depth: depth - 1, hasMail: hasMail)
    return try nested.content(of: reader.bytes(try reader.number()), size: size)[...]
  }

  /// - Returns: their content.
  @discardableResult
  private mutating func restoreDeflated(
    _ reader: inout ExpansionReader, _ sum: DeflateSum, isExpanded: Bool
  ) throws -> ArraySlice<UInt8> {
    let record = try DeflateRecord(&reader)
    bzip2 = nil
    if let parameters = record.parameters {
      leaveStreams()
      stream = DeflateStream(parameters)
    }
    let content = try content(&reader, size: record.size, isExpanded: isExpanded)
    // Of a stream that makes no sense nothing is left to go on with.
    let begun = stream
    stream = nil
    guard var stream = begun, let bits = record.restored(content, &stream, output) else {
      throw ExpansionReader.damaged
    }
    output = bits
    self.stream = record.blocks.last?.block.isFinal ?? false ? nil : stream
    if self.stream == nil {
      output.align()
      output.append(bytes: sum.bytes(of: content))
    }
    return content
  }

  private mutating func restoreZipFile(
    _ reader: inout ExpansionReader, _ form: ZipEntry.Form
  ) throws {
    let place = output.bytes.count
    append(try ZipEntry.header(&reader))
    let start = output.bytes.count
    var kind = ExpansionItem(rawValue: try reader.number())
    let isExpanded = kind == .expandedStream && depth > 0
    if isExpanded { kind = ExpansionItem(rawValue: try reader.number()) }
    guard kind == .deflated else { throw ExpansionReader.damaged }
    let content = try restoreDeflated(&reader, .none, isExpanded: isExpanded)
    guard stream == nil else { throw ExpansionReader.damaged }
    let entry = ZipEntry(
      of: content, packed: output.bytes.count - start, header: start - place, form)
    entry.write(form, to: &output.bytes, header: place)
    zipEntries.note(entry, at: place)
  }

  private mutating func restoreBzip2(
    _ reader: inout ExpansionReader, atMost most: Int, isExpanded: Bool
  ) throws {
    let record = try Bzip2Record(&reader)
    let content = try content(&reader, size: record.size, isExpanded: isExpanded)
    let begun = record.parameters.map { Bzip2Stream($0) } ?? bzip2
    leaveStreams()
    guard var stream = begun, let bytes = stream.write(record, content, atMost: most) else {
      throw ExpansionReader.damaged
    }
    output.append(bytes: bytes)
    bzip2 = record.hasEnd ? nil : stream
  }

  /// The chunks of an image as it is filtered.
  private static func filteredImage(
    _ reader: inout ExpansionReader, atMost most: Int
  ) throws -> [UInt8] {
    let chunk = try reader.number()
    let header = try reader.bytes(PNGData.header)
    let record = try DeflateRecord(&reader)
    let content = try reader.bytes(record.size)
    return try chunks(of: content, header, record, [], last: chunk, atMost: most)
  }

  /// The chunks of an image that lies there as it was before filters.
  private static func image(_ reader: inout ExpansionReader, atMost most: Int) throws -> [UInt8] {
    let runs = try self.runs(&reader)
    let last = try reader.number()
    let length = try reader.number()
    guard let rows = PNGRows(length: length, code: try reader.number()) else {
      throw ExpansionReader.damaged
    }
    let count = try reader.number()
    let header = try reader.bytes(PNGData.header)
    // At most what is there, so that no length alone takes memory.
    guard count > 0, count <= FrameFormat.maximumExpansion / length else {
      throw ExpansionReader.damaged
    }
    let content = rows.filtered(try reader.bytes(count * length))
    let record = try DeflateRecord(&reader)
    guard record.size == content.count else { throw ExpansionReader.damaged }
    return try chunks(of: content[...], header, record, runs, last: last, atMost: most)
  }

  /// - Parameters:
  ///   - runs: of the chunks, all but the last.
  ///   - last: bytes in a chunk of that.
  private static func chunks(
    of content: ArraySlice<UInt8>, _ header: ArraySlice<UInt8>, _ record: DeflateRecord,
    _ runs: [PNGData.Run], last: Int, atMost most: Int
  ) throws -> [UInt8] {
    guard let parameters = record.parameters else { throw ExpansionReader.damaged }
    var stream = DeflateStream(parameters)
    guard let bits = record.restored(content, &stream, BitOutput()) else {
      throw ExpansionReader.damaged
    }
    let whole = Array(header) + bits.all.bytes + DeflateSum.zlib.bytes(of: content)
    let rest = whole.count - runs.reduce(0) { $0 + $1.size }
    let runs = runs + [PNGData.Run(length: last, size: rest)]
    guard last > 0, rest > 0, PNGData.size(of: runs) <= most else { throw ExpansionReader.damaged }
    return PNGData.chunks(of: whole, runs)
  }

  /// All runs of chunks but the last.
  private static func runs(_ reader: inout ExpansionReader) throws -> [PNGData.Run] {
    let count = try reader.number()
    guard count < PNGData.mostRuns else { throw ExpansionReader.damaged }
    return try (0..<count).map { _ in
      let run = PNGData.Run(length: try reader.number(), size: try reader.number())
      guard run.length > 0, run.size > 0 else { throw ExpansionReader.damaged }
      return run
    }
  }

  private func base64(_ reader: inout ExpansionReader, atMost most: Int) throws -> [UInt8] {
    guard let layout = Base64Layout(code: try reader.number()) else {
      throw ExpansionReader.damaged
    }
    let size = try reader.number()
    guard layout.size(of: size) <= most else { throw ExpansionReader.damaged }
    let expansion = try reader.bytes(try reader.number())
    var nested = ExpansionRestorer(depth: depth, hasMail: false)
    return layout.text(of: try nested.content(of: expansion, size: size))
  }
}
