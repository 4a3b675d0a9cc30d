/// One yes/no question on the way to a token, with the language model's answer.
public struct Decision: Sendable {
  /// What is asked: the `bit`-th bit of the next byte (0 is the most significant), or `endOfToken`:
  /// whether the token ends before the next byte.
  public let kind: UInt8
  /// The language model's probability of yes, 1...65535.
  public let probability: UInt16

  public static let endOfToken: UInt8 = 8

  @inline(__always)
  init(kind: UInt8, probability: UInt16) {
    self.kind = kind
    self.probability = probability
  }
}

/// Takes decisions one by one: an encoder that is told the answers, or a decoder that finds them.
public protocol DecisionCoder {
  /// - Parameter answer: what an encoder is to write; a decoder takes no notice of it.
  /// - Returns: the answer that was written or read.
  mutating func code(_ decision: Decision, answer: Bool) -> Bool
}

/// Keeps decisions and their answers, to be coded later and elsewhere.
public struct DecisionRecord: DecisionCoder, Sendable {
  private var entries: [UInt32] = []

  public init() {}

  public var count: Int { entries.count }

  @inline(__always)
  public mutating func code(_ decision: Decision, answer: Bool) -> Bool {
    entries.append(
      UInt32(decision.probability) | UInt32(decision.kind) << 16 | (answer ? 1 << 24 : 0))
    return answer
  }

  public subscript(i: Int) -> (decision: Decision, answer: Bool) {
    let entry = entries[i]
    return (
      Decision(
        kind: UInt8(truncatingIfNeeded: entry >> 16),
        probability: UInt16(truncatingIfNeeded: entry)),
      entry >> 24 != 0
    )
  }

  public mutating func removeAll() { entries.removeAll(keepingCapacity: true) }
}
