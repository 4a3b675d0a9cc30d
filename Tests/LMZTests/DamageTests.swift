import LMZ
import TestSupport
import Testing

/// Whatever happens to an archive, decoding ends in an error, never in a crash, a hang, or wrong content.
@Suite struct DamageTests {
  let model: NamedModel
  let archives: [[UInt8]]

  init() throws {
    model = try Golden.tinyModel()
    let text = try Golden.sample("english.txt")
    archives = try [
      compress(Array(text.prefix(150)), model: model),
      compress(Array(text.prefix(700)), model: model),
      compress(Array(text.prefix(7000)), model: model),
      compress([], model: model),
      compress([0xFF, 0xFE, 0x01], model: model),
      compress(Golden.text(500, in: .shiftJIS), model: model),
    ]
  }

  @Test func everyTruncationIsAnError() throws {
    for archive in archives {
      for count in 0..<archive.count {
        #expect(throws: (any Error).self, "\(count) of \(archive.count)") {
          try decompress(Array(archive.prefix(count)), model: model)
        }
      }
    }
  }

  @Test func everyBitFlipIsAnError() throws {
    for archive in archives where archive.count < 1000 {
      for bit in 0..<(8 * archive.count) {
        var damaged = archive
        damaged[bit / 8] ^= 1 << (bit % 8)
        #expect(throws: (any Error).self, "bit \(bit) of \(archive.count) bytes") {
          try decompress(damaged, model: model)
        }
      }
    }
  }

  @Test func randomDamageIsAnError() throws {
    var random = SeededGenerator(seed: 30)
    for i in 0..<200 {
      var damaged = archives[i % 3]
      for _ in 0..<Int.random(in: 1...8, using: &random) {
        damaged[Int.random(in: 0..<damaged.count, using: &random)] ^= UInt8.random(
          in: 1...255, using: &random)
      }
      if damaged == archives[i % 3] { continue }
      #expect(throws: (any Error).self, "seed 30, \(i)") { try decompress(damaged, model: model) }
    }
  }

  @Test func trailingDataIsAnError() throws {
    #expect(throws: FormatError.trailingData) {
      try decompress(archives[0] + [0, 0, 0, 0], model: model)
    }
    #expect(throws: FormatError.trailingData) { try decompress(archives[0] + [1], model: model) }
  }

  @Test func anotherModelIsRefusedByName() throws {
    let small = try ModelLibrary().model(.small)
    #expect(
      throws: FormatError.modelMismatch(
        needed: model.reference.description, available: "small (\(small.reference))")
    ) { try decompress(archives[0], model: small) }
  }

  /// Stored blocks need no model.
  @Test func storedContentNeedsNoModel() throws {
    #expect(try decompress(archives[4], model: ModelLibrary().model(.small)) == [0xFF, 0xFE, 0x01])
  }

  /// A claim of a megabyte behind a few bytes is refused after little work.
  @Test func largeClaimsAreCheap() throws {
    let head: [UInt8] = [0xEC, 0x4C, 0x4D, 0x00, 0x01] + model.reference.bytes
    let claim: [UInt8] = [0x81, 0x80, 0x80, 0x40, 0x02, 0x12, 0x34]
    #expect(throws: FormatError.corrupted("its coded bytes make no sense")) {
      try decompress(head + claim + [0, 0, 0, 0], model: model)
    }
  }
}
