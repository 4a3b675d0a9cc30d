/// The codes of a block of DEFLATE that brings its own (RFC 1951, 3.2.7).
struct DeflateHeader {
  let literals: HuffmanCode
  let distances: HuffmanCode

  /// As zlib chooses codes for what a block has.
  ///
  /// - Parameters:
  ///   - literals: how often literals, the end of the block and lengths occur.
  ///   - distances: how often distances do.
  /// - Returns: the codes, and their lengths as they stand in the block.
  static func zlib(literals: [Int], distances: [Int]) -> (header: DeflateHeader, bits: BitOutput) {
    let literals = HuffmanLengths(literals, longest: DeflateCode.longestCode)
    let distances = HuffmanLengths(distances, longest: DeflateCode.longestCode)
    let runs = [literals, distances].flatMap { Run.all(of: $0.lengths[...$0.last]) }
    var counts = [Int](repeating: 0, count: DeflateCode.lengthOrder.count)
    for run in runs { counts[run.symbol] += 1 }
    let code = HuffmanCode(
      HuffmanLengths(counts, longest: DeflateCode.longestLengthCode).lengths)
    let order = DeflateCode.lengthOrder
    let last = max(3, order.lastIndex { code.lengths[$0] > 0 } ?? 0)
    var bits = BitOutput()
    bits.append(literals.last - DeflateCode.endOfBlock, 5)
    bits.append(distances.last, 5)
    bits.append(last - 3, 4)
    for symbol in order[...last] { bits.append(Int(code.lengths[symbol]), 3) }
    for run in runs {
      bits.append(Int(code.codes[run.symbol]), Int(code.lengths[run.symbol]))
      if let extra = Run.extra[run.symbol] { bits.append(run.length - extra.base, extra.extra) }
    }
    let header = DeflateHeader(
      literals: HuffmanCode(literals.lengths), distances: HuffmanCode(distances.lengths))
    return (header, bits)
  }

  init(literals: HuffmanCode, distances: HuffmanCode) {
    self.literals = literals
    self.distances = distances
  }

  /// Reads the lengths of the codes; nil where they make no sense.
  init?(_ input: inout BitInput) throws(BitInput.Exhausted) {
    let literalCount = try input.number(5) + DeflateCode.endOfBlock + 1
    let distanceCount = try input.number(5) + 1
    let lengthCount = try input.number(4) + 4
    guard literalCount <= DeflateCode.literalsAndLengths, distanceCount <= DeflateCode.distances
    else { return nil }
    var codeLengths = [UInt8](repeating: 0, count: DeflateCode.lengthOrder.count)
    for symbol in DeflateCode.lengthOrder[..<lengthCount] {
      codeLengths[symbol] = UInt8(try input.number(3))
    }
    guard let table = HuffmanCode(codeLengths).table() else { return nil }
    var lengths: [UInt8] = []
    while lengths.count < literalCount + distanceCount {
      let entry = table[Int(input.next() & UInt64(table.count - 1))]
      guard entry > 0 else { return nil }
      try input.skip(Int(entry & 15))
      let symbol = Int(entry >> 4)
      guard let extra = Run.extra[symbol] else {
        lengths.append(UInt8(symbol))
        continue
      }
      guard let length = symbol == Run.again ? lengths.last : 0 else { return nil }
      let count = extra.base + (try input.number(extra.extra))
      lengths += [UInt8](repeating: length, count: count)
    }
    guard lengths.count == literalCount + distanceCount, lengths[DeflateCode.endOfBlock] > 0
    else { return nil }
    literals = HuffmanCode(Array(lengths[..<literalCount]))
    distances = HuffmanCode(Array(lengths[literalCount...]))
  }

  /// Equal lengths one behind the other, as one symbol of the code for them.
  private struct Run {
    let symbol: Int
    let length: Int

    /// The length before, again.
    static let again = 16
    private static let fewZeros = 17
    private static let zeros = 18
    static let extra: [Int: DeflateCode.Symbol] = [
      again: .init(base: 3, extra: 2), fewZeros: .init(base: 3, extra: 3),
      zeros: .init(base: 11, extra: 7),
    ]

    /// As zlib divides lengths into runs: as long as they can be.
    static func all(of lengths: ArraySlice<UInt8>) -> [Run] {
      var runs: [Run] = []
      var before: UInt8?
      var i = lengths.startIndex
      while i < lengths.endIndex {
        let length = lengths[i]
        let longest = length == 0 ? 138 : length == before ? 6 : 7
        let end = lengths[i...].prefix(longest).firstIndex { $0 != length }
        var count = (end ?? min(i + longest, lengths.endIndex)) - i
        i += count
        let shortest = length == 0 || length == before ? 3 : 4
        if count < shortest {
          runs += (0..<count).map { _ in Run(symbol: Int(length), length: 1) }
        } else if length == 0 {
          runs.append(Run(symbol: count <= 10 ? fewZeros : zeros, length: count))
        } else {
          if length != before {
            runs.append(Run(symbol: Int(length), length: 1))
            count -= 1
          }
          runs.append(Run(symbol: again, length: count))
        }
        before = length
      }
      return runs
    }
  }
}
