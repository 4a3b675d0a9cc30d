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

  static let longestRecord = 4096
  public static let columns = 0...63
  static let largestCode = 2 * longestRecord + 2 + columns.upperBound
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
    if let numberedFrom { return 2 * Self.longestRecord + 2 + numberedFrom }
    return recordLength << 1 | (hasAbsoluteCalls || repeatsLines ? 1 : 0)
  }

  /// - Parameter code: at most `largestCode`.
  init(code: Int) {
    guard code < 2 * Self.longestRecord + 2 else {
      self.init(linesNumberedFrom: code - 2 * Self.longestRecord - 2)
      return
    }
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

    /// Of the kinds 1 to 3, with this bit: what is coded is a text that stands for the content.
    static let formBit: UInt8 = 8

    /// Whether the payload is the content.
    public var isStored: Bool { self == .stored || self == .fresh }

    /// Whether decoding needs the frame's model.
    public var needsModel: Bool { self == .text || self == .languageModelOnly }
  }

  public var kind: Kind
  /// Bytes of content.
  public var size: Int
  /// How what is coded stands for the content; nil where it is the content.
  public private(set) var form: TextForm?
  /// Bytes in each lane of what is coded; one entry where there are no tokens.
  public var lanes: [Int]
  /// Of a `bytes` block; `text` where the frame is too short to say.
  public var structure: ByteStructure
  /// Coded bytes, or the content itself.
  public var payload: [UInt8]

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

  /// Bytes of what is coded: the content, or a text that stands for it.
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
