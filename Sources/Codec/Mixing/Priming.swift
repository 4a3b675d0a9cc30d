/// Text of the kind that is to be coded, known to encoder and decoder beforehand: the context models learn
/// it before the first block, and matches find it. The counterpart of a dictionary in zstd.
public struct Priming: Sendable {
  /// Length of the text.
  public let bytes: Int
  private let tokens: [UInt16]
  private let trie: TokenTrie

  /// - Parameters:
  ///   - tokens: of the text.
  ///   - trie: of the vocabulary that blocks of tokens are coded with.
  public init(_ tokens: [UInt16], trie: TokenTrie) {
    self.tokens = tokens
    self.trie = trie
    bytes = tokens.reduce(0) { $0 + trie.length(Int($1)) }
  }

  /// Shows the predictor the text as a block of tokens of which the language model said nothing.
  func prime(_ predictor: inout MixingPredictor) {
    guard !tokens.isEmpty else { return }
    var listener = Listener(predictor: predictor)
    listener.predictor.beginTokens([bytes])
    listener.predictor.select(lane: 0)
    // Only the order of the sums matters where no probability is asked for.
    let prefix = (0...UInt64(trie.count)).map { $0 }
    for token in tokens {
      _ = trie.code(token: Int(token), prefix: prefix.span, with: &listener)
    }
    predictor = listener.predictor
  }

  /// Tells a predictor the bits of bytes. Where tokens end is what the language model knows best, so
  /// nothing is learned of it without one.
  private struct Listener: DecisionCoder {
    var predictor: MixingPredictor

    mutating func code(_ decision: Decision, answer: Bool) -> Bool {
      guard decision.kind != Decision.endOfToken else { return answer }
      _ = predictor.probability(
        Decision(kind: decision.kind, partial: decision.partial, probability: Decision.unknown))
      predictor.update(answer)
      return answer
    }

    mutating func beginToken() { predictor.beginToken() }
    mutating func append(_ byte: UInt8) { predictor.append(byte) }
  }
}
