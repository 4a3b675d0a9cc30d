import TestSupport
import Testing

@testable import LMZ

@Suite struct ContentTests {
  @Test func textIsTextInAnyLanguage() throws {
    for name in ["english.txt", "japanese.txt", "code.swift.txt", "data.json", "package.log"] {
      #expect(ContentKind.isText(try Golden.sample(name)), "\(name)")
    }
    // Cut in the middle of a character.
    #expect(ContentKind.isText(try Array(Golden.sample("japanese.txt").prefix(20001))))
    var random = SeededGenerator(seed: 60)
    #expect(!ContentKind.isText(random.bytes(2000)))
    #expect(!ContentKind.isText(try Golden.bytes("tiny.safetensors")))
  }

  @Test func recordsAreFound() {
    var random = SeededGenerator(seed: 61)
    for length in [4, 24, 216] {
      let fixed = random.bytes(length / 2)
      let content = (0..<(40000 / length)).flatMap { _ in fixed + random.bytes(length - fixed.count)
      }
      #expect(RecordLength.find(in: content) == length, "seed 61")
    }
    #expect(RecordLength.find(in: random.bytes(40000)) == 1)
    #expect(RecordLength.find(in: [1, 2, 3]) == 1)
  }

  @Test func onlyTextRepeatsLines() throws {
    let text = try Golden.sample("package.log")
    #expect(ContentKind.structure(of: text) == .text)
    #expect(ContentKind.structure(of: text, repeats: true).repeatsLines)
    let bytes = try Golden.bytes("tiny.safetensors")
    #expect(!ContentKind.structure(of: bytes, repeats: true).repeatsLines)
  }

  @Test func redundancyIsSeenInABlockAndAcrossBlocks() {
    var random = SeededGenerator(seed: 62)
    let content = random.bytes(100_000)
    var redundancy = Redundancy()
    #expect(redundancy.share(of: content) < 0.01)
    #expect(redundancy.share(of: content) > 0.95)
    #expect(redundancy.share(of: Array(content.prefix(10))) == 0)
    var other = Redundancy()
    #expect(other.share(of: Array(content.prefix(1000)) + content.prefix(1000)) > 0.45)
  }
}
