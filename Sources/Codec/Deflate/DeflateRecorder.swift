/// Opens deflated streams, and keeps what it takes to make them again.
public struct DeflateRecorder {
  private var stream: DeflateStream?
  /// What a decoder has.
  private var check: DeflateStream?

  /// Parameters to try, the most usual first.
  private static let usual: [DeflateParameters] =
    [6, 9, 1, 5, 4, 7, 8, 2, 3].map { DeflateParameters(level: $0) }
    + [6, 9].map { DeflateParameters(level: $0, isFiltered: true) }
    + [6, 9, 1].map { DeflateParameters(level: $0, hash: .widerThree) }
    + [6, 9].map { DeflateParameters(level: $0, hash: .widerThree, isFiltered: true) }
    + [6, 7, 8, 9].map { DeflateParameters(level: $0, hash: .four) }
  private var latest = usual[0]

  public init() {}

  /// Opens a stream.
  ///
  /// - Parameters:
  ///   - input: with `padding` bytes more.
  ///   - start: where it begins, in bytes.
  ///   - windowBits: the logarithm of its window.
  ///   - most: bytes of content.
  /// - Returns: nil where there is none, or where too much of it is not as zlib would write it; without content where its first
  ///   block goes on behind the input, or is too large.
  public mutating func begin(
    _ input: UnsafeBufferPointer<UInt8>, at start: Int, windowBits: Int = 15, atMost most: Int
  ) -> OpenedStream? {
    leave()
    let blocks = Blocks(input, at: 8 * start, after: [], atMost: most)
    guard !blocks.all.isEmpty else {
      return blocks.ending == .malformed
        ? nil
        : OpenedStream(record: [], content: [], range: 8 * start..<8 * start, ending: blocks.ending)
    }
    guard let parameters = parameters(of: blocks, windowBits: max(9, windowBits)) else {
      return nil
    }
    latest = parameters
    stream = DeflateStream(parameters)
    check = DeflateStream(parameters)
    return record(blocks, input, from: 8 * start, parameters)
  }

  /// Goes on with the stream that was opened.
  ///
  /// - Parameter position: in bits, less than 8.
  /// - Returns: nil where there is none, or nothing more; then none is open any longer.
  public mutating func resume(
    _ input: UnsafeBufferPointer<UInt8>, at position: Int, atMost most: Int
  ) -> OpenedStream? {
    guard let stream else { return nil }
    let past = stream.past.suffix(1 << stream.parameters.windowBits)
    let blocks = Blocks(input, at: position, after: Array(past), atMost: most)
    guard !blocks.all.isEmpty else {
      leave()
      return nil
    }
    return record(blocks, input, from: position, nil)
  }

  /// Forgets the stream that was opened.
  public mutating func leave() {
    stream = nil
    check = nil
  }

  public static let padding = BitInput.padding

  private mutating func record(
    _ blocks: Blocks, _ input: UnsafeBufferPointer<UInt8>, from start: Int,
    _ parameters: DeflateParameters?
  ) -> OpenedStream? {
    var record = DeflateRecord(parameters: parameters)
    var tokens = blocks.tokens[...]
    var gap = 0
    let isWhole = stream?.follow(blocks.all, blocks.content) { predicted, predictor, window in
      let token = tokens.removeFirst()
      if token == predicted {
        gap += 1
      } else {
        let kind = Self.correction(to: token, &predictor, window)
        record.corrections.append(.init(gap: gap, kind: kind))
        gap = 0
      }
      return token
    } endOfBlock: { index, tokens, _ in
      var header: DeflateRecord.Header?
      if blocks.all[index].kind == .dynamic {
        let bits = BitOutput(copying: blocks.headers[index], of: input)
        let predicted = DeflateHeader.zlib(for: tokens).bits.all
        if predicted != bits.all { header = .init(bytes: bits.all.bytes, count: bits.all.count) }
      }
      record.blocks.append(.init(block: blocks.all[index], header: header))
      return true
    }
    guard isWhole ?? false, restores(record, blocks, input, from: start) else {
      leave()
      return nil
    }
    if blocks.ending == .final { leave() }
    return OpenedStream(
      record: record.bytes, content: blocks.content, range: start..<blocks.end,
      ending: blocks.ending)
  }

