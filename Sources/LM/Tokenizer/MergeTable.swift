/// The merges of byte-level BPE: which two neighbours become which token, and which pair comes first.
public struct MergeTable: Sendable {
  struct Merge { let rank: Int32, token: UInt16 }

  /// Open addressing by the pair; `empty` where there is none.
  private let keys: [UInt32]
  private let merges: [Merge]
  private let mask: Int
  /// Id of each single byte's token.
  let byteTokens: [UInt16]

  private static let empty = UInt32.max

  /// - Throws: `ModelFileError.corrupted` where a merge names no token or makes none.
  init(_ pairs: [(UInt16, UInt16)], vocabulary: Vocabulary) throws(ModelFileError) {
    var capacity = 16
    while capacity < 3 * pairs.count { capacity *= 2 }
    var keys = [UInt32](repeating: Self.empty, count: capacity)
    var merges = [Merge](repeating: Merge(rank: 0, token: 0), count: capacity)
    for (rank, (left, right)) in pairs.enumerated() {
      guard Int(left) < vocabulary.count, Int(right) < vocabulary.count,
        let token = vocabulary.id(of: vocabulary[Int(left)] + vocabulary[Int(right)])
      else { throw .corrupted("merge \(rank) of its tokenizer makes no token") }
      let key = UInt32(left) << 16 | UInt32(right)
      var slot = Self.hash(key) & (capacity - 1)
      while keys[slot] != Self.empty && keys[slot] != key { slot = (slot + 1) & (capacity - 1) }
      guard keys[slot] != key else {
        throw .corrupted("merge \(rank) of its tokenizer comes twice")
      }
      keys[slot] = key
      merges[slot] = Merge(rank: Int32(rank), token: UInt16(token))
    }
    self.keys = keys
    self.merges = merges
    mask = capacity - 1
    byteTokens = (0..<256).map { byte in
      UInt16(vocabulary.id(of: CollectionOfOne(UInt8(byte))) ?? 0)  // every byte has one
    }
  }

  @inline(__always)
  private static func hash(_ key: UInt32) -> Int {
    Int((key &* 0x9E37_79B1) >> 7 ^ key)
  }

  @inline(__always)
  func merge(_ left: UInt16, _ right: UInt16) -> Merge? {
    let key = UInt32(left) << 16 | UInt32(right)
    var slot = Self.hash(key) & mask
    while keys[slot] != Self.empty {
      if keys[slot] == key { return merges[slot] }
      slot = (slot + 1) & mask
    }
    return nil
  }
}
