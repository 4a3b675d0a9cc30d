import Foundation
import TestSupport
import Testing

@testable import Kernels

@Suite struct AttentionTests {
  static let headSize = 32

  /// Positions in a ring as a naive double-precision attention sees them.
  @Test(arguments: [(window: 8, length: 5), (window: 8, length: 30), (window: 21, length: 64)])
  func agreesWithTheDefinition(window: Int, length: Int) throws {
    var random = SeededGenerator(seed: 5)
    let e = Self.headSize
    let rows = Buffer<Float>(
      (0..<length * 2 * e).map { _ in Float.random(in: -1...1, using: &random) })
    let query = Buffer<Float>((0..<e).map { _ in Float.random(in: -2...2, using: &random) })
    let output = try Self.attend(
      rows, query, window: window, positions: length, chunk: 1, set: .best)

    let visible = max(0, length - window)..<length
    let scores = visible.map { p in
      (0..<e).reduce(0.0) { $0 + Double(query[$1]) * Double(rows[p * 2 * e + $1]) }
    }
    let weights = scores.map { Foundation.exp2($0) }
    for j in 0..<e {
      let expected =
        zip(visible, weights).reduce(0.0) { $0 + $1.1 * Double(rows[$1.0 * 2 * e + e + j]) }
        / weights.reduce(0, +)
      #expect(abs(Double(output[j]) - expected) < 0.02, "seed 5, element \(j)")
    }
  }

  /// Ring size and instruction set change no bit.
  @Test func ringSizeAndInstructionSetDoNotMatter() throws {
    var random = SeededGenerator(seed: 6)
    let e = Self.headSize
    let rows = Buffer<Float>((0..<50 * 2 * e).map { _ in Float.random(in: -1...1, using: &random) })
    let query = Buffer<Float>((0..<e).map { _ in Float.random(in: -2...2, using: &random) })
    let expected = try Self.attend(rows, query, window: 20, positions: 50, chunk: 1, set: .portable)
    for set in InstructionSet.available {
      for chunk in [1, 2, 7, 16] {
        let got = try Self.attend(rows, query, window: 20, positions: 50, chunk: chunk, set: set)
        #expect(got == expected, "\(set), chunk \(chunk), seed 6")
      }
    }
  }

  static func attend(
    _ rows: Buffer<Float>, _ query: Buffer<Float>, window: Int, positions: Int, chunk: Int,
    set: InstructionSet
  ) throws -> [Float] {
    let e = headSize
    let slots = window + chunk - 1
    let cache = try AttentionCache(slots: slots, headSize: e)
    let scratch = Buffer<Int16>(count: e)
    for p in 0..<positions {
      cache.store(
        set, slot: p % slots, from: rows, key: p * 2 * e, value: p * 2 * e + e, scratch: scratch)
    }
    let q = Buffer<Int16>(count: e)
    let scales = Buffer<Float>([query.quantiseRow(set, 0, count: e, to: 0, of: q)])
    let output = Buffer<Float>(count: e)
    cache.attend(
      set, q: q, Rows(1, stride: e), scales: scales, scaleOffset: 0, scaleStride: 1,
      visible: [SlotRanges(position: positions - 1, window: window, slots: slots)],
      scratch: AttentionScratch(queries: 1, slots: slots, headSize: e), output: output,
      Rows(1, stride: e))
    return output.array(0..<e)
  }
}
