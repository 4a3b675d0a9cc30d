import Foundation
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

  /// What stands in the middle may say nothing of the rest.
  @Test func recordsAreFoundAroundOtherBytes() {
    var random = SeededGenerator(seed: 64)
    let fixed = random.bytes(12)
    let table = (0..<4000).flatMap { _ in fixed + random.bytes(12) }
    #expect(RecordLength.find(in: table + random.bytes(70_000) + table) == 24)
  }

  @Test func theEstimateOfRecordsIsLeastForTheirLength() {
    var random = SeededGenerator(seed: 65)
    // Numbers of four bytes that go up by little, so that their first bytes come again, and their slopes.
    var number: UInt32 = 0
    let content = (0..<5000).flatMap { _ -> [UInt8] in
      number += UInt32.random(in: 0..<3, using: &random) << 16
      return (0..<4).map { UInt8(truncatingIfNeeded: number >> (24 - 8 * $0)) }
    }
    let estimate = RecordEstimate(content)
    let costs = [1, 2, 3, 4, 5].map { estimate.cost(recordLength: $0) }
    #expect(costs.min() == costs[3])
    #expect(costs[3] * 10 < costs[0] * 9, "\(costs)")
    #expect(RecordEstimate([]).cost(recordLength: 4) == 0)
    for (i, cost) in RecordEstimate.costs.enumerated() {
      #expect(abs(Double(cost) + 16 * log2(Double(max(1, i)) / 4096)) <= 0.501, "\(i)")
    }
  }

  @Test func onlyTextRepeatsLines() throws {
    let text = try Golden.sample("package.log")
    #expect(ContentKind.structure(of: text) == .text)
    #expect(ContentKind.structure(of: text, repeats: true).repeatsLines)
    let bytes = try Golden.bytes("tiny.safetensors")
    #expect(!ContentKind.structure(of: bytes, repeats: true).repeatsLines)
  }

  @Test func linesInAnyOrderAreNumbered() throws {
    var random = SeededGenerator(seed: 63)
    let records = (0..<40).map { _ in
      (0..<5).map { _ in String(UInt64.random(in: (1 << 60)..<(1 << 61), using: &random)) }.joined()
    }
    func text(_ records: [String], before: (Int) -> String) -> [UInt8] {
      Array(records.enumerated().map { "\(before($0))\($1)\n" }.joined().utf8)
    }
    let shuffled = (0..<1000).map { _ in records.randomElement(using: &random)! }
    #expect(RepeatedLines.column(of: text(shuffled) { _ in "" }) == 0)
    #expect(RepeatedLines.column(of: text(shuffled) { "at \(100_000 + $0) " }) == 10)
    // In the same order again and again, or never again.
    let ordered = (0..<1000).map { records[$0 % 40] }
    #expect(RepeatedLines.column(of: text(ordered) { _ in "" }) == nil)
    #expect(RepeatedLines.column(of: text(records) { _ in "" }) == nil)
    #expect(RepeatedLines.column(of: []) == nil)
    #expect(RepeatedLines.column(of: random.bytes(10000)) == nil)
  }

  @Test func redundancyIsSeenInABlockAndAcrossBlocks() {
    var random = SeededGenerator(seed: 62)
    let content = random.bytes(100_000)
    var redundancy = Redundancy()
    func share(_ content: [UInt8]) -> Double {
      Double(redundancy.matches(in: content).reduce(0) { $0 + $1.count }) / Double(content.count)
    }
    #expect(share(content) < 0.01)
    #expect(share(content) > 0.95)
    #expect(share(Array(content.prefix(10))) == 0)
    // What is dropped to make room is the older half only.
    for _ in 0..<60 {
      #expect(share(random.bytes(100_000)) < 0.01)
      #expect(share(content) > 0.95)
    }
    redundancy = Redundancy()
    #expect(share(Array(content.prefix(1000)) + content.prefix(1000)) > 0.45)
  }
}
