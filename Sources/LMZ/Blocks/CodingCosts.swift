import Codec
import Foundation
import LM

/// What a coder pays for each byte and each token of a content, in bits.
///
/// The bits are −log₂ of the probabilities that the coder codes with; their sum is the size of the archive
/// but for its headers; where `Compressor` finds that less does without one of the models, it may be smaller.
package struct CodingCosts: Sendable {
  package struct Token: Sendable {
    /// Where it lies in the content.
    package let bytes: Range<Int>
    /// What coding it costs.
    package let bits: Double
    /// What it would cost by the language model alone.
    package let modelBits: Double
  }

  /// Bits of each byte; the end of a token counts to its last byte.
  package let bits: [Double]
  /// The tokens of the content; without a language model, its bytes.
  package let tokens: [Token]

  /// Codes a content of one block in one lane, as `Compressor` does, and writes nothing.
  ///
  /// - Parameters:
  ///   - content: at most `FrameFormat.maximumBlock` bytes.
  ///   - model: nil only where the method does without.
  package init(of content: [UInt8], model: NamedModel?, options: Options) throws {
    precondition(content.count <= FrameFormat.maximumBlock)
    var options = options
    options.lanes = 1
    let model = options.method == .withoutLanguageModel ? nil : model
    if options.method == .languageModelOnly, let model {
      self.init(try Self.meter(content, LanguageModelOnly(), model, options))
      return
    }
    var mixing = try options.mixingPredictor(
      options.mixing(model), options.memory, firstBlock: content.count, priming: model?.priming)
    if model == nil {
      mixing.beginBytes(content.count, ContentKind.structure(of: content))
    }
    self.init(try Self.meter(content, mixing, model, options))
  }

  private static func meter<P: Predictor>(
    _ content: [UInt8], _ predictor: P, _ model: NamedModel?, _ options: Options
  ) throws -> CostMeter<P> {
    let shared = SharedEncoder(CostMeter(predictor))
    if let model, !content.isEmpty {
      let encoder = TextEncoder(model, options: options, kind: .text, shared)
      _ = try encoder.encode(content, progress: { _ in })
    } else {
      _ = codeBytes(content, count: content.count, with: &shared.coder, progress: { _ in })
    }
    shared.coder.predictor.endToken()
    return shared.coder.predictor
  }

  private init<P>(_ meter: CostMeter<P>) {
    let bits = meter.bits
    self.bits = bits
    guard !meter.tokenStarts.isEmpty else {
      tokens = bits.enumerated().map { Token(bytes: $0..<($0 + 1), bits: $1, modelBits: 0) }
      return
    }
    let ends = meter.tokenStarts.dropFirst() + [bits.count]
    tokens = zip(zip(meter.tokenStarts, ends), meter.modelBits).map { range, modelBits in
      let bytes = range.0..<range.1
      return Token(bytes: bytes, bits: bits[bytes].reduce(0, +), modelBits: modelBits)
    }
  }
}

/// Adds up what the answers cost with the probabilities of another predictor.
private struct CostMeter<P: Predictor>: Predictor {
  private var base: P
  private(set) var bits: [Double] = []
  private(set) var tokenStarts: [Int] = []
  private(set) var modelBits: [Double] = []
  private var pending = 0.0
  private var asked: (coded: UInt32, model: UInt32) = (1, 1)

  init(_ base: P) { self.base = base }

  mutating func beginTokens(_ lanes: [Int]) { base.beginTokens(lanes) }
  mutating func select(lane: Int) { base.select(lane: lane) }
  mutating func note(stored content: [UInt8]) { base.note(stored: content) }
  mutating func offeredRun() -> [UInt8] { base.offeredRun() }

  mutating func beginToken() {
    base.beginToken()
    endToken()
    tokenStarts.append(bits.count)
    modelBits.append(0)
  }

  mutating func probability(_ decision: Decision) -> UInt32 {
    let coded = base.probability(decision)
    asked = (coded, UInt32(decision.probability))
    return coded
  }

  mutating func update(_ answer: Bool) {
    base.update(answer)
    pending += Self.cost(answer, asked.coded)
    if !modelBits.isEmpty { modelBits[modelBits.count - 1] += Self.cost(answer, asked.model) }
  }

  private static func cost(_ answer: Bool, _ probability: UInt32) -> Double {
    -log2(Double(answer ? probability : 65536 - probability) / 65536)
  }

  mutating func append(_ byte: UInt8) {
    base.append(byte)
    bits.append(pending)
    pending = 0
  }

  mutating func append(run: [UInt8]) {
    base.append(run: run)
    bits += run.map { _ in pending / Double(run.count) }
    pending = 0
  }

  /// What was paid since the last byte was for the end of its token.
  mutating func endToken() {
    if !bits.isEmpty { bits[bits.count - 1] += pending }
    pending = 0
  }
}