  private static func correction(
    to token: DeflateToken, _ predictor: inout TokenPredictor, _ window: UnsafeBufferPointer<UInt8>
  ) -> DeflateRecord.Correction.Kind {
    guard token.isMatch else { return .literal }
    let isNearest = predictor.leastDistance(of: token.length, in: window) == token.distance
    return isNearest
      ? .nearest(length: token.length) : .match(length: token.length, distance: token.distance)
  }

  /// Whether the blocks come out again.
  private mutating func restores(
    _ record: DeflateRecord, _ blocks: Blocks, _ input: UnsafeBufferPointer<UInt8>, from start: Int
  ) -> Bool {
    guard var check else { return false }
    var before = BitOutput()
    before.append(
      Int(start & 7 == 0 ? 0 : input[start / 8] & (1 << (start & 7) - 1)), start & 7)
    guard let restored = record.restored(blocks.content, &check, before) else {
      return false
    }
    self.check = check
    var (bytes, count) = restored.all
    // The last byte may have more bits in the input, unless it ends the stream.
    if blocks.ending != .final, count % 8 > 0 {
      bytes[bytes.count - 1] |= input[blocks.end / 8] & ~(1 << (count % 8) - 1)
    }
    count += start / 8 * 8
    return count == blocks.end && bytes.elementsEqual(input[(start / 8)..<((blocks.end + 7) / 8)])
  }

  /// The tokens from which parameters follow.
  private static let sample = 20_000

  /// The parameters with which corrections take the least bytes; nil where those would be as many as there are tokens.
  private func parameters(of blocks: Blocks, windowBits: Int) -> DeflateParameters? {
    let tokens = blocks.tokens.prefix(Self.sample)
    var best: (parameters: DeflateParameters?, cost: Int) = (
      nil, max(tokens.count, Self.leastSample)
    )
    for parameters in [latest] + Self.usual {
      var candidate = parameters
      candidate.windowBits = windowBits
      let cost = cost(of: tokens, in: blocks, candidate, atMost: best.cost)
      if cost < best.cost { best = (candidate, cost) }
      if cost == 0 { break }
    }
    return best.parameters
  }

  /// In a few tokens chance is not to count.
  private static let leastSample = 64

  /// About how many bytes corrections of tokens take; counted up to `most`.
  private func cost(
    of tokens: ArraySlice<DeflateToken>, in blocks: Blocks, _ parameters: DeflateParameters,
    atMost most: Int
  ) -> Int {
    var rest = tokens
    var cost = 0
    var stream = DeflateStream(parameters)
    _ = stream.follow(blocks.all, blocks.content) { predicted, predictor, window in
      guard cost < most, let token = rest.popFirst() else { return nil }
      if token != predicted { cost += Self.correction(to: token, &predictor, window).usualSize }
      return token
    } endOfBlock: { _, _, _ in
      true
    }
    return cost
  }

  /// Blocks of a stream as they were read.
  private struct Blocks {
    private(set) var all: [DeflateBlock] = []
    private(set) var tokens: [DeflateToken] = []
    /// Where the blocks have their codes, in bits.
    private(set) var headers: [Range<Int>] = []
    let content: ArraySlice<UInt8>
    private(set) var end: Int
    private(set) var ending = OpenedStream.Ending.malformed

    init(
      _ input: UnsafeBufferPointer<UInt8>, at start: Int, after past: [UInt8], atMost most: Int
    ) {
      var reader = DeflateReader(input, at: start, after: past)
      end = start
      var length = past.count
      do {
        repeat {
          let block = try reader.readBlock(atMost: most - (length - past.count))
          all.append(block)
          tokens += reader.tokens
          headers.append(reader.header)
          end = reader.position
          length += block.size
        } while !all[all.count - 1].isFinal
        ending = .final
      } catch {
        ending =
          switch error {
          case .exhausted: .exhausted
          case .full: .full
          case .malformed: .malformed
          }
      }
      content = reader.content[past.count..<length]
    }
  }
}
