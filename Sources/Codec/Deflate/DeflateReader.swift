/// What one block of a deflated stream holds.
struct DeflateBlock: Equatable {
  enum Kind: Int {
    case stored = 0
    case fixed = 1
    case dynamic = 2
  }

  var kind: Kind
  /// Whether it is the last of its stream.
  var isFinal: Bool
  /// Bytes that it stands for.
  var size: Int
}

/// Reads deflated streams block by block (RFC 1951).
struct DeflateReader {
  enum Failure: Error {
    /// The block goes on behind what is there.
    case exhausted
    /// It stands for more than may be.
    case full
    /// It is no block, or one that could not be made again.
    case malformed
  }

  private var input: BitInput
  /// What the blocks stand for, behind what was there before them.
  private(set) var content: [UInt8]
  /// The tokens of the last block; none where it was stored.
  private(set) var tokens: [DeflateToken] = []
  /// Where the header of the last block, if that brought codes, lies in the input, in bits.
  private(set) var header = 0..<0

  var position: Int { input.position }

  /// - Parameters:
  ///   - input: with `BitInput.padding` more bytes.
  ///   - position: where the first block begins, in bits.
  ///   - past: what the stream stood for before.
  init(_ input: UnsafeBufferPointer<UInt8>, at position: Int, after past: [UInt8] = []) {
    self.input = BitInput(input, at: position)
    content = past
  }

  /// - Parameter most: bytes that the block may stand for.
  mutating func readBlock(atMost most: Int) throws(Failure) -> DeflateBlock {
    do {
      return try read(atMost: most)
    } catch let failure as Failure {
      throw failure
    } catch {
      throw .exhausted
    }
  }

  private mutating func read(atMost most: Int) throws -> DeflateBlock {
    let isFinal = try input.number(1) == 1
    guard let kind = DeflateBlock.Kind(rawValue: try input.number(2)) else {
      throw Failure.malformed
    }
    let start = content.count
    tokens.removeAll(keepingCapacity: true)
    header = 0..<0
    switch kind {
    case .stored: try copy(atMost: most)
    case .fixed:
      try inflate(Self.fixedLiterals, Self.fixedDistances, end: start + most)
    case .dynamic:
      let begin = input.position
      guard let codes = try DeflateHeader(&input), let literals = codes.literals.table() else {
        throw Failure.malformed
      }
      header = begin..<input.position
      // There may be no distances.
      try inflate(literals, codes.distances.table() ?? [0], end: start + most)
    }
    return DeflateBlock(kind: kind, isFinal: isFinal, size: content.count - start)
  }

  private static let fixedLiterals = HuffmanCode.fixedLiterals.table()!
  private static let fixedDistances = HuffmanCode.fixedDistances.table()!

  private mutating func copy(atMost most: Int) throws {
    // Other bits to fill the byte could not be written again.
    guard try input.number(-input.position & 7) == 0 else { throw Failure.malformed }
    let size = try input.number(16)
    guard try input.number(16) == ~size & 0xFFFF else { throw Failure.malformed }
    guard size <= most else { throw Failure.full }
    content.reserveCapacity(content.count + size)
    for _ in 0..<size { content.append(UInt8(try input.number(8))) }
  }

  private mutating func inflate(_ literals: [UInt16], _ distances: [UInt16], end: Int) throws {
    var input = self.input
    defer { self.input = input }
    while true {
      let entry = literals[Int(input.next() & UInt64(literals.count - 1))]
      guard entry > 0 else { throw Failure.malformed }
      try input.skip(Int(entry & 15))
      let symbol = Int(entry >> 4)
      if symbol < DeflateCode.endOfBlock {
        guard content.count < end else { throw Failure.full }
        content.append(UInt8(symbol))
        tokens.append(DeflateToken(literal: UInt8(symbol)))
        continue
      }
      if symbol == DeflateCode.endOfBlock { return }
      guard symbol < DeflateCode.literalsAndLengths else { throw Failure.malformed }
      let base = DeflateCode.lengths[symbol - DeflateCode.endOfBlock - 1]
      let length = base.base + (try input.number(base.extra))
      // 258 has a symbol of its own.
      guard length <= 258, DeflateCode.lengthIndex(length) + DeflateCode.endOfBlock + 1 == symbol
      else { throw Failure.malformed }
      let second = distances[Int(input.next() & UInt64(distances.count - 1))]
      guard second > 0, second >> 4 < DeflateCode.distances else { throw Failure.malformed }
      try input.skip(Int(second & 15))
      let far = DeflateCode.distanceSymbols[Int(second >> 4)]
      let distance = far.base + (try input.number(far.extra))
      guard distance <= content.count else { throw Failure.malformed }
      guard content.count + length <= end else { throw Failure.full }
      for i in (content.count - distance)..<(content.count - distance + length) {
        content.append(content[i])
      }
      tokens.append(DeflateToken(length: length, distance: distance))
    }
  }
}
