import TestSupport
import Testing

@testable import Codec

/// What zlib does, and what is made of streams that it, or another program, has made.
@Suite struct DeflateTests {
  @Test func symbolsAreThoseOfTheTable() {
    #expect(DeflateCode.lengths.count == 29 && DeflateCode.distanceSymbols.count == 30)
    for length in DeflateCode.matchLengths {
      let symbol = DeflateCode.lengths[DeflateCode.lengthIndex(length)]
      #expect(symbol.base <= length && length < symbol.base + 1 << symbol.extra, "\(length)")
    }
    #expect(DeflateCode.lengthIndex(257) == 27 && DeflateCode.lengthIndex(258) == 28)
    for distance in 1...DeflateCode.longestDistance {
      let symbol = DeflateCode.distanceSymbols[DeflateCode.distanceIndex(distance)]
      #expect(symbol.base <= distance && distance < symbol.base + 1 << symbol.extra, "\(distance)")
    }
  }

  /// The lengths are those of a code without gaps, not too long, and the rarer a symbol, the longer its code.
  @Test func lengthsMakeACode() {
    var random = SeededGenerator(seed: 150)
    for i in 0..<400 {
      let symbols = [19, 30, 286][i % 3]
      let longest = i % 3 == 0 ? 7 : 15
      var counts = (0..<symbols).map { _ in
        Int.random(in: 0...[1, 20, 5000].randomElement(using: &random)!, using: &random)
      }
      // With these, codes would be too long.
      if i % 4 == 0 {
        for j in 2..<symbols { counts[j] = min(1 << 40, counts[j - 1] + counts[j - 2] + 1) }
      }
      if i % 5 == 0 { counts = counts.map { $0 > 2 ? 0 : $0 } }
      let code = HuffmanLengths(counts, longest: longest)
      let sum = code.lengths.reduce(0) { $1 == 0 ? $0 : $0 + 1 << (longest - Int($1)) }
      #expect(sum == 1 << longest, "seed 150, \(i)")
      #expect(code.lengths.lastIndex { $0 > 0 } == code.last, "seed 150, \(i)")
      let used = counts.indices.filter { counts[$0] > 0 }.sorted { counts[$0] > counts[$1] }
      for (a, b) in zip(used, used.dropFirst()) where counts[a] > counts[b] {
        #expect(code.lengths[a] <= code.lengths[b], "seed 150, \(i)")
      }
    }
  }

