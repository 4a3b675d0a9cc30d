/// A zip archive's directory of its files, and what ends the archive (APPNOTE.TXT, 4.3.12 and 4.3.16). What follows from the files is
/// left out of an expansion: checksum, sizes and place of each, how many there are, and the directory's size and place.
public struct ZipDirectory {
  private static let recordSignature: [UInt8] = [ZipEntry.first, 0x4B, 1, 2]
  private static let endSignature: [UInt8] = [ZipEntry.first, 0x4B, 5, 6]
  /// Bytes of a record without its names, and of the end without a comment.
  private static let (record, end) = (46, 22)
  /// What an expansion has of both, and what stands between: the fields of a file, and its place, which ends a record; and of the end
  /// all numbers but those of disks.
  private static let (recordStart, recordRest) = (16, 28..<42)
  private static let (endStart, endRest) = (8, 20..<22)
  /// Where the end says how far before the directory the archive begins.
  private static let endOffset = 16..<20
  /// Where the lengths of names, of something else and of a comment stand.
  private static let names = 28

  /// Whether a record stands at a place.
  public static func begins(
    _ input: UnsafeBufferPointer<UInt8>, at place: Int, to end: Int
  ) -> Bool {
    place + record <= end && input[place..<(place + 4)].elementsEqual(recordSignature)
  }

  /// Where the records from one on end.
  public static func endOfRecords(
    _ input: UnsafeBufferPointer<UInt8>, at place: Int, to end: Int
  ) -> Int {
    var place = place
    while begins(input, at: place, to: end) {
      place += record + lengthOfNames(input[(place + names)...])
    }
    return min(place, end)
  }

  private static func lengthOfNames(_ lengths: some Collection<UInt8>) -> Int {
    ZipEntry.lengthOfNames(lengths) + littleEndian(lengths.dropFirst(4).prefix(2))
  }

  /// Whether what ends an archive stands at a place.
  public static func ends(
    _ input: UnsafeBufferPointer<UInt8>, at place: Int, to end: Int
  ) -> Bool {
    place + Self.end <= end && input[place..<(place + 4)].elementsEqual(endSignature)
  }

  /// The directory whose records are in a range of a content, behind which an archive ends, as an item of expansions.
  ///
  /// - Returns: with where the archive ends; nil where something does not follow from the files.
  public static func item(
    _ content: UnsafeBufferPointer<UInt8>, _ records: Range<Int>, of entries: ZipEntries
  ) -> (bytes: [UInt8], end: Int)? {
    let archiveEnd = Array(content[records.upperBound..<(records.upperBound + end)])
    let offset = littleEndian(archiveEnd[endOffset])
    let start = records.lowerBound
    guard let files = entries.files(from: start - offset, to: start, in: content), !files.isEmpty
    else { return nil }
    var item = ExpansionItem.zipDirectory.number
    Varint.append(offset, to: &item)
    var place = start
    for file in files {
      guard begins(content, at: place, to: records.upperBound) else { return nil }
      let next = place + record + lengthOfNames(content[(place + names)...])
      guard next <= records.upperBound else { return nil }
      let whole = Array(content[place..<next])
      let kept = whole[..<recordStart] + whole[recordRest] + whole[record...]
      guard whole == bytes(of: file, kept) else { return nil }
      item += kept
      place = next
    }
    let kept = archiveEnd[..<endStart] + archiveEnd[endRest]
    let expected = end(kept, files: files.count, size: records.count, offset: offset)
    guard place == records.upperBound, archiveEnd == expected else { return nil }
    return (item + kept, records.upperBound + end)
  }

  /// A record, of what an expansion has of it.
  private static func bytes(
    of file: (offset: Int, entry: ZipEntry), _ kept: ArraySlice<UInt8>
  ) -> [UInt8] {
    kept.prefix(recordStart) + file.entry.bytes
      + kept.dropFirst(recordStart).prefix(recordRest.count) + littleEndianBytes(file.offset)
      + kept.dropFirst(recordStart + recordRest.count)
  }

  private static func end(
    _ kept: ArraySlice<UInt8>, files: Int, size: Int, offset: Int
  ) -> [UInt8] {
    let count = littleEndianBytes(files, count: 2)
    let numbers = count + count + littleEndianBytes(size) + littleEndianBytes(offset)
    return kept.prefix(endStart) + numbers + kept.dropFirst(endStart)
  }

  /// Reads an item, and makes the directory of it.
  ///
  /// - Parameter content: what stands before it.
  static func restored(
    _ reader: inout ExpansionReader, behind content: [UInt8], of entries: ZipEntries
  ) throws -> [UInt8] {
    let size = try reader.number()
    let start = content.count - size
    let found = content.withUnsafeBufferPointer {
      entries.files(from: start, to: content.count, in: $0)
    }
    guard let files = found else { throw ExpansionReader.damaged }
    var directory: [UInt8] = []
    for file in files {
      let fixed = try reader.bytes(recordStart + recordRest.count)
      let names = try reader.bytes(lengthOfNames(fixed.dropFirst(recordStart)))
      directory += bytes(of: file, fixed + names)
    }
    let kept = try reader.bytes(endStart + endRest.count)
    return directory + end(kept, files: files.count, size: directory.count, offset: size)
  }
}
