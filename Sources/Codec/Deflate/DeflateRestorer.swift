/// Makes the content of blocks out of expansions, in which deflated streams lie open: docs/FORMAT.md, *Deflated streams*.
public struct DeflateRestorer {
  private var stream: DeflateStream?
  private var output = BitOutput()

  public init() {}

  /// What stands for bytes as they are; nothing where there are none.
  public static func item(plain bytes: some Collection<UInt8>) -> [UInt8] {
    guard !bytes.isEmpty else { return [] }
    var item: [UInt8] = []
    Varint.append(bytes.count << 1, to: &item)
    return item + bytes
  }

  /// What stands for blocks of a stream, and, if that was opened whole, for a sum behind it.
  public static func item(_ opened: DeflateRecorder.Opened, _ sum: DeflateSum = .none) -> [UInt8] {
    [sum.item] + opened.record + opened.content
  }

  /// What stands for an image, all of which was opened.
  public static func item(_ image: PNGData, _ opened: DeflateRecorder.Opened) -> [UInt8] {
    var item = [ExpansionItem.image]
    Varint.append(image.chunk, to: &item)
    return item + image.stream[..<PNGData.header] + opened.record + opened.content
  }

  /// The content that an expansion stands for, after those before it.
  ///
  /// - Parameter size: bytes of content.
  /// - Throws: `FormatError.corrupted` where it stands for none of that size.
  public mutating func content(of expansion: [UInt8], size: Int) throws -> [UInt8] {
    var reader = ExpansionReader(expansion)
    while !reader.isAtEnd {
      let number = try reader.number()
      if number & 1 == 0 {
        append(try reader.bytes(number >> 1))
      } else if number == ExpansionItem.image {
        append(try Self.image(&reader))
      } else if let sum = DeflateSum(item: number) {
        try restore(DeflateRecord(&reader), sum, &reader)
      } else {
        throw ExpansionReader.damaged
      }
      guard output.bytes.count <= size else { throw ExpansionReader.damaged }
    }
    guard output.bytes.count == size else { throw ExpansionReader.damaged }
    return output.take()
  }

  private mutating func append(_ plain: some Collection<UInt8>) {
    stream = nil
    output.dropRest()
    output.append(bytes: plain)
  }

  /// The chunks of an image.
  private static func image(_ reader: inout ExpansionReader) throws -> [UInt8] {
    let chunk = try reader.number()
    let header = try reader.bytes(PNGData.header)
    let record = try DeflateRecord(&reader)
    let content = try reader.bytes(record.size)
    guard chunk > 0, let parameters = record.parameters else { throw ExpansionReader.damaged }
    var stream = DeflateStream(parameters)
    guard let bits = restored(record, content, &stream, BitOutput()) else {
      throw ExpansionReader.damaged
    }
    let sum = DeflateSum.zlib.bytes(of: content)
    return PNGData.chunks(of: header + bits.all.bytes + sum, length: chunk)
  }

  private mutating func restore(
    _ record: DeflateRecord, _ sum: DeflateSum, _ reader: inout ExpansionReader
  ) throws {
    if let parameters = record.parameters {
      stream = DeflateStream(parameters)
      output.dropRest()
    }
    let content = try reader.bytes(record.size)
    // Of a stream that makes no sense nothing is left to go on with.
    let begun = stream
    stream = nil
    guard var stream = begun, let bits = Self.restored(record, content, &stream, output) else {
      throw ExpansionReader.damaged
    }
    output = bits
    self.stream = record.blocks.last?.block.isFinal ?? false ? nil : stream
    if self.stream == nil {
      output.align()
      output.append(bytes: sum.bytes(of: content))
    }
  }

  /// The blocks of a stream.
  ///
  /// - Parameters:
  ///   - content: what they stand for.
  ///   - output: what was before them.
  /// - Returns: the same with the blocks; nil where the record makes no sense.
  static func restored(
    _ record: DeflateRecord, _ content: ArraySlice<UInt8>, _ stream: inout DeflateStream,
    _ output: BitOutput
  ) -> BitOutput? {
    var output = output
    var corrections = record.corrections[...]
    var gap = corrections.first?.gap ?? .max
    let isWhole = stream.follow(record.blocks.map(\.block), content) { predicted, predictor, window in
      guard gap == 0, let correction = corrections.popFirst() else {
        gap -= 1
        return predicted
      }
      gap = corrections.first?.gap ?? .max
      return correction.token(predictor, in: window)
    } endOfBlock: { index, tokens, content in
      let record = record.blocks[index]
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

/// Odd numbers that items of an expansion begin with; an even one is that of plain bytes, twice how many.
private enum ExpansionItem {
  static let image: UInt8 = 3
}

extension DeflateSum {
  /// What an item of a stream with this sum begins with.
  fileprivate var item: UInt8 {
    switch self {
    case .none: 1
    case .zlib: 5
    case .gzip: 7
    }
  }

  fileprivate init?(item: Int) {
    guard let sum = Self.allCases.first(where: { $0.item == item }) else { return nil }
    self = sum
  }
}

extension DeflateRecord.Correction {
  /// - Returns: nil where there is no such match.
  fileprivate func token(_ predictor: TokenPredictor, in window: UnsafeBufferPointer<UInt8>)
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
