/// What the content of a `bytes` block is made of, as its encoder found.
public struct ByteStructure: Equatable, Sendable {
  /// 0 for text; else the length of the records it is made of, 1 for none.
  public var recordLength: Int
  /// Whether its x86 calls were made absolute before it was coded.
  public var hasAbsoluteCalls: Bool
  /// Whether most of its lines have been there before; text only.
  public var repeatsLines: Bool
  /// Where they have, in any order: the column from which on a line may be named by a number.
  public var numberedFrom: Int?

  public static let longestRecord = 1 << 16
  public static let columns = 0...63
  /// The codes of numbered lines stand between those of records of up to 4,096 bytes and of longer ones.
  private static let firstOfLines = 2 * 4097
  private static let firstOfLong = firstOfLines + columns.count
  static let largestCode = firstOfLong + 2 * (longestRecord - 4097) + 1
  public static let text = ByteStructure(recordLength: 0)

  public init(recordLength: Int, hasAbsoluteCalls: Bool = false, repeatsLines: Bool = false) {
    self.recordLength = recordLength
    self.hasAbsoluteCalls = hasAbsoluteCalls
    self.repeatsLines = repeatsLines
  }

  /// Text whose lines repeat earlier ones in any order.
  ///
  /// - Parameter column: one of `columns`.
  public init(linesNumberedFrom column: Int) {
    self.init(recordLength: 0, repeatsLines: true)
    numberedFrom = column
  }

  var code: Int {
    if let numberedFrom { return Self.firstOfLines + numberedFrom }
    let code = recordLength << 1 | (hasAbsoluteCalls || repeatsLines ? 1 : 0)
    return code < Self.firstOfLines ? code : code + Self.columns.count
  }

  /// - Parameter code: at most `largestCode`.
  init(code: Int) {
    if (Self.firstOfLines..<Self.firstOfLong).contains(code) {
      self.init(linesNumberedFrom: code - Self.firstOfLines)
      return
    }
    let code = code < Self.firstOfLines ? code : code - Self.columns.count
    let isText = code >> 1 == 0
    self.init(
      recordLength: code >> 1, hasAbsoluteCalls: !isText && code & 1 == 1,
      repeatsLines: isText && code & 1 == 1)
  }
}

/// A block as it stands in a frame.
public struct Block: Equatable, Sendable {
  public enum Kind: UInt8, Sendable {
    /// The content as it is.
    case stored = 0
    /// Tokens, the language model mixed with what the stream has taught.
    case text = 1
    /// Bytes, without the language model.
    case bytes = 2
    /// Tokens, the language model alone.
    case languageModelOnly = 3
    /// The content as it is; after it everything that was learned is forgotten.
    case fresh = 4
    /// Pieces of several other blocks, as of the text and of the images of an archive.
    case parts = 5
    /// Other blocks, whose contents together stand for the content, its deflated streams lying open.
    case expanded = 6

    /// Of the kinds 1 to 3, with this bit: what is coded is a text that stands for the content.
    static let formBit: UInt8 = 8

    /// Whether the payload is the content.
    public var isStored: Bool { self == .stored || self == .fresh }

    /// Whether a coder made the payload.
    public var isCoded: Bool { (1...3).contains(rawValue) }

    /// Whether decoding needs the frame's model.
    public var needsModel: Bool { self == .text || self == .languageModelOnly }
  }

  /// The next bytes of one of the parts.
  public struct Piece: Equatable, Sendable {
    public let part: Int
    /// Bytes, at least one.
    public let length: Int

    public init(part: Int, length: Int) {
      self.part = part
      self.length = length
    }
  }

  static let partCounts = 2...8

  public var kind: Kind
  /// Bytes of content.
  public var size: Int
  /// How what is coded stands for the content; nil where it is the content.
  public private(set) var form: TextForm?
  /// Bytes in each lane of what is coded; one entry where there are no tokens.
  public var lanes: [Int]
  /// Of a `bytes` block; `text` where the frame is too short to say.
  public var structure: ByteStructure
  /// Coded bytes, or the content itself; none where there are parts.
  public var payload: [UInt8]
  /// Blocks in the order in which they are coded: of parts, none of them of parts or fresh; or those of an expansion.
  public private(set) var parts: [Block] = []
  /// What the content is made of, from its start; together all bytes of the parts.
  public private(set) var pieces: [Piece] = []

  /// - Parameter forgetting: whether everything that was learned is to be forgotten.
  public init(stored content: [UInt8], forgetting: Bool = false) {
    kind = forgetting ? .fresh : .stored
    size = content.count
    lanes = [content.count]
    structure = .text
    payload = content
  }

  public init(_ kind: Kind, lanes: [Int], structure: ByteStructure = .text, coded: [UInt8]) {
    self.kind = kind
    self.structure = structure
    size = lanes.reduce(0, +)
    self.lanes = lanes
    payload = coded
  }

  /// - Parameters:
  ///   - parts: two to eight.
  ///   - pieces: as many bytes of each part as it has.
  public init(parts: [Block], pieces: [Piece]) {
    precondition(Self.partCounts.contains(parts.count))
    self.init(.parts, lanes: [parts.reduce(0) { $0 + $1.size }], coded: [])
    self.parts = parts
    self.pieces = pieces
  }

  /// - Parameters:
  ///   - blocks: of an expansion, none of them expanded.
  ///   - size: of the content that it stands for.
  public init(expanded blocks: [Block], size: Int) {
    self.init(.expanded, lanes: [blocks.reduce(0) { $0 + $1.size }], coded: [])
    self.size = size
    parts = blocks
  }

  /// The blocks that are coded: this one, or those that it is made of.
  public var leaves: [Block] { parts.isEmpty ? [self] : parts.flatMap(\.leaves) }

  /// What the first block of a frame says of its length: bytes of what is coded; `maximumBlock` where more may follow.
  public var extent: Int {
    kind == .expanded ? Self.extent(ofExpansion: codedSize) : size
  }

  /// The same of a block that has an expansion of so many bytes.
  public static func extent(ofExpansion size: Int) -> Int {
    size < FrameFormat.longExpansion ? size : FrameFormat.maximumBlock
  }

  /// Bytes of what is coded: the content, or a text or an expansion that stands for it.
  public var codedSize: Int { lanes.reduce(0, +) }

  /// The same block, what is coded being a text that stands for a content.
  ///
  /// - Parameter size: of the content.
  public func standing(for size: Int, in form: TextForm) -> Block {
    var block = self
    block.size = size
    block.form = form
    return block
  }
}

extension [Block.Piece] {
  /// The contents of the parts that a content's pieces make up.
  public func taken(apart content: [UInt8], parts count: Int) -> [[UInt8]] {
    var parts = [[UInt8]](repeating: [], count: count)
    var start = 0
    for piece in self {
      parts[piece.part] += content[start..<(start + piece.length)]
      start += piece.length
    }
    return parts
  }

  /// The content that pieces of the parts' contents make up, which have as many bytes as those.
  public func joined(_ parts: [[UInt8]]) -> [UInt8] {
    var rests = parts.map { $0[...] }
    var content: [UInt8] = []
    content.reserveCapacity(parts.reduce(0) { $0 + $1.count })
    for piece in self {
      content += rests[piece.part].prefix(piece.length)
      rests[piece.part].removeFirst(piece.length)
    }
    return content
  }
}
