import LMZ
import TestSupport
import Testing

/// The library as its users call it, with the models of the program.
@Suite struct OneShotTests {
  @Test func levelsRestoreWhatTheyCompress() throws {
    let text = try Array(Golden.sample("english.txt").prefix(5000))
    var sizes: [Int] = []
    for number in [1, 4, 6] {
      let archive = try compress(text, level: Level(number), threads: 1)
      #expect(try decompress(archive) == text, "level \(number)")
      #expect(archive == (try compress(text, level: Level(number), threads: 3)))
      sizes.append(archive.count)
    }
    #expect(sizes[0] > sizes[1] && sizes[1] > sizes[2], "\(sizes)")
  }

  @Test func bitsPerCharacterCountsScalars() throws {
    let text = "日本語の文字は三バイトで書かれる。"
    let archive = try compress(Array(text.utf8))
    let bits = try #require(try bitsPerCharacter(of: text))
    #expect(bits == 8 * Double(archive.count) / 17)
    #expect(try bitsPerCharacter(of: "") == nil)
  }

  @Test func memoryLimitIsKept() throws {
    let content = try Array(Golden.sample("data.json").prefix(20_000))
    let archive = try compress(content, level: Level(3))
    #expect(throws: FormatError.self) { try decompress(archive, memoryLimit: 1 << 20) }
    do {
      _ = try decompress(archive, memoryLimit: 1 << 20)
    } catch FormatError.limitExceeded(let needed, let limit) {
      #expect(limit == 1 << 20)
      #expect(try decompress(archive, memoryLimit: needed) == content)
    }
  }

  /// A model in an archive may not be larger than the limit, either.
  @Test func embeddedModelsAreLimited() throws {
    let options = {
      var options = Options()
      options.embedsModel = true
      return options
    }()
    let text = Array("some text".utf8)
    let archive = try compress(text, model: Golden.tinyModel(ngrams: false), options: options)
    #expect(try decompress(archive) == text)
    #expect(throws: FormatError.self) { try decompress(archive, memoryLimit: 100_000) }
  }

  @Test func noFrameIsLargerThanItMayBe() throws {
    var random = SeededGenerator(seed: 5)
    for count in [0, 1, 255, 256, 4095, 4096, 70_000, 1 << 20, (1 << 20) + 1] {
      let archive = try compress(random.bytes(count), level: Level(1))
      #expect(archive.count <= FrameFormat.largestFrame(of: count), "\(count)")
    }
  }
}
