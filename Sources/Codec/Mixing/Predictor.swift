/// Turns the language model's probability into the one that is coded.
///
/// A predictor sees the lanes of every block, every decision with its answer and every byte, in the
/// order of coding, on both sides alike. It must not look at anything else.
public protocol Predictor: SendableMetatype {
  /// Starts a block of tokens whose lanes have these sizes in bytes.
  mutating func beginTokens(_ lanes: [Int])

  /// What follows belongs to this lane; between tokens only.
  mutating func select(lane: Int)

  /// A token begins.
  mutating func beginToken()

  /// The probability of yes to code `decision` with, 1...65535.
  mutating func probability(_ decision: Decision) -> UInt32

  /// The answer to the decision last asked about.
  mutating func update(_ answer: Bool)

  /// A byte is complete, whether it took decisions or not.
  mutating func append(_ byte: UInt8)

  /// See `DecisionCoder`.
  mutating func offeredRun() -> [UInt8]

  /// The offered run has come.
  mutating func append(run: [UInt8])

  /// See `DecisionCoder`.
  var namesLine: Bool { get }
  func number(ofLineIn content: ArraySlice<UInt8>) -> Int?
  mutating func appendLine(_ number: Int) -> [UInt8]?

  /// A whole block that was not coded.
  mutating func note(stored content: [UInt8])
}

extension Predictor {
  public mutating func offeredRun() -> [UInt8] { [] }
  public mutating func append(run: [UInt8]) {}
  public var namesLine: Bool { false }
  public func number(ofLineIn content: ArraySlice<UInt8>) -> Int? { nil }
  public mutating func appendLine(_ number: Int) -> [UInt8]? { nil }
}

/// The language model alone: file size measures the model and nothing else.
public struct LanguageModelOnly: Predictor {
  public init() {}

  @inline(__always)
  public mutating func beginTokens(_ lanes: [Int]) {}

  @inline(__always)
  public mutating func select(lane: Int) {}

  @inline(__always)
  public mutating func beginToken() {}

  @inline(__always)
  public mutating func probability(_ decision: Decision) -> UInt32 { UInt32(decision.probability) }

  @inline(__always)
  public mutating func update(_ answer: Bool) {}

  @inline(__always)
  public mutating func append(_ byte: UInt8) {}

  public mutating func note(stored content: [UInt8]) {}
}

/// A coder that takes its probabilities from a predictor and tells it everything.
public protocol PredictingCoder: DecisionCoder {
  associatedtype P: Predictor
  var predictor: P { get set }
}

extension PredictingCoder {
  @inline(__always)
  public mutating func beginToken() { predictor.beginToken() }

  @inline(__always)
  public mutating func append(_ byte: UInt8) { predictor.append(byte) }

  public mutating func offeredRun() -> [UInt8] { predictor.offeredRun() }

  public mutating func append(run: [UInt8]) { predictor.append(run: run) }

  @inline(__always)
  public var namesLine: Bool { predictor.namesLine }

  public func number(ofLineIn content: ArraySlice<UInt8>) -> Int? {
    predictor.number(ofLineIn: content)
  }

  public mutating func appendLine(_ number: Int) -> [UInt8]? { predictor.appendLine(number) }
}

/// Writes decisions with a predictor.
public struct PredictingEncoder<P: Predictor>: PredictingCoder {
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
public struct PredictingDecoder<P: Predictor>: PredictingCoder {
  public var predictor: P
  private var decoder = RangeDecoder([])

  public init(_ predictor: P) { self.predictor = predictor }

  /// Starts on the coded bytes of a block; the predictor is told of the block besides.
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
