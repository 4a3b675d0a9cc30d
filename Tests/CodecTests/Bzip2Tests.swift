import TestSupport
import Testing

@testable import Codec

@Suite struct Bzip2Tests {
  /// Texts that are short, or of few letters, so that much is the same.
  private static func texts(seed: UInt64) -> [[UInt8]] {
    var random = SeededGenerator(seed: seed)
    return (0..<600).map { i in
      let letters = UInt8([1, 2, 3, 256].randomElement(using: &random)! - 1)
      let piece = (0...Int.random(in: 0...30, using: &random)).map { _ in
        UInt8.random(in: 0...letters, using: &random)
      }
      let times = i % 3 == 0 ? Int.random(in: 1...8, using: &random) : 1
      return Array(repeatElement(piece, count: times).joined())
        + (i % 5 == 0 ? piece.prefix(3) : [])
    }
  }

  @Test func suffixesAreInOrder() {
    for text in Self.texts(seed: 500) {
      let expected = text.indices.sorted { text[$0...].lexicographicallyPrecedes(text[$1...]) }
      #expect(SuffixArray.of(text.map { Int32($0) }, values: 256) == expected.map { Int32($0) })
    }
    #expect(SuffixArray.of([], values: 256) == [])
  }

  @Test func rotationsAreInOrder() throws {
    for text in Self.texts(seed: 501) {
      let rotations = text.indices.map { Array(text[$0...] + text[..<$0]) }.sorted {
        $0.lexicographicallyPrecedes($1)
      }
      let sorted = BurrowsWheeler(of: text)
      #expect(sorted.last == rotations.map { $0[text.count - 1] })
      #expect(rotations[sorted.origin] == text)
      let restored = try #require(sorted.text)
      #expect(restored.bytes == text)
      #expect(restored.isOriginKnown == (Set(rotations).count == text.count))
    }
  }

