extension DeflateRecord {
  /// Writes blocks again.
  ///
  /// - Parameters:
  ///   - content: what they stand for.
  ///   - stream: up to them; goes on behind them.
  ///   - output: what was before them.
  /// - Returns: the same with the blocks; nil where the record makes no sense.
  func restored(
    _ content: ArraySlice<UInt8>, _ stream: inout DeflateStream, _ output: BitOutput
  ) -> BitOutput? {
    var output = output
    var corrections = corrections[...]
    var gap = corrections.first?.gap ?? .max
    let isWhole = stream.follow(blocks.map(\.block), content) { predicted, predictor, window in
      guard gap == 0, let correction = corrections.popFirst() else {
        gap -= 1
        return predicted
      }
      gap = corrections.first?.gap ?? .max
      return correction.token(&predictor, in: window)
    } endOfBlock: { index, tokens, content in
      let record = blocks[index]
      output.append(record.block.isFinal ? 1 : 0, 1)
      output.append(record.block.kind.rawValue, 2)
      switch record.block.kind {
      case .stored:
        guard content.count < 1 << 16 else { return false }
        output.align()
        output.append(content.count, 16)
        output.append(~content.count & 0xFFFF, 16)
        output.append(bytes: content)
        return true
      case .fixed:
        return output.append(
          tokens, DeflateHeader(literals: .fixedLiterals, distances: .fixedDistances))
      case .dynamic:
        guard let bits = record.header else {
          let (header, bits) = DeflateHeader.zlib(for: tokens)
          output.append(bits.all)
          return output.append(tokens, header)
        }
        output.append((bits.bytes, bits.count))
        guard let header = DeflateHeader(bits) else { return false }
        return output.append(tokens, header)
      }
    }
    return isWhole && corrections.isEmpty ? output : nil
  }
}

extension DeflateRecord.Correction {
  /// - Returns: nil where there is no such match.
  fileprivate func token(_ predictor: inout TokenPredictor, in window: UnsafeBufferPointer<UInt8>)
    -> DeflateToken?
  {
    switch kind {
    case .literal: DeflateToken(literal: window[predictor.position])
    case .match(let length, let distance): DeflateToken(length: length, distance: distance)
    case .nearest(let length):
      predictor.leastDistance(of: length, in: window).map {
        DeflateToken(length: length, distance: $0)
      }
    }
  }
}

extension DeflateHeader {
  /// Reads a header that stands by itself; nil where it is none, or shorter.
  fileprivate init?(_ bits: DeflateRecord.Header) {
    let padded = bits.bytes + [UInt8](repeating: 0, count: BitInput.padding)
    let header: DeflateHeader? = padded.withUnsafeBufferPointer { padded in
      var input = BitInput(padded, at: 0)
      guard let header = try? DeflateHeader(&input), input.position == bits.count else {
        return nil
      }
      return header
    }
    guard let header else { return nil }
    self = header
  }
}

extension BitOutput {
  fileprivate mutating func append(_ bits: (bytes: [UInt8], count: Int)) {
    for (i, byte) in bits.bytes.enumerated() {
      let size = min(8, bits.count - 8 * i)
      append(Int(byte) & (1 << size - 1), size)
    }
  }

  /// - Returns: whether all have codes.
  mutating func append(_ tokens: [DeflateToken], _ codes: DeflateHeader) -> Bool {
    for token in tokens {
      guard token.isMatch else {
        guard append(symbol: Int(token.literal), codes.literals) else { return false }
        continue
      }
      let index = DeflateCode.lengthIndex(token.length)
      let length = DeflateCode.lengths[index]
      let farIndex = DeflateCode.distanceIndex(token.distance)
      let distance = DeflateCode.distanceSymbols[farIndex]
      guard append(symbol: DeflateCode.endOfBlock + 1 + index, codes.literals) else { return false }
      append(token.length - length.base, length.extra)
      guard append(symbol: farIndex, codes.distances) else { return false }
      append(token.distance - distance.base, distance.extra)
    }
    return append(symbol: DeflateCode.endOfBlock, codes.literals)
  }

  @inline(__always)
  private mutating func append(symbol: Int, _ code: HuffmanCode) -> Bool {
    guard symbol < code.lengths.count, code.lengths[symbol] > 0 else { return false }
    append(Int(code.codes[symbol]), Int(code.lengths[symbol]))
    return true
  }
}
