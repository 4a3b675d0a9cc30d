/// What a zip archive says of a file in it that follows from the file's bytes (PKWARE's APPNOTE.TXT, 4.3).
public struct ZipEntry: Equatable, Sendable {
  /// CRC-32 of the content.
  let checksum: UInt32
  /// Bytes as it lies in the archive.
  let packed: Int
  /// Bytes of content.
  let size: Int
  /// Bytes of all of it, from its header to the next one's.
  public let length: Int

  static let first: UInt8 = 0x50
  static let headerSignature: [UInt8] = [first, 0x4B, 3, 4]
  static let descriptorSignature: [UInt8] = [first, 0x4B, 7, 8]
  /// Bytes of a header without its names.
  static let header = 30
  /// Where in a header these fields stand.
  static let fields = 14..<26
  /// Where its lengths of names do, behind these.
  private static let names = 26
  /// In the flags: whether the fields follow the file instead.
  private static let isDescribed: UInt8 = 8
  private static let descriptor = 16

  /// Where the three fields stand.
  public enum Form: Sendable {
    case inHeader
    /// In a descriptor behind the file, and zeros in the header.
    case behind
  }

  /// A deflated file.
  ///
  /// - Parameters:
  ///   - packed: bytes of its stream.
  ///   - header: bytes of its header, with names.
  init(of content: ArraySlice<UInt8>, packed: Int, header: Int, _ form: Form) {
    checksum = DeflateSums.crc32(content)
    self.packed = packed
    size = content.count
    length = header + packed + (form == .behind ? Self.descriptor : 0)
  }

  /// What the header at a place says; nil where there is none that says it.
  init?(in archive: UnsafeBufferPointer<UInt8>, at place: Int) {
    guard place >= 0, place <= archive.count - Self.header,
      archive[place..<(place + 4)].elementsEqual(Self.headerSignature),
      archive[place + 6] & Self.isDescribed == 0
    else { return nil }
    let header = archive[place..<(place + Self.header)]
    let fields = header.dropFirst(Self.fields.lowerBound)
    checksum = UInt32(littleEndian(fields.prefix(4)))
    packed = littleEndian(fields.dropFirst(4).prefix(4))
    size = littleEndian(fields.dropFirst(8).prefix(4))
    length = Self.header + Self.lengthOfNames(header.dropFirst(Self.names)) + packed
  }

  /// Name and what else may follow a header: both lengths, two bytes each.
  static func lengthOfNames(_ lengths: some Collection<UInt8>) -> Int {
    littleEndian(lengths.prefix(2)) + littleEndian(lengths.dropFirst(2).prefix(2))
  }

  /// Bytes of the stream and of the three fields, all of which follow from the content.
  public var derived: Int { packed + Self.fields.count }

  /// The three fields.
  var bytes: [UInt8] {
    littleEndianBytes(Int(checksum)) + littleEndianBytes(packed) + littleEndianBytes(size)
  }

  /// Reads a header without the three fields.
  ///
  /// - Returns: the same with zeros for them.
  static func header(_ reader: inout ExpansionReader) throws -> [UInt8] {
    let start = try reader.bytes(fields.lowerBound)
    let lengths = try reader.bytes(header - fields.upperBound)
    return start + [UInt8](repeating: 0, count: fields.count) + lengths
      + (try reader.bytes(lengthOfNames(lengths)))
  }

  /// Writes the three fields of the file that an archive ends with.
  func write(_ form: Form, to archive: inout [UInt8], header: Int) {
    switch form {
    case .inHeader:
      archive.replaceSubrange(
        (header + Self.fields.lowerBound)..<(header + Self.fields.upperBound), with: bytes)
    case .behind: archive += Self.descriptorSignature + bytes
    }
  }

  /// The file whose whole stream was opened, if the archive says of it what follows from that.
  ///
  /// - Parameters:
  ///   - header: where it begins; behind it the stream does.
  ///   - end: of what there is of the archive.
  public static func deflated(
    _ stream: OpenedStream, in archive: UnsafeBufferPointer<UInt8>, header: Int, to end: Int
  ) -> (entry: ZipEntry, form: Form)? {
    let start = stream.range.lowerBound / 8
    let behind = (stream.range.upperBound + 7) / 8
    let form = archive[header + 6] & isDescribed == 0 ? Form.inHeader : .behind
    let entry = ZipEntry(
      of: stream.content, packed: behind - start, header: start - header, form)
    guard header + entry.length <= end else { return nil }
    let said = archive[(header + fields.lowerBound)..<(header + fields.upperBound)]
    let isRight =
      switch form {
      case .inHeader: said.elementsEqual(entry.bytes)
      case .behind:
        said.allSatisfy { $0 == 0 }
          && archive[behind..<(behind + descriptor)]
            .elementsEqual(descriptorSignature + entry.bytes)
      }
    return isRight ? (entry, form) : nil
  }
}