  @Test(arguments: [
    (Bzip2Runs.usual, [3], "aaa"), (.usual, [4], "aaaa\0"), (.usual, [4, 1], "aaaa\0b"),
    (.usual, [255], "aaaa\u{FB}"), (.usual, [256], "aaaa\u{FB}a"),
    (.usual, [259, 2], "aaaa\u{FB}aaaa\0bb"), (.longer, [259, 2], "aaaa\u{FF}bb"),
    (.longer, [260], "aaaa\u{FF}a"), (.usual, [], ""),
  ]) func runsAreCounted(runs: Bzip2Runs, lengths: [Int], written: String) {
    let content = zip(lengths, "ab".utf8).flatMap { [UInt8](repeating: $1, count: $0) }
    let result = content.withUnsafeBufferPointer { runs.written($0, limit: .max) }
    #expect(result.bytes == written.unicodeScalars.map { UInt8($0.value) })
    #expect(result.length == content.count)
    #expect(Bzip2Runs.content(of: result.bytes, atMost: content.count) == content)
    #expect(
      content.isEmpty || Bzip2Runs.content(of: result.bytes, atMost: content.count - 1) == nil)
  }

  /// No run begins behind the limit; one that has begun goes on.
  @Test func runsEndAtALimit() {
    let content = Array("abccccccccd".utf8)
    content.withUnsafeBufferPointer { content in
      let lengths = (0...8).map { Bzip2Runs.usual.written(content, limit: $0).length }
      #expect(lengths == [0, 1, 2, 10, 10, 10, 10, 10, 11])
    }
  }

  private static func opened(_ bytes: [UInt8], at start: Int = 0, atMost most: Int = 1 << 24)
    -> (opened: OpenedStream, state: Bzip2Recorder.State)?
  {
    (bytes + [UInt8](repeating: 0, count: BitInput.padding)).withUnsafeBufferPointer {
      guard Bzip2Recorder.begins($0, at: start, to: bytes.count) else { return nil }
      return Bzip2Recorder.begin($0, at: start, atMost: most)
    }
  }

  private static func record(_ opened: OpenedStream) throws -> Bzip2Record {
    var reader = ExpansionReader(opened.record)
    return try Bzip2Record(&reader)
  }

  private static func written(_ record: Bzip2Record, _ content: [UInt8]) throws -> [UInt8] {
    var stream = Bzip2Stream(try #require(record.parameters))
    let bytes = stream.write(record, content[...], atMost: .max)
    return try #require(bytes)
  }

  /// What libbzip2 writes follows from the content.
  @Test func streamsOfLibbzip2() throws {
    let file = try Golden.deflated("blocks.bz2")
    let first = try #require(Self.opened(file)).opened
    let log = try Golden.sample("package.log").prefix(90_000)
    let data = try Golden.sample("data.json").prefix(40_000)
    #expect(Array(first.content) == Array(log + data) && first.ending == .final)
    let record = try Self.record(first)
    #expect(record.blocks == [.init(), .init()] && record.hasEnd && record.size == 130_000)
    #expect(record.parameters == .init(level: 1, runs: .usual))
    #expect(first.record.count == 7)
    let second = try #require(Self.opened(file, at: first.range.upperBound / 8)).opened
    #expect(second.content.count == 4000 && second.record.count == 5)
  }

  /// Others choose other codes, and 7-Zip writes longer runs.
  @Test func streamsOfOthers() throws {
    for (name, runs, most) in [
      ("7-zip.bz2", Bzip2Runs.longer, 700), ("lbzip2.bz2", .usual, 700),
    ] {
      let file = try Golden.deflated(name)
      let opened = try #require(Self.opened(file)).opened
      let record = try Self.record(opened)
      #expect(record.parameters?.runs == runs && record.blocks.allSatisfy { $0.codes != nil })
      #expect(opened.record.count < most && opened.range == 0..<(8 * file.count))
      var restorer = ExpansionRestorer()
      #expect(
        try restorer.content(of: ExpansionItem.bzip2.stream(opened), size: file.count) == file)
    }
  }

  /// Blocks of any size, with codes and origins of their own, at any bit.
  @Test func anyBlocksAreWrittenAgain() throws {
    var random = SeededGenerator(seed: 502)
    for i in 0..<60 {
      var record = Bzip2Record(
        parameters: .init(
          level: Int.random(in: 1...9, using: &random), runs: i % 2 == 0 ? .usual : .longer))
      var content: [UInt8] = []
      for _ in 0..<Int.random(in: 1...4, using: &random) {
        var text = Self.texts(seed: UInt64(i)).randomElement(using: &random)!
        text += [UInt8](repeating: 7, count: Int.random(in: 0...700, using: &random))
        record.blocks.append(.init(size: text.count))
        content += text
      }
      record.hasEnd = true
      record.size = content.count
      let bytes = try Self.written(record, content)
      let opened = try #require(Self.opened([1, 2] + bytes + [3], at: 2)).opened
      #expect(Array(opened.content) == content && opened.range == 16..<(8 * bytes.count + 16))
      let item = ExpansionItem.bzip2.stream(opened)
      var restorer = ExpansionRestorer()
      #expect(try restorer.content(of: item, size: bytes.count) == bytes)
      // Damaged, it may be something else, or make no sense.
      for _ in 0..<20 {
        var damaged = item
        damaged[Int.random(in: 0..<(opened.record.count + 3), using: &random)] ^=
          UInt8(1) << UInt8.random(in: 0...7, using: &random)
        _ = try? restorer.content(of: damaged, size: bytes.count)
      }
    }
  }

  /// Codes whose lengths take a way about, selectors that are not the best, and more of them than groups.
  @Test func anyCodesAreWrittenAgain() throws {
    let text = try Golden.sample("english.txt").prefix(3000)
    let symbols = Bzip2Symbols(of: BurrowsWheeler(of: Array(text)).last)
    var codes = Bzip2Codes(for: symbols)
    let groups = codes.selectors.count
    codes.selectors[3] = 1 - min(1, codes.selectors[3])
    codes.selectors += [codes.selectors[groups - 1], 0, 0, 1]
    var lengths = HighBitOutput()
    for table in codes.lengths {
      var current = table[0]
      lengths.append(Int(current), 5)
      lengths.append(0b1011, 4)
      for length in table {
        while current != length {
          lengths.append(current < length ? 2 : 3, 2)
          if current < length { current += 1 } else { current -= 1 }
        }
        lengths.append(0, 1)
      }
    }
    let record = Bzip2CodesRecord(codes, of: symbols.symbols, lengths: lengths)
    #expect(record.surplus == 4 && record.corrections.count <= 4)
    var reader = ExpansionReader(record.bytes)
    #expect(try Bzip2CodesRecord(&reader) == record && reader.isAtEnd)
    #expect(record.codes(for: symbols) == codes)
    var output = HighBitOutput()
    record.append(codes, to: &output)
    let (bytes, count) = output.all
    (bytes + [UInt8](repeating: 0, count: BitInput.padding)).withUnsafeBufferPointer { padded in
      var input = HighBitInput(padded, at: 0)
      let read = try? Bzip2Codes.read(&input, alphabet: symbols.alphabet)
      #expect(read?.codes == codes && input.position == count)
    }
  }

  @Test func othersAreNone() throws {
    let file = try Golden.deflated("blocks.bz2")
    for place in [0, 2, 3, 4, 9, 11, 14] {
      var damaged = file
      damaged[place] ^= 0x40
      #expect(Self.opened(damaged) == nil, "\(place)")
    }
    // The second block, the end, and what is missing.
    for (change, size) in [(9000, 99_000), (file.count, 130_000)] {
      let opened = try #require(Self.opened(Array(file.prefix(change)))).opened
      #expect(
        (90_000...130_000).contains(opened.content.count) && opened.content.count >= size,
        "\(change)")
    }
    let cut = try #require(Self.opened(Array(file.prefix(3000)))).opened
    #expect(cut.content.isEmpty && cut.ending == .exhausted)
    let full = try #require(Self.opened(file, atMost: 50_000)).opened
    #expect(full.content.isEmpty && full.ending == .full)
    // What is so much longer is left.
    for (count, isOpened) in [(10_000, true), (900_000, false)] {
      var record = Bzip2Record(parameters: .init(level: 9, runs: .usual))
      record.blocks = [.init()]
      (record.hasEnd, record.size) = (true, count)
      let bytes = try Self.written(record, [UInt8](repeating: 0, count: count))
      #expect((Self.opened(bytes) != nil) == isOpened)
    }
  }
}
