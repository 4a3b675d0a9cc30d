/// A set of hashed contexts, which have the numbers in which `ByteModel.addContexts` adds them.
struct ContextSet: Equatable {
  let bits: UInt32

  /// The contexts that all versions of the mixing share.
  static let shared = ContextSet(bits: (1 << ByteModel.hashedContexts) - 1)
  /// With those that the second version has for tokens.
  static let second = ContextSet(
    bits: (1 << (ByteModel.hashedContexts + MixingVersion.second.tokenContexts)) - 1)
  /// With those for tables, and without three that say little beside the others: orders 4 and 6, the token with the one before.
  static let fifth = ContextSet(
    bits: ((1 << (ByteModel.hashedContexts + MixingVersion.fifth.tokenContexts)) - 1)
      & ~(1 << 2 | 1 << 4 | 1 << 12))

  /// With one more, for lines.
  static let seventh = ContextSet(
    bits: fifth.bits | 1 << (ByteModel.hashedContexts + MixingVersion.fifth.tokenContexts))

  var count: Int { bits.nonzeroBitCount }

  @inline(__always)
  subscript(id: Int) -> Bool { bits >> UInt32(id) & 1 == 1 }
}

extension MixingVersion {
  /// Contexts that only text in tokens has.
  var tokenContexts: Int { self == .first ? 0 : self < .fifth ? 4 : self < .seventh ? 8 : 9 }

  var contextsInTokens: ContextSet {
    self == .first
      ? .shared : self < .fifth ? .second : self < .seventh ? .fifth : .seventh
  }
}

/// What the hashed contexts of a byte are.
extension ByteModel {
  @inline(__always)
  mutating func addContexts(_ contexts: inout ContextList) {
    let c = lane.recent
    contexts.add(c & 0xFFFF)
    contexts.add(c & 0xFF_FFFF)
    contexts.add(c & 0xFFFF_FFFF)
    contexts.add(c & 0xFF_FFFF_FFFF)
    contexts.add(c & 0xFFFF_FFFF_FFFF)
    contexts.add(UInt64(successors.afterByte(c) & 0xFFFF) << 8 | c & 0xFF)
    contexts.add(UInt64(successors.afterPair(c) & 0xFF) << 16 | c & 0xFFFF)
    if recordLength == 0 { addText(&contexts) } else { addBinary(&contexts) }
  }

  /// Where in its byte and token the next bit stands, with the known orders: at most 255.
  @inline(__always)
  var placeInToken: Int {
    bit << 5 | min(lane.position - lane.tokenStart, 3) << 3 | knownOrders
  }

  /// Where the byte above the next one in the line before stands.
  var byteAbove: UInt64 {
    let position = lane.previousLineStart + lane.column
    return position < lane.lineStart ? UInt64(history[position]) : 0
  }

  /// What text is made of: words, lines, columns.
  @inline(__always)
  private mutating func addText(_ contexts: inout ContextList) {
    let c = lane.recent
    let c1 = c & 0xFF
    let c2 = c >> 8 & 0xFF
    let c3 = c >> 16 & 0xFF
    let word = UInt64(lane.word)
    let between = word == 0 ? c1 : 0
    let above = byteAbove
    contexts.add(c)
    contexts.add(word << 8 | between)
    contexts.add(word &+ UInt64(lane.previousWord) << 20 &+ between << 56)
    contexts.add(word &+ UInt64(lane.wordBefore) << 24 &+ between << 56)
    contexts.add(c2 << 8 | c3)
    if lane.tokenStart >= 0 {
      contexts.add(UInt64(lane.token) << 32 | UInt64(lane.previousToken))
      contexts.add(
        UInt64(lane.token) << 32 | UInt64(lane.previousToken ^ lane.tokenBefore &* 0x9E37_79B1))
    } else {
      contexts.add(c3 << 8 | c >> 24 & 0xFF)
      contexts.add(c1 << 8 | c3)
    }
    contexts.add(c & 0xF0F0_F0FF)
    contexts.add(above << 8 | c1)
    contexts.add(above << 16 | UInt64(min(lane.column, 255)) << 8)
    contexts.add(UInt64(lane.lineHead) << 16 | UInt64(min(lane.column, 255)))
    if hasTokenContexts {
      let enclosing = UInt64(lane.nesting.innermost)
      contexts.add(enclosing << 24 ^ word << 8 ^ between)
      contexts.add(enclosing << 16 | c & 0xFFFF)
      contexts.add(UInt64(lane.fieldHead) << 32 | UInt64(lane.field))
      let words = word &+ UInt64(lane.previousWord) << 20 &+ UInt64(lane.wordBefore) << 37
      contexts.add(words &+ between << 56)
      if hasTables { addTables(&contexts) }
      if hasLines { addLines(&contexts) }
    }
  }

