import Codec

/// What the language model says of a content, kept to try out ways of mixing without running the model
/// each time.
package struct RecordedDecisions {
  package var record = DecisionRecord()

  package init(packed: [UInt64]) { record.packed = packed }

  /// Runs the model over one block's content in one lane.
  package init(of content: [UInt8], model: NamedModel, options: Options) throws {
    var options = options
    options.lanes = 1
    let shared = SharedEncoder(Recorder())
    let encoder = TextEncoder(model, options: options, kind: .text, shared)
    _ = try encoder.encode(content, progress: { _ in })
    record = shared.coder.predictor.record
  }

  private struct Recorder: Predictor {
    var record = DecisionRecord()
    var last: Decision?

    mutating func beginTokens(_ lanes: [Int]) {}
    mutating func select(lane: Int) {}
    mutating func note(stored content: [UInt8]) {}
    mutating func probability(_ decision: Decision) -> UInt32 {
      last = decision
      return UInt32(decision.probability)
    }
    mutating func update(_ answer: Bool) {
      if let last { _ = record.code(last, answer: answer) }
    }
    mutating func beginToken() { record.beginToken() }
    mutating func append(_ byte: UInt8) { record.append(byte) }
  }
}