  @Test func headersAreReadAsTheyWereWritten() throws {
    var random = SeededGenerator(seed: 151)
    for i in 0..<200 {
      let most = [1, 3, 300][i % 3]
      var literals = (0..<286).map { _ in max(0, Int.random(in: -most...most, using: &random)) }
      literals[256] = 1
      let distances = (0..<30).map { _ in max(0, Int.random(in: -most...most, using: &random)) }
      let (header, bits) = DeflateHeader.zlib(literals: literals, distances: distances)
      let padded = bits.all.bytes + [UInt8](repeating: 0, count: BitInput.padding)
      try padded.withUnsafeBufferPointer {
        var input = BitInput($0, at: 0)
        let read = try #require(try DeflateHeader(&input))
        #expect(input.position == bits.all.count, "seed 151, \(i)")
        // Symbols behind the last that occurs are left out.
        let (all, distances) = (header.literals.lengths, header.distances.lengths)
        #expect(
          all.starts(with: read.literals.lengths) && distances.starts(with: read.distances.lengths))
        #expect(all.dropFirst(read.literals.lengths.count).allSatisfy { $0 == 0 })
      }
    }
  }

  @Test func parametersHaveCodes() {
    var codes: Set<Int> = []
    for level in 1...9 {
      for hash in DeflateParameters.Hash.allCases {
        for isFiltered in [false, true] {
          for windowBits in 9...15 {
            var parameters = DeflateParameters(level: level, hash: hash, isFiltered: isFiltered)
            parameters.windowBits = windowBits
            #expect(DeflateParameters(code: parameters.code) == parameters)
            codes.insert(parameters.code)
          }
        }
      }
    }
    #expect(codes.min() == 1 && codes.count == codes.max())
    #expect(DeflateParameters(code: codes.count + 1) == nil)
  }

  // MARK: Streams

  /// Where streams begin, behind signatures.
  private static func streams(in file: [UInt8]) -> [Int] {
    var starts: [Int] = []
    for i in 0..<(file.count - 30) {
      if file[i..<(i + 4)] == [0x50, 0x4B, 3, 4], file[i + 8] == 8 {
        starts.append(i + 30 + Int(file[i + 26]) + Int(file[i + 28]))
      }
    }
    return file.starts(with: [0x1F, 0x8B]) ? [10] : starts
  }

  private static func opened(_ file: [UInt8], at start: Int) -> OpenedStream? {
    var recorder = DeflateRecorder()
    return (file + [UInt8](repeating: 0, count: DeflateRecorder.padding))
      .withUnsafeBufferPointer { recorder.begin($0, at: start, atMost: 1 << 20) }
  }

  private static func record(_ opened: OpenedStream) throws -> DeflateRecord {
    var reader = ExpansionReader(opened.record)
    let record = try DeflateRecord(&reader)
    #expect(reader.isAtEnd && record.size == opened.content.count)
    return record
  }

  /// What zlib itself made needs no corrections.
  @Test func everyLevelOfZlibIsKnown() throws {
    let file = try Golden.deflated("levels.zip")
    let starts = Self.streams(in: file)
    #expect(starts.count == 9)
    for (i, start) in starts.enumerated() {
      let opened = try #require(Self.opened(file, at: start))
      #expect(opened.ending == .final)
      #expect(try opened.content.elementsEqual(Golden.sample("code.swift.txt")[20_000..<44_000]))
      let record = try Self.record(opened)
      #expect(record.corrections.isEmpty && record.blocks.allSatisfy { $0.header == nil })
      #expect(record.parameters?.level == i + 1)
    }
  }

  @Test(arguments: [
    ("package.log.gz", 0), ("flushed.gz", 9), ("zlib-ng.gz", 0), ("zlib-ng-6.gz", 700),
    ("libdeflate.gz", 700), ("7-zip.gz", 2000), ("zopfli.gz", 2000),
  ]) func otherProgramsNeedCorrections(name: String, most: Int) throws {
    let file = try Golden.deflated(name)
    let opened = try #require(Self.opened(file, at: 10))
    #expect(opened.ending == .final && (opened.range.upperBound + 7) / 8 == file.count - 8)
    let record = try Self.record(opened)
    #expect(record.corrections.count <= most && record.corrections.isEmpty == (most == 0))
    var restorer = ExpansionRestorer()
    let expansion =
      ExpansionItem.plain(file[..<10]) + ExpansionItem.deflated.stream(opened)
      + ExpansionItem.plain(file.suffix(8))
    #expect(try restorer.content(of: expansion, size: file.count) == file)
  }

  /// A stream as zlib would make it.
  private static func deflated(
    _ content: [UInt8], _ parameters: DeflateParameters, blocks size: Int = 50_000
  ) throws -> [UInt8] {
    var record = DeflateRecord(parameters: parameters)
    for start in stride(from: 0, to: content.count, by: size) {
      // What is remembered of stored blocks on the first levels depends on what else they could have been.
      let kind = DeflateBlock.Kind(rawValue: 2 - start / size % (parameters.isLazy ? 3 : 2))!
      let length = min(size, content.count - start)
      record.blocks.append(
        .init(
          block: .init(kind: kind, isFinal: start + length == content.count, size: length),
          header: nil))
    }
    var stream = DeflateStream(parameters)
    // Blocks end where tokens do.
    var tokens: [DeflateToken] = []
    let whole = [DeflateBlock(kind: .dynamic, isFinal: true, size: content.count)]
    _ = stream.follow(whole, content) { token, _, _ in
      token
    } endOfBlock: { _, all, _ in
      tokens = all
      return true
    }
    var ends: Set<Int> = [0]
    var place = 0
    for token in tokens {
      place += token.length
      ends.insert(place)
    }
    var start = 0
    for i in record.blocks.indices {
      var end = min(start + size, content.count)
      while !ends.contains(end) { end += 1 }
      record.blocks[i].block.size = end - start
      start = end
    }
    stream = DeflateStream(parameters)
    let bits = record.restored(content[...], &stream, BitOutput())
    return try #require(bits).all.bytes
  }

  /// Streams longer than a window, opened in pieces as the input comes.
  @Test(arguments: [1, 3, 4, 6, 9]) func longStreamsGoOn(level: Int) throws {
    var random = SeededGenerator(seed: UInt64(152 + level))
    var content: [UInt8] = []
    let text = try Golden.sample("english.txt")
    while content.count < 300_000 {
      let start = Int.random(in: 0..<(text.count - 5000), using: &random)
      content += text[start..<(start + Int.random(in: 10..<5000, using: &random))]
    }
    var parameters = DeflateParameters(level: level, hash: level == 6 ? .four : .three)
    parameters.windowBits = level == 9 ? 12 : 15
    let file = try Self.deflated(content, parameters, blocks: 20_000)
    let padded = file + [UInt8](repeating: 0, count: DeflateRecorder.padding)
    var recorder = DeflateRecorder()
    var restorer = ExpansionRestorer()
    var (position, isBegun, restored, found) = (0, false, [UInt8](), [UInt8]())
    while position < 8 * file.count - 7 {
      let rest = Array(padded[(position / 8)...])
      let opened = try #require(
        rest.withUnsafeBufferPointer {
          isBegun
            ? recorder.resume($0, at: position % 8, atMost: 70_000)
            : recorder.begin($0, at: 0, windowBits: parameters.windowBits, atMost: 70_000)
        })
      #expect(opened.ending == (opened.range.upperBound / 8 >= rest.count - 9 ? .final : .full))
      let record = try Self.record(opened)
      // Only where a piece ends it is not known what follows.
      #expect(record.corrections.count <= 1 && (record.parameters == nil) == isBegun)
      let end = position / 8 * 8 + opened.range.upperBound
      let size = (opened.ending == .final ? (end + 7) / 8 : end / 8) - position / 8
      restored += try restorer.content(of: ExpansionItem.deflated.stream(opened), size: size)
      found += opened.content
      position = end
      isBegun = true
    }
    #expect(found == content, "seed \(152 + level)")
    #expect(restored == file, "seed \(152 + level)")
  }

  /// Whatever the tokens are, the stream comes back.
  @Test func otherTokensComeBack() throws {
    var random = SeededGenerator(seed: 160)
    for i in 0..<30 {
      var output = BitOutput()
      var content: [UInt8] = []
      let codes = DeflateHeader(literals: .fixedLiterals, distances: .fixedDistances)
      for block in 0..<3 {
        output.append(block == 2 ? 1 : 0, 1)
        output.append(1, 2)
        var tokens: [DeflateToken] = []
        for _ in 0..<Int.random(in: 0..<400, using: &random) {
          if content.count > 4, Int.random(in: 0..<8, using: &random) == 0 {
            let distance = Int.random(in: 1...content.count, using: &random)
            let length = Int.random(
              in: 3...[5, 258].randomElement(using: &random)!, using: &random)
            tokens.append(DeflateToken(length: length, distance: distance))
            for _ in 0..<length { content.append(content[content.count - distance]) }
          } else {
            content.append(UInt8.random(in: 97...100, using: &random))
            tokens.append(DeflateToken(literal: content[content.count - 1]))
          }
        }
        let isWritten = output.append(tokens, codes)
        #expect(isWritten)
      }
      let file = output.all.bytes
      guard let opened = Self.opened(file, at: 0) else { continue }
      #expect(opened.content.elementsEqual(content) && opened.ending == .final, "seed 160, \(i)")
      var restorer = ExpansionRestorer()
      let restored = try restorer.content(
        of: ExpansionItem.deflated.stream(opened), size: file.count)
      #expect(restored == file, "seed 160, \(i)")
    }
  }

  // MARK: Damage

  /// Damaged expansions end in an error or in other bytes, never in a crash.
  @Test func damageIsNoCrash() throws {
    let file = try Golden.deflated("libdeflate.gz")
    let opened = try #require(Self.opened(file, at: 10))
    let expansion = ExpansionItem.plain(file[..<10]) + ExpansionItem.deflated.stream(opened)
    let size = file.count - 8
    var random = SeededGenerator(seed: 161)
    for i in 0..<300 {
      var damaged = expansion
      // Mostly where the record is.
      for _ in 0..<Int.random(in: 1...4, using: &random) {
        let most = i % 3 == 0 ? damaged.count : opened.record.count + 20
        damaged[Int.random(in: 0..<most, using: &random)] = UInt8.random(
          in: 0...255, using: &random)
      }
      var restorer = ExpansionRestorer()
      if let other = try? restorer.content(of: damaged, size: size) { #expect(other.count == size) }
    }
    for count in stride(from: 0, to: expansion.count, by: 37) {
      var restorer = ExpansionRestorer()
      #expect(throws: FormatError.self, "\(count)") {
        try restorer.content(of: Array(expansion.prefix(count)), size: size)
      }
    }
    // A stream that goes on without one.
    var other = DeflateRecord(parameters: nil)
    other.blocks = [.init(block: .init(kind: .fixed, isFinal: true, size: 0), header: nil)]
    var restorer = ExpansionRestorer()
    #expect(throws: FormatError.self) {
      try restorer.content(of: [1] + other.bytes, size: 2)
    }
  }

  /// What could not be made again is left.
  @Test func otherStreamsAreLeft() throws {
    let file = try Golden.deflated("package.log.gz")
    // Bits behind the last block.
    var other = file
    let opened = try #require(Self.opened(file, at: 10))
    #expect(opened.range.upperBound % 8 != 0)
    other[file.count - 9] |= 0x80
    #expect(Self.opened(other, at: 10) == nil)
    var random = SeededGenerator(seed: 162)
    for _ in 0..<2000 { #expect(Self.opened(random.bytes(300), at: 0)?.ending != .exhausted) }
    #expect(Self.opened(Array(file.prefix(40)), at: 10)?.content.isEmpty == true)
  }
}