  /// What stands in the field above at the next byte's place, and behind that.
  @inline(__always)
  var fieldAbove: UInt64 {
    let above = lane.fields.above
    guard above >= 0 else { return 0 }
    let next = above + 1 >= lane.position ? 0 : UInt64(history[above + 1])
    return UInt64(history[above]) << 8 | next
  }

  /// What tables are made of: fields like those of the record before, and numbers.
  @inline(__always)
  private mutating func addTables(_ contexts: inout ContextList) {
    contexts.add(
      lane.fields.above < 0
        ? 0 : fieldAbove << 16 | UInt64(lane.fields.difference) << 8 | 1 << 40)
    contexts.add(UInt64(lane.fields.index) << 32 | UInt64(lane.fields.content))
    contexts.add(lane.numbers.context)
    contexts.add(lane.numbers.changeContext)
  }

  /// What stands in a line beside this one, and behind that.
  @inline(__always)
  private mutating func addLines(_ contexts: inout ContextList) {
    let lines = lane.indentation
    guard lines.beside >= 0 else { return contexts.add(0) }
    let next = lines.beside + 1 >= lane.position ? 0 : UInt64(history[lines.beside + 1])
    let both = next << 24 | UInt64(history[lines.beside]) << 16
    contexts.add(1 << 40 | both | UInt64(lines.difference) << 8 | lane.recent & 0xFF)
  }

  /// What tables and programs are made of: records and fields.
  @inline(__always)
  private mutating func addBinary(_ contexts: inout ContextList) {
    let c = lane.recent
    let c1 = c & 0xFF
    let c2 = c >> 8 & 0xFF
    let c3 = c >> 16 & 0xFF
    let c4 = c >> 24 & 0xFF
    let length = recordLength
    func back(_ distance: Int) -> UInt64 {
      let position = lane.position - distance
      return position >= 0 ? UInt64(history[position]) : 0
    }
    let field = UInt64((lane.position - lane.start) % max(4, length)) << 40
    contexts.add(c2 | c3 << 8 | c4 << 16)
    contexts.add(c2 | c3 << 8)
    contexts.add(c3 | c4 << 8)
    contexts.add(c1 | c3 << 8)
    contexts.add(c & 0xF0F0_F0FF)
    contexts.add(c1 | field)
    if length > 1 {
      let above = back(length)
      contexts.add(above | c1 << 8 | field)
      contexts.add(above | back(2 * length) << 8 | field)
      contexts.add(above | back(length - 1) << 8 | back(length + 1) << 16 | c1 << 24)
      contexts.add(above | field)
      contexts.add((above &+ c1 &- back(length + 1)) & 0xFF | above << 8)
    } else {
      contexts.add(c)
      contexts.add(c & 0xFFF8_F8F8)
      contexts.add(c2 | c4 << 8 | field)
      contexts.add(c1 | c2 << 8 | field)
      contexts.add(c & 0xE0E0_E0E0_E0FF)
    }
  }
}

/// Hashes of those of a byte's contexts that are in use, in order.
struct ContextList {
  private let hashes: UnsafeMutablePointer<UInt64>
  private let set: ContextSet
  private let seed: UInt64
  /// Contexts so far, and those of them in use.
  private var count = 0
  private var used = 0

  init(_ hashes: UnsafeMutablePointer<UInt64>, _ set: ContextSet, seed: UInt64) {
    self.hashes = hashes
    self.set = set
    self.seed = seed &* 0xC2B2_AE3D_27D4_EB4F
  }

  @inline(__always)
  mutating func add(_ context: UInt64) {
    count += 1
    guard set[count - 1] else { return }
    let h = (context &+ seed &+ UInt64(count) &* 0x9E37_79B9_7F4A_7C15) &* 0xD6E8_FEB8_6659_FD93
    hashes[used] = (h ^ h >> 32) &* 0xD6E8_FEB8_6659_FD93
    used += 1
  }
}
