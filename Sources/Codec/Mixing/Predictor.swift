/// Turns the language model's probability into the one that is coded.
///
/// This is where byte-level context models and mixing join: a predictor sees every decision with its
/// answer and every byte, in the order of coding, on both sides alike. It must not look at anything
/// else.
public protocol Predictor: SendableMetatype {
  /// The probability of yes to code `decision` with, 1...65535.
  mutating func probability(_ decision: Decision) -> UInt32

  /// The answer to the decision last asked about.
  mutating func update(_ answer: Bool)

  /// The bytes of a token that has been coded, those that cost no decision included.
  mutating func append(_ bytes: ArraySlice<UInt8>)
}

/// The language model alone: file size measures the model and nothing else.
public struct LanguageModelOnly: Predictor {
  public init() {}

  @inline(__always)
  public mutating func probability(_ decision: Decision) -> UInt32 { UInt32(decision.probability) }

  @inline(__always)
  public mutating func update(_ answer: Bool) {}

  @inline(__always)
  public mutating func append(_ bytes: ArraySlice<UInt8>) {}
}

/// Writes decisions with a predictor.
public struct PredictingEncoder<P: Predictor>: DecisionCoder {
  public var predictor: P
  private var encoder = RangeEncoder()

  public init(_ predictor: P) { self.predictor = predictor }

  @inline(__always)
  public mutating func code(_ decision: Decision, answer: Bool) -> Bool {
    encoder.encode(answer, probability: predictor.probability(decision))
    predictor.update(answer)
    return answer
  }

  /// The coded bytes; the next block begins afresh, with the predictor as it is.
  public mutating func finishBlock() -> [UInt8] {
    defer { encoder = RangeEncoder() }
    return encoder.finish()
  }
}

/// Reads decisions with a predictor.
public struct PredictingDecoder<P: Predictor>: DecisionCoder {
  public var predictor: P
  private var decoder = RangeDecoder([])

  public init(_ predictor: P) { self.predictor = predictor }

  /// Starts on the coded bytes of a block.
  public mutating func beginBlock(_ bytes: ArraySlice<UInt8>) { decoder = RangeDecoder(bytes) }

  /// Whether the block is damaged: more was read than it holds.
  public var isExhausted: Bool { decoder.isExhausted }

  @inline(__always)
  public mutating func code(_ decision: Decision, answer: Bool) -> Bool {
    let answer = decoder.decode(probability: predictor.probability(decision))
    predictor.update(answer)
    return answer
  }
}
