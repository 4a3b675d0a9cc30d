import Foundation
import Kernels
import TestSupport
import Testing

@testable import LM

/// The model against its PyTorch twin: Tests/Golden/parity.safetensors holds a model of random weights
/// and the twin's logits, in floating point and with quantised weights.
@Suite struct ParityTests {
  let file: Safetensors
  let model: Model
  let tokens: [UInt16]

  init() throws {
    let bytes = try Golden.bytes("parity.safetensors")
    file = try Safetensors(bytes)
    model = try Model(file: bytes)
    let values: Buffer<UInt16> = try file.tensor("tokens", .u16, [96])
    tokens = values.array(0..<values.count)
  }

  func twin(_ name: String) throws -> [[Double]] {
    let (columns, values) = try file.floats(name)
    return stride(from: 0, to: values.count, by: columns).map {
      Array(values[$0..<($0 + columns)])
    }
  }

  /// Every logit within 1e-4 of the largest at its position.
  func expectAgreement(_ ours: [[Double]], _ twin: [[Double]]) {
    #expect(ours.count == twin.count)
    for (t, (a, b)) in zip(ours, twin).enumerated() {
      let largest = b.map(abs).max() ?? 0
      let error = zip(a, b).map { abs($0 - $1) }.max() ?? .infinity
      #expect(error <= 1e-4 * largest, "position \(t): \(error) of \(largest)")
    }
  }

  @Test func floatLogitsAreTheTwins() throws {
    let reference = ReferenceTransformer(floats: "float.", of: file, model.configuration)
    expectAgreement(try reference.logits(tokens), try twin("logits.float"))
  }

  @Test func quantisedWeightsGiveTheTwinsLogits() throws {
    let reference = ReferenceTransformer(quantised: file, model.configuration)
    expectAgreement(try reference.logits(tokens), try twin("logits.quantised"))
  }

  /// What the coder uses, with quantised activations, keys and values: the divergence from the twin's
  /// distribution is a small part of a percent of a bit.
  @Test func integerTransformerIsClose() throws {
    let prefixes = try TransformerTests.prefixes(model, [tokens], chunk: 16, set: .best)[0]
    var divergence = 0.0
    for (prefix, logits) in zip(prefixes, try twin("logits.quantised")) {
      let top = logits.max() ?? 0
      let total = logits.reduce(0) { $0 + exp($1 - top) }
      let ours = Double(prefix[prefix.count - 1])
      for (i, logit) in logits.enumerated() {
        let p = exp(logit - top) / total
        divergence += p * log2(p / (Double(prefix[i + 1] - prefix[i]) / ours))
      }
    }
    divergence /= Double(tokens.count)
    #expect(divergence > -1e-6 && divergence < 0.002, "\(divergence) bits a token")
  }
}
