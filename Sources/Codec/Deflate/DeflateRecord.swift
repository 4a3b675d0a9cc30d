/// What makes blocks of a deflated stream out of their content: docs/FORMAT.md, *Deflated streams*.
struct DeflateRecord: Equatable {
  /// A block, and its codes as they stand there where they are not those that zlib would have chosen.
  struct BlockRecord: Equatable {
    var block: DeflateBlock
    var header: Header?
  }

  /// Bits in bytes.
  struct Header: Equatable {
    var bytes: [UInt8]
    var count: Int

    /// Bits, all that a header can have: 14, 19 lengths of 3, and for every symbol at most 14.
    static let longest = 14 + 57 + 14 * (DeflateCode.literalsAndLengths + DeflateCode.distances)
  }

  /// A token that is another than was predicted.
  struct Correction: Equatable {
    enum Kind: Equatable {
      case literal
      case match(length: Int, distance: Int)
      /// A match at the least distance that one of its length has.
      case nearest(length: Int)

      /// Bytes that one takes behind a gap of less than 32.
      var usualSize: Int {
        switch self {
        case .literal: 1
        case .nearest: 2
        case .match: 4
        }
      }
    }

    /// Tokens since the last one that were predicted.
    var gap: Int
    var kind: Kind
  }

  /// Of a stream that begins; nil where one goes on.
  var parameters: DeflateParameters?
  var blocks: [BlockRecord] = []
  var corrections: [Correction] = []

  /// Bytes of content.
  var size: Int { blocks.reduce(0) { $0 + $1.block.size } }

  // MARK: Bytes

  private static let final = 4
  private static let withHeader = 8

  var bytes: [UInt8] {
    var bytes: [UInt8] = []
    Varint.append(parameters?.code ?? 0, to: &bytes)
    Varint.append(blocks.count, to: &bytes)
    for record in blocks {
      let block = record.block
      let flags =
        block.kind.rawValue | (block.isFinal ? Self.final : 0)
        | (record.header != nil ? Self.withHeader : 0)
      Varint.append(block.size << 4 | flags, to: &bytes)
      if let header = record.header {
        Varint.append(header.count, to: &bytes)
        bytes += header.bytes
      }
    }
    Varint.append(corrections.count, to: &bytes)
    for correction in corrections { correction.append(to: &bytes) }
    return bytes
  }

  init(parameters: DeflateParameters?) { self.parameters = parameters }

  /// Reads one from bytes that content follows.
  ///
  /// - Throws: `FormatError.corrupted`.
  init(_ reader: inout ExpansionReader) throws {
    let code = try reader.number()
    if code != 0 {
      guard let parameters = DeflateParameters(code: code) else { throw ExpansionReader.damaged }
      self.parameters = parameters
    }
    var size = 0
    for _ in 0..<(try reader.number()) {
      let number = try reader.number()
      guard let kind = DeflateBlock.Kind(rawValue: number & 3) else {
        throw ExpansionReader.damaged
      }
      let block = DeflateBlock(kind: kind, isFinal: number & Self.final != 0, size: number >> 4)
      var header: Header?
      if number & Self.withHeader != 0 {
        let count = try reader.number()
        guard count <= Header.longest else { throw ExpansionReader.damaged }
        header = Header(bytes: Array(try reader.bytes((count + 7) / 8)), count: count)
      }
      size += block.size
      guard header == nil || kind == .dynamic, size <= FrameFormat.maximumExpansion else {
        throw ExpansionReader.damaged
      }
      blocks.append(BlockRecord(block: block, header: header))
    }
    for _ in 0..<(try reader.number()) { corrections.append(try Correction(&reader)) }
  }
}

extension DeflateRecord.Correction {
  fileprivate func append(to bytes: inout [UInt8]) {
    switch kind {
    case .literal: Varint.append(gap << 2, to: &bytes)
    case .match(let length, let distance):
      Varint.append(gap << 2 | 1, to: &bytes)
      let far = distance - 1
      bytes += [UInt8(length - 3), UInt8(far & 0xFF), UInt8(far >> 8)]
    case .nearest(let length):
      Varint.append(gap << 2 | 2, to: &bytes)
      bytes.append(UInt8(length - 3))
    }
  }

  fileprivate init(_ reader: inout ExpansionReader) throws {
    let number = try reader.number()
    gap = number >> 2
    switch number & 3 {
    case 0: kind = .literal
    case 1:
      let fields = try reader.bytes(3).map { Int($0) }
      let distance = (fields[1] | fields[2] << 8) + 1
      guard distance <= DeflateCode.longestDistance else { throw ExpansionReader.damaged }
      kind = .match(length: fields[0] + 3, distance: distance)
    case 2: kind = .nearest(length: Int(try reader.byte()) + 3)
    default: throw ExpansionReader.damaged
    }
  }
}
