/// The files of the zip archives in a stream, as far as it is known, by where they begin.
public struct ZipEntries: Sendable {
  private var known: [Int: ZipEntry] = [:]
  /// Where in the stream the content begins.
  private var base = 0

  /// More are forgotten.
  private static let most = 1 << 17
  /// Files in an archive, unless it is of another format.
  private static let mostInDirectory = 0xFFFF

  public init() {}

  /// - Parameter place: of the header in the content.
  public mutating func note(_ entry: ZipEntry, at place: Int) { known[base + place] = entry }

  /// To be called with a content once all of it is there: archives may go on in the next.
  public mutating func leave(_ content: UnsafeBufferPointer<UInt8>) {
    for place in content.indices
    where content[place] == ZipEntry.first && known[base + place] == nil {
      if let entry = ZipEntry(in: content, at: place) { note(entry, at: place) }
    }
    base += content.count
    if known.count > Self.most { known = [:] }
  }

  /// The files from one to the directory behind the last.
  ///
  /// - Parameters:
  ///   - first: where it begins in the content; negative if that is before.
  ///   - end: where the directory does.
  /// - Returns: with where they begin, from the first on; nil where one is not known.
  func files(
    from first: Int, to end: Int, in content: UnsafeBufferPointer<UInt8>
  ) -> [(offset: Int, entry: ZipEntry)]? {
    var files: [(offset: Int, entry: ZipEntry)] = []
    var place = first
    while place < end {
      guard files.count < Self.mostInDirectory,
        let entry = known[base + place] ?? ZipEntry(in: content, at: place)
      else { return nil }
      files.append((place - first, entry))
      place += entry.length
    }
    return place == end ? files : nil
  }
}
