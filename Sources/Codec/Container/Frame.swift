/// The fields of the container; docs/FORMAT.md is the specification.
public enum FrameFormat {
  /// What every frame begins with, before its generation. The first byte is above 0x7F and the generation no
  /// letter, so that no text is taken for an archive.
  public static let magic: [UInt8] = [0xEC, 0x4C, 0x4D]
  static let generations: ClosedRange<UInt8> = 0...1
  /// For formats to come, in which everything behind the generation may differ.
  static let laterGenerations: ClosedRange<UInt8> = 2...7

  /// The frame's generation and version. Odd versions are plain, even ones begin with what the model's priming text has
  /// taught. In generation 0, 1 and 2 are mixed in the first way, 3 and 4 in the second, 5 and 6 in the third, 7 and 8 in the
  /// fourth, 9 and 10 in the fourth without n-grams, 11 to 14 in the fifth, with and without them; in generation 1, 1 to 4 in
  /// the sixth and 5 to 8 in the seventh, with and without them.
  static func numbers(_ mixing: MixingVersion, isPrimed: Bool) -> (
    generation: UInt8, version: UInt8
  ) {
    let number = 1 + 2 * mixing.rawValue + (isPrimed ? 1 : 0)
    return number <= versionsBefore ? (0, number) : (1, number - versionsBefore)
  }

  /// What `numbers` were made of; nil for those that are not known.
  static func parts(generation: UInt8, version: UInt8) -> (mixing: MixingVersion, isPrimed: Bool)? {
    guard version > 0, generation == 1 || version <= versionsBefore else { return nil }
    let number = version - 1 + generation * versionsBefore
    return MixingVersion(rawValue: number / 2).map { ($0, number % 2 == 1) }
  }

  /// Versions of generation 0.
  private static let versionsBefore: UInt8 = 14

  /// The form of the frame, in bits 4 and 5 of the version byte. Bits 6 and 7 hold the frame's
  /// `Memory`, or, in a frame of one short block, the kind of that block.
  enum Form: UInt8 {
    /// Any number of blocks.
    case blocks = 0
    /// One block of less than 256 bytes; both sizes in a byte each.
    case tiny = 1
    /// One block of less than 4096 bytes; both sizes in 12 bits each.
    case short = 2
    /// No content: a model or an adapter for the frames that follow.
    case model = 3
  }

  /// The most content in one block.
  public static let maximumBlock = 1 << 20
  /// The most text that stands for a block's content: no byte of it becomes more than three.
  public static let maximumText = 3 * maximumBlock
  /// The most content in a block that is coded by an expansion.
  public static let maximumExpandedBlock = 8 * maximumBlock
  /// The most bytes in which a block's deflated streams lie open.
  public static let maximumExpansion = 32 * maximumBlock
  /// From so many bytes on, what stands first in a frame says that more may follow.
  public static let longExpansion = maximumBlock / 2
  public static let longestShort = 4095
  /// The most bytes of a model in an archive.
  public static let largestModel = 64 << 20
  static let longestTiny = 255

  /// The most bytes that a frame of a content can have: no block is longer than stored.
  public static func largestFrame(of size: Int) -> Int {
    // Magic, version, model and checksum; and what stands before a block's payload: flags, sizes of the
    // block and of the payload, form and size of the text, sizes of three lanes, and the structure.
    let (frame, block) = (13, 1 + 2 * 3 + 1 + 4 * 4 + 3)
    return size + frame + block * max(1, (size + maximumBlock - 1) / maximumBlock)
  }
}

/// What a frame says of itself before its first block.
public struct FrameHeader: Equatable, Sendable {
  public var model: ModelReference
  public var memory: Memory
  public var mixing: MixingVersion
  /// Whether the context models begin with what the model's priming text has taught.
  public var isPrimed: Bool
  /// Whether the frame holds no content but a model, which those that follow may need.
  public var holdsModel = false

  public init(
    model: ModelReference, memory: Memory, mixing: MixingVersion, isPrimed: Bool = false
  ) {
    self.model = model
    self.memory = memory
    self.mixing = mixing
    self.isPrimed = isPrimed
  }
}

/// How the language model is mixed with the context models, and what both begin with; docs/MIXING.md.
public enum MixingVersion: UInt8, CaseIterable, Sendable {
  /// What frames without a language model still have.
  case first
  /// With more contexts for text in tokens, and the language model mixed with each context.
  case second
  /// The same with n-grams: what the model's vocabulary has of them in the program.
  case third
  /// The same, but what language model and n-grams are sure of is not mixed; with other rates and weights.
  case fourth
  /// The fourth for models whose vocabulary has no n-grams in the program: nothing is expected besides the language model.
  case fourthWithoutNGrams
  /// The fourth with contexts for tables and numbers instead of some that say little.
  case fifth
  case fifthWithoutNGrams
  /// The fifth with more for ends of tokens, n-grams by themselves and narrower mixers.
  case sixth
  case sixthWithoutNGrams
  /// The sixth with corrections of what is expected.
  case seventh
  case seventhWithoutNGrams

  /// Whether the mixing has inputs and weights for what n-grams expect.
  package var hasNGrams: Bool { self >= .third }

  /// Whether it needs the n-grams of the model's vocabulary.
  package var needsNGrams: Bool { [.third, .fourth, .fifth, .sixth, .seventh].contains(self) }
}

extension MixingVersion: Comparable {
  public static func < (a: MixingVersion, b: MixingVersion) -> Bool { a.rawValue < b.rawValue }
}

/// How much the context models may remember; `ContextMemory` says what that takes.
public enum Memory: UInt8, CaseIterable, Sendable {
  case small = 0
  case medium = 1
  case large = 2
  case huge = 3
}

/// The checksum of a frame: over its content, and over its own bytes up to the checksum, so that no
/// bit of it can change unnoticed.
struct FrameChecksum {
  private var content = XXH64()
  private var frame = XXH64()

  mutating func add(content bytes: [UInt8]) { content.update(bytes[...]) }
  mutating func add(frame bytes: ArraySlice<UInt8>) { frame.update(bytes) }

  var value: UInt32 { UInt32(truncatingIfNeeded: content.digest() ^ frame.digest()) }
}

/// First four bytes of the identity of the model that a frame's text blocks need; zeros in frames made
/// without a model.
public struct ModelReference: Equatable, Hashable, Sendable, CustomStringConvertible {
  public let bytes: [UInt8]

  public static let none = ModelReference(bytes: [0, 0, 0, 0])

  private init(bytes: [UInt8]) { self.bytes = bytes }

  /// - Parameter identity: XXH64 of the model file.
  public init(identity: UInt64) {
    bytes = (0..<4).map { UInt8(truncatingIfNeeded: identity >> (56 - 8 * UInt64($0))) }
  }

  init(read bytes: [UInt8]) { self.bytes = bytes }

  public var description: String { bytes.map(hexadecimal).joined() }
}

private func hexadecimal(_ byte: UInt8) -> String {
  (byte < 16 ? "0" : "") + String(byte, radix: 16)
}
