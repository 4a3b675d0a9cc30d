import TestSupport
import Testing

@testable import Codec
@testable import LMZ

/// Zip archives, in which checksums, sizes and places follow from the files.
@Suite struct ZipTests {
  /// A file of an archive, as it lies there.
  struct File {
    var name: String
    var method = 8
    var packed: [UInt8]
    var checksum: [UInt8]
    var size: Int

    /// One that is stored.
    init(_ name: String, stored content: [UInt8]) {
      self.name = name
      method = 0
      packed = content
      checksum = littleEndianBytes(Int(DeflateSums.crc32(content)))
      size = content.count
    }

    /// One of Tests/Deflated, which are gzip's.
    init(_ name: String, gzip: String) throws {
      let file = try Golden.deflated(gzip)
      self.name = name
      packed = Array(file[10..<(file.count - 8)])
      checksum = Array(file.suffix(8).prefix(4))
      size = littleEndian(file.suffix(4))
    }

    var fields: [UInt8] { checksum + littleEndianBytes(packed.count) + littleEndianBytes(size) }
    var method2: [UInt8] { [UInt8(method), 0] }
    var lengths: [UInt8] { littleEndianBytes(name.utf8.count, count: 2) + [0, 0] }
  }

  static func archive(
    _ files: [File], described: Bool = false, comment: String = ""
  ) -> [UInt8] {
    var archive: [UInt8] = []
    var directory: [UInt8] = []
    for file in files {
      let isDescribed = described && file.method == 8
      let time: [UInt8] = [20, 0, isDescribed ? 8 : 0, 0] + file.method2 + [1, 2, 3, 4]
      directory += [0x50, 0x4B, 1, 2, 20, 3] + time + file.fields + file.lengths
      directory += [UInt8](repeating: 0, count: 10) + littleEndianBytes(archive.count)
      directory += Array(file.name.utf8)
      archive += [0x50, 0x4B, 3, 4] + time
      archive += isDescribed ? [UInt8](repeating: 0, count: 12) : file.fields
      archive += file.lengths + Array(file.name.utf8) + file.packed
      if isDescribed { archive += [0x50, 0x4B, 7, 8] + file.fields }
    }
    let count = littleEndianBytes(files.count).prefix(2)
    let end = count + count + littleEndianBytes(directory.count) + littleEndianBytes(archive.count)
    return archive + directory + [0x50, 0x4B, 5, 6, 0, 0, 0, 0] + end
      + littleEndianBytes(comment.utf8.count).prefix(2) + Array(comment.utf8)
  }

  static func files() throws -> [File] {
    [
      File("folder/", stored: []),
      try File("a", gzip: "zlib-ng-6.gz"),
      File("b", stored: Array("as it is".utf8)),
      try File("c", gzip: "package.log.gz"),
      File("d", stored: Array("as it is, too".utf8)),
    ]
  }

  /// All expansions of a content.
  private func expansions(_ content: [UInt8]) throws -> [UInt8] {
    var cutter = ContentCutter(ArraySource(content))
    var restorer = ExpansionRestorer()
    var all: [UInt8] = []
    while let piece = try cutter.next() {
      guard let expansion = piece.expansion else {
        restorer = ExpansionRestorer()
        all += piece.content
        continue
      }
      all += expansion
      #expect(try restorer.content(of: expansion, size: piece.content.count) == piece.content)
    }
    return all
  }

  @Test(arguments: [false, true]) func fieldsAreLeftOut(described: Bool) throws {
    let files = try Self.files()
    let archive = Self.archive(files, described: described, comment: "the end")
    let expansion = try expansions(archive)
    for file in files where file.method == 8 {
      #expect(archive.count(of: file.checksum) == 2 && expansion.count(of: file.checksum) == 0)
    }
    for file in files.dropFirst() where file.method == 0 {
      #expect(archive.count(of: file.checksum) == 2 && expansion.count(of: file.checksum) == 1)
    }
  }

  /// Python's, one of them written to a pipe.
  @Test(arguments: ["document.zip", "described.zip", "levels.zip"])
  func filesOfPrograms(name: String) throws {
    let archive = try Golden.deflated(name)
    let expansion = try expansions(archive)
    let end = archive.count - 22
    #expect(archive[end..<(end + 4)].elementsEqual([0x50, 0x4B, 5, 6]))
    var place = littleEndian(archive[(end + 16)..<(end + 20)])
    while place < end {
      let (checksum, method) = (Array(archive[(place + 16)..<(place + 20)]), archive[place + 10])
      let stays = method == 0 && checksum != [0, 0, 0, 0]
      #expect(expansion.count(of: checksum) == (stays ? 1 : 0) || checksum == [0, 0, 0, 0])
      place += 46 + littleEndian(archive[(place + 28)..<(place + 30)])
    }
  }

  /// Over several blocks, among other bytes, one behind the other, and within a stream.
  @Test func archivesAnywhere() throws {
    var random = SeededGenerator(seed: 210)
    let files = try Self.files()
    let small = Self.archive(files)
    let noise = File("noise", stored: random.bytes(400_000))
    let long = Self.archive((0..<5).flatMap { _ in [noise] + files })
    for content in [
      random.bytes(3000) + small + small, small + long, long + Array("text".utf8) + small,
    ] {
      let expansion = try expansions(content)
      for file in files where file.method == 8 { #expect(expansion.count(of: file.checksum) == 0) }
    }
  }

  /// What does not follow from the files stays.
  @Test func otherFieldsStay() throws {
    let archive = try Golden.deflated("described.zip")
    let directory = littleEndian(archive.suffix(6).prefix(4))
    for place in archive.indices where place < 100 || place >= directory {
      var other = archive
      other[place] ^= 0x10
      _ = try expansions(other)
    }
    for count in directory..<archive.count { _ = try expansions(Array(archive.prefix(count))) }
  }

  /// What makes no sense is an error, what is cut is one always.
  @Test func damagedItemsAreErrors() throws {
    let archive = try Golden.deflated("described.zip")
    let expansion = try expansions(archive)
    func restored(_ expansion: [UInt8]) -> [UInt8]? {
      var restorer = ExpansionRestorer()
      return try? restorer.content(of: expansion, size: archive.count)
    }
    for count in expansion.indices { #expect(restored(Array(expansion.prefix(count))) == nil) }
    // The last 200 bytes are of the directory.
    var random = SeededGenerator(seed: 211)
    var errors = 0
    for place in expansion.indices where place < 100 || place >= expansion.count - 200 {
      var damaged = expansion
      damaged[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
      let restored = restored(damaged)
      if restored == nil { errors += 1 }
      #expect(restored?.count ?? archive.count == archive.count, "seed 211, \(place)")
    }
    #expect(errors > 20)
  }
}

extension [UInt8] {
  /// How often bytes stand in these.
  fileprivate func count(of bytes: [UInt8]) -> Int {
    indices.count { self[$0...].starts(with: bytes) }
  }
}
