/// One yes/no question on the way to a token, with the language model's answer.
public struct Decision: Sendable {
  /// What is asked: the `bit`-th bit of the next byte (0 is the most significant); `endOfToken`: whether
  /// the token ends before the next byte; `run`, `named` or `numberBit`.
  public let kind: UInt8
  /// The bits of the byte that are known already, behind a 1; 1 for `endOfToken`.
  public let partial: UInt8
  /// The language model's probability of yes, 1...65535; or `unknown`.
  public let probability: UInt16
  /// That of the language model and n-grams together; the same where these have nothing to say.
  public let expectation: UInt16
  /// How much of `expectation` comes from n-grams: 0 for nothing, at most 7.
  public let trust: UInt8
  /// What n-grams alone expect, 1...65535; 0 where they have nothing to say.
  public let ngrams: UInt16

  public static let endOfToken: UInt8 = 8
  /// Whether the next bytes are all those of the run that the coder offers.
  public static let run: UInt8 = 9
  /// Whether the line goes on as one that has a number, and the next bit of that number, the highest first.
  public static let named: UInt8 = 10
  public static let numberBit: UInt8 = 11
  /// The probability of a decision that the language model was not asked about.
  public static let unknown: UInt16 = 0

  @inline(__always)
  init(
    kind: UInt8, partial: UInt8, probability: UInt16, expectation: UInt16? = nil, trust: UInt8 = 0,
    ngrams: UInt16 = 0
  ) {
    self.kind = kind
    self.partial = partial
    self.probability = probability
    self.expectation = expectation ?? probability
    self.trust = trust
    self.ngrams = ngrams
  }
}

/// Takes decisions one by one: an encoder that is told the answers, or a decoder that finds them.
public protocol DecisionCoder {
  /// - Parameter answer: what an encoder is to write; a decoder takes no notice of it.
  /// - Returns: the answer that was written or read.
  mutating func code(_ decision: Decision, answer: Bool) -> Bool

  /// Told before the first decision of a token.
  mutating func beginToken()

  /// Told every byte once it is complete, whether it took decisions or not.
  mutating func append(_ byte: UInt8)

  /// Bytes that are likely to come next, all of them, so that one decision may stand for them; empty
  /// where there is no such run.
  mutating func offeredRun() -> [UInt8]

  /// The offered run has come.
  mutating func append(run: [UInt8])

  /// Whether a line may be named by its number here.
  var namesLine: Bool { get }

  /// The number of the line that `content` begins with; nil where it has none.
  func number(ofLineIn content: ArraySlice<UInt8>) -> Int?

  /// The line of a number has come. Returns its bytes; nil where there is none.
  mutating func appendLine(_ number: Int) -> [UInt8]?

  /// Whether a decoder has read more than there is: its input is damaged.
  var isExhausted: Bool { get }
}

extension DecisionCoder {
  public mutating func beginToken() {}
  public mutating func offeredRun() -> [UInt8] { [] }
  public mutating func append(run: [UInt8]) {}
  public var namesLine: Bool { false }
  public func number(ofLineIn content: ArraySlice<UInt8>) -> Int? { nil }
  public mutating func appendLine(_ number: Int) -> [UInt8]? { nil }
  public var isExhausted: Bool { false }
}

/// Keeps decisions with their answers, with the tokens and bytes between them, to be coded later and elsewhere.
public struct DecisionRecord: DecisionCoder, Sendable {
  /// The entries as numbers, for keeping them in a file.
  public var packed: [UInt64] {
    get { entries }
    set { entries = newValue }
  }

  // probability: 16 bits, kind: 4, answer: 1, partial or byte: 8, trust: 3, expectation: 16, ngrams: 16.
  private var entries: [UInt64] = []
  private static let byteKind: UInt64 = 15
  private static let tokenKind: UInt64 = 14

  public init() {}

  public var count: Int { entries.count }

  @inline(__always)
  public mutating func code(_ decision: Decision, answer: Bool) -> Bool {
    entries.append(
      UInt64(decision.probability) | UInt64(decision.kind) << 16 | (answer ? 1 << 20 : 0)
        | UInt64(decision.partial) << 21 | UInt64(decision.trust) << 29
        | UInt64(decision.expectation) << 32 | UInt64(decision.ngrams) << 48)
    return answer
  }

  @inline(__always)
  public mutating func beginToken() { entries.append(Self.tokenKind << 16) }

  @inline(__always)
  public mutating func append(_ byte: UInt8) {
    entries.append(Self.byteKind << 16 | UInt64(byte) << 21)
  }

  /// Gives entry `i` to a coder.
  @inline(__always)
  public func replay(_ i: Int, to coder: inout some DecisionCoder) {
    let entry = entries[i]
    let kind = entry >> 16 & 15
    let byte = UInt8(truncatingIfNeeded: entry >> 21)
    if kind == Self.byteKind {
      coder.append(byte)
    } else if kind == Self.tokenKind {
      coder.beginToken()
    } else {
      let decision = Decision(
        kind: UInt8(kind), partial: byte, probability: UInt16(truncatingIfNeeded: entry),
        expectation: UInt16(truncatingIfNeeded: entry >> 32), trust: UInt8(entry >> 29 & 7),
        ngrams: UInt16(truncatingIfNeeded: entry >> 48))
      _ = coder.code(decision, answer: entry >> 20 & 1 == 1)
    }
  }

  public mutating func removeAll() { entries.removeAll(keepingCapacity: true) }
}
