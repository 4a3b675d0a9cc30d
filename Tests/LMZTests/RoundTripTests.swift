import TestSupport
import Testing

@testable import LMZ

@Suite struct RoundTripTests {
  let model: NamedModel

  init() throws { model = try Golden.tinyModel() }

  func check(_ bytes: [UInt8], threads: Int = 2, _ what: String) throws {
    for method in [Options.Method.mixed, .languageModelOnly, .withoutLanguageModel] {
      let options = Options(method: method, threads: threads)
      let archive = try compress(bytes, model: model, options: options)
      #expect(
        try decompress(archive, model: model, options: options) == bytes, "\(what), \(method)")
    }
  }

  @Test func everyMemoryAndNumberOfLanes() throws {
    let text = try Array(Golden.sample("data.json").prefix(50000))
    for (i, memory) in Memory.allCases.enumerated() {
      for lanes in [1, 2, 3, 4] where lanes == 4 || lanes == i + 1 {
        let options = Options(memory: memory, lanes: lanes)
        let archive = try compress(text, model: model, options: options)
        #expect(try decompress(archive, model: model) == text, "\(memory), \(lanes)")
      }
    }
  }

  /// Where context models make a short text larger, its block is that of the language model alone.
  @Test func shortTextsMayGoWithoutContexts() throws {
    let alone = Options(method: .languageModelOnly)
    var count = 0
    for name in ["english.txt", "japanese.txt", "code.swift.txt"] {
      let sample = try Golden.sample(name)
      for start in stride(from: 0, to: 60000, by: 1000) {
        let text = Array(sample[start..<(start + 30 + start % 7000 / 20)])
        let archive = try compress(text, model: model)
        // The fifth byte has form and kind; the header takes nine, the checksum the last four.
        guard archive[4] >> 4 & 3 != 0, archive[4] >> 6 == Block.Kind.languageModelOnly.rawValue
        else { continue }
        count += 1
        let other = try compress(text, model: model, options: alone)
        #expect(archive[9...].dropLast(4) == other[9...].dropLast(4), "\(name), \(start)")
        #expect(try decompress(archive, model: model) == text, "\(name), \(start)")
      }
    }
    #expect(count > 0)
  }

  /// Tables, programs, and what repeats itself from near and far.
  @Test func binaryContents() throws {
    var random = SeededGenerator(seed: 24)
    let record = random.bytes(40)
    try check((0..<500).flatMap { i in record + [UInt8(truncatingIfNeeded: i), 3] }, "records")
    try check(Golden.bytes("tiny.safetensors"), "weights")
    var calls: [UInt8] = []
    for i in 0..<3000 {
      calls += [0xE8, UInt8(truncatingIfNeeded: i), UInt8(i >> 8), 0, 0, 0x90, UInt8(i % 7)]
    }
    #expect(ContentKind.structure(of: calls).hasAbsoluteCalls)
    try check(calls, "calls")
    let once = random.bytes(3000)
    try check((0..<30).flatMap { _ in once }, "repeated")
  }

  /// What one block teaches serves the next, through stored blocks and others.
  @Test func blocksOfAllKindsInOneFrame() throws {
    var random = SeededGenerator(seed: 25)
    let block = 1 << 20
    let noise = (0..<3).map { _ in random.bytes(block) }
    let text = try Golden.sample("english.txt") + Golden.sample("data.json")
    let repeated = [UInt8]((0..<20).flatMap { _ in text }.prefix(block))
    let bytes = try noise[0] + noise[1] + repeated + noise[2] + Golden.sample("japanese.txt")
    let archive = try compress(bytes, model: model)
    #expect(try decompress(archive, model: model) == bytes)
    let kinds = try ArchiveSummary(of: ArraySource(archive)).blocksByKind
    #expect(kinds[.stored] == 3 && kinds[.bytes] == 1 && kinds[.text] == 1, "\(kinds)")
  }

  @Test func specialContents() throws {
    var random = SeededGenerator(seed: 20)
    try check([], "empty")
    try check([0], "one NUL")
    try check([0x61], "one byte")
    try check((0...255).map { UInt8($0) }, "all byte values")
    try check((0..<4000).map { UInt8(truncatingIfNeeded: $0) }, "all byte values, again and again")
    try check(random.bytes(5000), "random")
    try check([UInt8](repeating: 0, count: 20000), "NULs")
    try check([UInt8](repeating: 0x61, count: 20000), "one letter")
    try check(Array("line\r\nline\r\n\r\nend\r".utf8), "CRLF")
    try check([0x61, 0xC3, 0x28, 0xE3, 0x81, 0xFF, 0xFE, 0x80, 0x0A], "invalid UTF-8")
    try check(Array("日本語のテキスト。\n".utf8), "Japanese")
  }

  @Test(arguments: ["english.txt", "japanese.txt", "code.swift.txt", "data.json", "package.log"])
  func samples(name: String) throws {
    let bytes = try Golden.sample(name)
    let archive = try compress(bytes, model: model)
    #expect(try decompress(archive, model: model) == bytes)
    #expect(Double(archive.count) < 0.6 * Double(bytes.count), "\(name): \(archive.count)")
  }

  /// Sizes around every limit of the container and of the lanes.
  @Test func sizesAroundLimits() throws {
    let text = try Golden.sample("english.txt")
    for limit in [255, 4095, 6 << 10, 32 << 10] {
      for size in (limit - 1)...(limit + 1) { try check(Array(text.prefix(size)), "\(size)") }
    }
  }

  @Test func randomMixtures() throws {
    var random = SeededGenerator(seed: 21)
    let text = try Golden.sample("code.swift.txt") + Golden.sample("japanese.txt")
    for i in 0..<60 {
      var bytes: [UInt8] = []
      for _ in 0..<Int.random(in: 0...4, using: &random) {
        let length = Int.random(in: 0...2000, using: &random)
        if Int.random(in: 0...3, using: &random) == 0 {
          bytes += random.bytes(length)
        } else {
          let start = Int.random(in: 0..<(text.count - length), using: &random)
          bytes += text[start..<(start + length)]
        }
      }
      try check(bytes, threads: i % 3 + 1, "mixture \(i), seed 21")
    }
  }

  /// More than one block, text after stored and stored after text.
  @Test func manyBlocks() throws {
    var random = SeededGenerator(seed: 22)
    let text = try Golden.sample("english.txt")
    let block = 1 << 20
    var bytes = [UInt8]((0..<11).flatMap { _ in text }.prefix(block))
    bytes += random.bytes(block)
    bytes += Array(text.prefix(50000))
    let archive = try compress(bytes, model: model)
    #expect(try decompress(archive, model: model) == bytes)
    let summary = try ArchiveSummary(of: ArraySource(archive))
    #expect(summary.blocksByKind[.stored] == 1 && summary.blocks == 3)
    #expect(summary.sizes == StreamSizes(content: bytes.count, archive: archive.count))
  }

  /// Blocks of lines that have nearly all been there before.
  @Test func linesInAnyOrder() throws {
    var random = SeededGenerator(seed: 27)
    let lines = try Golden.sample("package.log").prefix(40_000).split(separator: 10).map {
      $0 + [10]
    }
    var bytes: [UInt8] = []
    while bytes.count < 5 << 19 { bytes += lines.randomElement(using: &random)! }
    let archive = try compress(bytes, level: Level(1))
    #expect(try decompress(archive) == bytes)
    #expect(archive.count < bytes.count / 30, "\(archive.count)")
  }

  /// A match that runs into what it predicts is offered as a run, without and with an end within the block.
  @Test func repetitions() throws {
    for period in [1, 2, 3, 100, 511, 513] {
      let once = (0..<period).map { UInt8($0 * 7 % 256) }
      let long = [UInt8]((0...(200_000 / period)).flatMap { _ in once })
      for bytes in [long, long + Array("and then something else ".utf8) + long.dropFirst(5)] {
        let archive = try compress(bytes, level: Level(1))
        #expect(try decompress(archive) == bytes, "\(period)")
        #expect(archive.count < 250 + 2 * period, "\(period): \(archive.count)")
      }
    }
  }

  /// A block that is coded finds what was in a stored one.
  @Test func storedBlocksAreRemembered() throws {
    var random = SeededGenerator(seed: 26)
    let noise = random.bytes(1 << 20)
    let text = try Golden.sample("english.txt")
    let again = noise[500_001..<540_000]
    let bytes = noise + text + again
    let archive = try compress(bytes, level: Level(1))
    #expect(try decompress(archive) == bytes)
    let both = try compress(noise, level: Level(1)).count + compress(text, level: Level(1)).count
    #expect(archive.count < both + again.count / 20, "\(archive.count) \(both)")
  }

  /// Bytes spread nearly evenly, in which some repeats are shorter than those that are looked for: alone they are coded.
  @Test func aLittleNoiseIsTried() throws {
    var random = SeededGenerator(seed: 178)
    var noise = random.bytes(100_000)
    for i in stride(from: 20_000, to: noise.count - 20, by: 300) {
      noise.replaceSubrange(i..<(i + 20), with: noise[(i - 10_000)..<(i - 9_980)])
    }
    #expect(ContentKind.looksRandom(noise))
    #expect(try compress(noise, level: Level(1)).count < 97_000)
    let pure = random.bytes(100_000)
    #expect(try compress(pure, level: Level(1)).count <= pure.count + 17)
    #expect(try decompress(compress(noise, level: Level(1))) == noise)
  }

  @Test func randomDataHardlyGrows() throws {
    var random = SeededGenerator(seed: 23)
    for size in [0, 1, 10, 100, 1000, 10000, 3 << 20] {
      let archive = try compress(random.bytes(size), model: model)
      #expect(Double(archive.count) <= Double(size) * 1.001 + 32, "\(size)")
    }
  }

  @Test func framesCanBeConcatenated() throws {
    let first = Array("first frame, ".utf8)
    let second = try Array(Golden.sample("data.json").prefix(9000))
    let archive =
      try compress(first, model: model) + compress([], model: model)
      + compress(second, model: model)
    #expect(try decompress(archive, model: model) == first + second)
    #expect(try ArchiveSummary(of: ArraySource(archive)).frames == 3)
  }
}
