import Foundation
import Kernels
import TestSupport
import Testing

@testable import LM

@Suite struct TransformerTests {
  let model: Model

  init() throws { model = try Golden.tinyModel().model }

  /// Weights of every next token, of which not a bit may change with the way that tokens are fed.
  static func prefixes(
    _ model: Model, _ lanes: [[UInt16]], chunk: Int, set: InstructionSet
  ) throws -> [[[UInt64]]] {
    let transformer = Transformer(model, capacity: chunk * lanes.count, instructionSet: set)
    let states = try lanes.map { _ in try LaneState(model, chunk: chunk) }
    let weights = TokenWeights(vocabulary: model.vocabulary.count)
    var result: [[[UInt64]]] = lanes.map { _ in [] }
    var start = 0
    while start < lanes.map(\.count).max() ?? 0 {
      let live = lanes.indices.filter { start < lanes[$0].count }
      let work = live.map { i in
        Transformer.Work(
          lane: states[i], tokens: lanes[i][start..<min(start + chunk, lanes[i].count)])
      }
      transformer.forward(work)
      var row = 0
      for (i, item) in zip(live, work) {
        for _ in item.tokens {
          transformer.weights(row: row, into: weights)
          result[i].append(weights.withPrefix { span in (0..<span.count).map { span[$0] } })
          row += 1
        }
      }
      start += chunk
    }
    return result
  }

  static func lanes(_ model: Model) throws -> [[UInt16]] {
    let texts = try GoldenText.all().map(\.1.tokens)
    // Longer than the window, so that the ring wraps around, and of different lengths.
    return [texts[0] + texts[1] + texts[2], texts[3], texts[4] + texts[0]]
  }

  @Test func prefillAgreesWithStep() throws {
    let lanes = try Self.lanes(model)
    let steps = try Self.prefixes(model, lanes, chunk: 1, set: .best)
    for chunk in [2, 3, 16, 64, 200] {
      #expect(try Self.prefixes(model, lanes, chunk: chunk, set: .best) == steps, "chunk \(chunk)")
    }
  }

  @Test func lanesDoNotSeeEachOther() throws {
    let lanes = try Self.lanes(model)
    let together = try Self.prefixes(model, lanes, chunk: 5, set: .best)
    for (i, lane) in lanes.enumerated() {
      #expect(try Self.prefixes(model, [lane], chunk: 5, set: .best)[0] == together[i])
    }
  }

  @Test(arguments: InstructionSet.available)
  func instructionSetsAgree(set: InstructionSet) throws {
    let lanes = try Self.lanes(model)
    #expect(
      try Self.prefixes(model, lanes, chunk: 7, set: set)
        == Self.prefixes(model, lanes, chunk: 7, set: .portable))
  }

  /// The probabilities of the tiny model are frozen with the format: archives made with it must decode
  /// for ever.
  @Test func weightsHaveTheCommittedHash() throws {
    var hash: UInt64 = 14_695_981_039_346_656_037
    for lane in try Self.prefixes(model, Self.lanes(model), chunk: 16, set: .best) {
      for value in lane.joined() { hash = (hash ^ value) &* 1_099_511_628_211 }
    }
    #expect(hash == 0xB7FE_BB45_5074_5FE7)
  }

  /// Against PyTorch, float32 without quantised activations: the cost of a text within 1 %.
  @Test func bitsAgreeWithThePyTorchTwin() throws {
    for (name, text) in try GoldenText.all() {
      let inputs = [0] + text.tokens.dropLast()
      let prefixes = try Self.prefixes(model, [inputs], chunk: 32, set: .best)[0]
      let bits = zip(prefixes, text.tokens).reduce(0.0) { sum, next in
        let (prefix, token) = (next.0, Int(next.1))
        return sum
          - log2(Double(prefix[token + 1] - prefix[token]) / Double(prefix[prefix.count - 1]))
      }
      #expect(abs(bits / text.quantisedBits - 1) < 0.01, "\(name): \(bits)")
      #expect(abs(bits / text.floatBits - 1) < 0.01, "\(name): \(bits)")
    }
  }
}
