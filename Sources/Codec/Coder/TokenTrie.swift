import Kernels

/// Codes a token as a path through the trie of all tokens' bytes: byte by byte, most significant bit
/// first, and before each byte but the first, whether the token ends here.
///
/// Tokens are sorted by their bytes, so all tokens that share a prefix are one range of ids, every
/// decision splits a range in two, and its probability is a ratio of two sums of weights. Decisions
/// with only one possible side cost nothing and are not coded.
public struct TokenTrie: Sendable {
  private let starts: [Int32]
  private let bytes: [UInt8]
  /// First token whose first byte is at least b, for b in 0...256.
  private let firstByte: [Int32]

  /// - Parameters: token i is bytes[starts[i]..<starts[i + 1]]; tokens are distinct and sorted.
  public init(starts: [Int32], bytes: [UInt8]) {
    self.starts = starts
    self.bytes = bytes
    var firstByte = [Int32](repeating: Int32(starts.count - 1), count: 257)
    for token in (0..<starts.count - 1).reversed() {
      firstByte[Int(bytes[Int(starts[token])])] = Int32(token)
    }
    for b in (0..<256).reversed() { firstByte[b] = min(firstByte[b], firstByte[b + 1]) }
    self.firstByte = firstByte
  }

  public var count: Int { starts.count - 1 }

  @inline(__always)
  func length(_ token: Int) -> Int { Int(starts[token + 1] - starts[token]) }

  /// Walks to a token.
  ///
  /// - Parameters:
  ///   - prefix: `prefix[i]` is the sum of the weights of tokens before i; every weight is positive
  ///     and the total below 2^46.
  ///   - expected: tokens that n-grams expect, too.
  ///   - token: the token to encode; nil for a decoder.
  /// - Returns: the token that was coded.
  public func code(
    token: Int?, prefix: Span<UInt64>, expected: ExpectedTokens? = nil,
    with coder: inout some DecisionCoder
  ) -> Int {
    var low = 0
    var high = count
    var depth = 0
    coder.beginToken()
    while high - low > 1 {
      if depth > 0 && length(low) == depth {
        let ends = decide(
          Decision.endOfToken, partial: 1, low, low + 1, high, yesIsLow: true, token: token, prefix,
          expected, &coder)
        if ends { return low }
        low += 1
        if high - low == 1 { break }
      }
      codeByte(depth, &low, &high, token: token, prefix, expected, &coder)
      coder.append(bytes[Int(starts[low]) + depth])
      depth += 1
    }
    while depth < length(low) {
      coder.append(bytes[Int(starts[low]) + depth])
      depth += 1
    }
    return low
  }

  /// Narrows low..<high to the tokens with one value of the byte at `depth`.
  @inline(__always)
  private func codeByte(
    _ depth: Int, _ low: inout Int, _ high: inout Int, token: Int?, _ prefix: Span<UInt64>,
    _ expected: ExpectedTokens?, _ coder: inout some DecisionCoder
  ) {
    var base = 0
    for bit in 0..<8 {
      let threshold = base + (128 >> bit)
      let middle = split(low, high, depth: depth, at: threshold)
      if middle == low {
        base = threshold
      } else if middle < high {
        let isOne = decide(
          UInt8(bit), partial: UInt8((base | 256) >> (8 - bit)), low, middle, high, yesIsLow: false,
          token: token, prefix, expected, &coder)
        if isOne {
          low = middle
          base = threshold
        } else {
          high = middle
        }
      }
    }
  }

  /// Codes whether the token lies in low..<middle or in middle..<high.
  @inline(__always)
  private func decide(
    _ kind: UInt8, partial: UInt8, _ low: Int, _ middle: Int, _ high: Int, yesIsLow: Bool,
    token: Int?, _ prefix: Span<UInt64>, _ expected: ExpectedTokens?,
    _ coder: inout some DecisionCoder
  ) -> Bool {
    let total = prefix[high] - prefix[low]
    let lower = prefix[middle] - prefix[low]
    let yes = yesIsLow ? lower : total - lower
    let ratio = (yes << probabilityBits) / total
    let probability = UInt16(truncatingIfNeeded: min(max(ratio, 1), 65535))
    let answer = token.map { ($0 < middle) == yesIsLow } ?? false
    guard let (upper, ngrams, trust) = expected?.split(low, middle, high, prefix) else {
      return coder.code(
        Decision(kind: kind, partial: partial, probability: probability), answer: answer)
    }
    return coder.code(
      Decision(
        kind: kind, partial: partial, probability: probability,
        expectation: yesIsLow ? 0 &- upper : upper, trust: trust,
        ngrams: yesIsLow ? 0 &- ngrams : ngrams), answer: answer)
  }

  /// The first token in low..<high whose byte at `depth` is at least `threshold`.
  @inline(__always)
  private func split(_ low: Int, _ high: Int, depth: Int, at threshold: Int) -> Int {
    if depth == 0 { return min(max(Int(firstByte[threshold]), low), high) }
    var low = low
    var high = high
    while low < high {
      let middle = (low + high) / 2
      if Int(bytes[Int(starts[middle]) + depth]) < threshold {
        low = middle + 1
      } else {
        high = middle
      }
    }
    return low
  }
}
