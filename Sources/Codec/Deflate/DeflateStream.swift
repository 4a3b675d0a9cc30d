/// A deflated stream up to a block: what it stood for lately, and what zlib would write next.
struct DeflateStream {
  private(set) var predictor: TokenPredictor
  /// What the stream stood for, at least as much as matches can reach; ends where the next block begins.
  private(set) var past: [UInt8] = []

  init(_ parameters: DeflateParameters) { predictor = TokenPredictor(parameters) }

  var parameters: DeflateParameters { predictor.parameters }

  /// What may be tried and compared for the blocks of one item: many seconds.
  private static let mostWork = 1 << 33

  /// Goes over tokens of which only those are known that are not what zlib would have written.
  ///
  /// - Parameters:
  ///   - blocks: with what they stand for.
  ///   - token: given the predicted one and what predicted it, says which it is; nil to stop.
  ///   - endOfBlock: told the tokens of every block; none where it is stored.
  /// - Returns: whether the tokens make up the blocks.
  mutating func follow(
    _ blocks: [DeflateBlock], _ content: some Collection<UInt8>,
    token: (
      _ predicted: DeflateToken, _ predictor: inout TokenPredictor,
      _ window: UnsafeBufferPointer<UInt8>
    ) -> DeflateToken?,
    endOfBlock: (_ index: Int, _ tokens: [DeflateToken], _ content: UnsafeBufferPointer<UInt8>)
      -> Bool
  ) -> Bool {
    let window = 1 << parameters.windowBits
    let dropped = max(0, past.count / window - 1) * window
    predictor.drop(dropped)
    past.removeFirst(dropped)
    past += content
    let mostWork = predictor.work + Self.mostWork
    return past.withUnsafeBufferPointer { window in
      var tokens: [DeflateToken] = []
      for (i, block) in blocks.enumerated() {
        let start = predictor.position
        let end = start + block.size
        tokens.removeAll(keepingCapacity: true)
        if block.kind == .stored {
          predictor.skip(block.size, in: window)
        } else {
          while predictor.position < end {
            let place = predictor.position
            let predicted = predictor.next(in: window)
            guard let token = token(predicted, &predictor, window),
              place + token.length <= end, token.distance <= place, predictor.work <= mostWork
            else { return false }
            predictor.advance(token, in: window)
            tokens.append(token)
          }
        }
        guard endOfBlock(i, tokens, UnsafeBufferPointer(rebasing: window[start..<end])) else {
          return false
        }
      }
      return true
    }
  }
}

extension DeflateHeader {
  /// The codes that zlib would choose for a block.
  static func zlib(for tokens: [DeflateToken]) -> (header: DeflateHeader, bits: BitOutput) {
    var literals = [Int](repeating: 0, count: DeflateCode.literalsAndLengths)
    var distances = [Int](repeating: 0, count: DeflateCode.distances)
    literals[DeflateCode.endOfBlock] = 1
    for token in tokens {
      if token.isMatch {
        literals[DeflateCode.endOfBlock + 1 + DeflateCode.lengthIndex(token.length)] += 1
        distances[DeflateCode.distanceIndex(token.distance)] += 1
      } else {
        literals[Int(token.literal)] += 1
      }
    }
    return zlib(literals: literals, distances: distances)
  }
}
