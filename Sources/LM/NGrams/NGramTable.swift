import Kernels

/// Which tokens follow which contexts in the training text, where a language model is likely not to know (docs/FORMAT.md).
/// Immutable, shared by all threads.
///
/// Legend: an n-gram of order k is a token after a context of the k tokens before it. Contexts are found by a hash, which
/// chooses a bucket and a check; a context that the table does not have is taken for another one time in a hundred.
public struct NGramTable: Sendable {
  /// Of the vocabulary that the tokens are of; `Vocabulary.fingerprint`.
  public let fingerprint: UInt64
  /// N-grams in the table.
  public let count: Int
  public let fileSize: Int

  private let log2Buckets: Int
  private let checkBits: Int
  private let tokenBits: Int
  private let longest: Int
  private let levels: [UInt32]
  /// Where each bucket begins in `bits`, and where the last one ends.
  private let offsets: Buffer<UInt32>
  private let bits: BitSequence

  private static let magic = Array("LMZNGRAM".utf8)
  private static let headerSize = 64
  private static let shortest = 2
  private static let levelBits = 4
  /// The most successors of a context.
  private static let longestList = 32

  /// - Throws: `ModelFileError` where the file is damaged or of another kind.
  public init(file bytes: [UInt8]) throws(ModelFileError) {
    try self.init(bytes) { start throws(OutOfMemory) in try BitSequence(bytes[start...]) }
  }

  /// A file that is part of the program, with `BitSequence.padding` bytes behind it; only its head is copied.
  ///
  /// - Throws: `ModelFileError` where the file is damaged or of another kind.
  public init(permanent file: UnsafeBufferPointer<UInt8>) throws(ModelFileError) {
    try self.init(file) { BitSequence(permanent: UnsafeBufferPointer(rebasing: file[$0...])) }
  }

  /// - Parameter bits: what the file has from an offset on.
  private init(
    _ bytes: some RandomAccessCollection<UInt8>, bits: (Int) throws(OutOfMemory) -> BitSequence
  ) throws(ModelFileError) {
    guard bytes.starts(with: Self.magic) else { throw .unsupported("it has no n-grams of lmz") }
    func need(_ size: Int) throws(ModelFileError) {
      guard bytes.count >= size else { throw .truncated(needed: size, have: bytes.count) }
    }
    try need(Self.headerSize)
    let head = Array(bytes.prefix(Self.headerSize))
    func number(_ at: Int, _ size: Int) -> UInt64 {
      (0..<size).reduce(0) { $0 | UInt64(head[at + $1]) << (8 * UInt64($1)) }
    }
    guard number(8, 4) == 1 else { throw .unsupported("n-grams of version \(number(8, 4))") }
    fingerprint = number(16, 8)
    log2Buckets = Int(head[24])
    checkBits = Int(head[25])
    tokenBits = Int(head[26])
    longest = Int(head[27])
    count = Int(number(28, 4))
    fileSize = bytes.count
    levels = (0..<16).map { UInt32(number(32 + 2 * $0, 2)) }
    guard log2Buckets <= 24, 1...16 ~= checkBits, 8...13 ~= tokenBits,
      Self.shortest...RecentTokens.most ~= longest
    else { throw .corrupted("its n-grams are out of bounds") }
    let start = Self.headerSize + 4 * ((1 << log2Buckets) + 1)
    try need(start)
    do {
      offsets = try Array(bytes.prefix(start)).withUnsafeBufferPointer {
        (table) throws(OutOfMemory) in
        try Buffer(littleEndian: table, Self.headerSize..<start)
      }
      self.bits = try bits(start)
    } catch {
      throw .outOfMemory
    }
  }

  /// What `fingerprint` will be of a file that begins with these bytes; nil where they are too few.
  public static func fingerprint(of start: some Collection<UInt8>) -> UInt64? {
    guard start.count >= headerSize else { return nil }
    return start.dropFirst(16).prefix(8).reversed().reduce(0) { $0 << 8 | UInt64($1) }
  }

  /// The most tokens that `expect` can find.
  public static let most = (RecentTokens.most - shortest + 1) * longestList

  /// Finds what the table has to say after these tokens, the longest context first: what that leaves open the next shorter
  /// one shares out.
  public func expect(after recent: RecentTokens, _ expected: inout ExpectedTokens) {
    expected.removeAll()
    guard recent.count >= Self.shortest else { return }
    for order in (Self.shortest...min(longest, recent.count)).reversed() {
      find(hash(of: recent.tokens, order), &expected)
    }
  }

  /// Has what `expect` will read brought near, while something else is done.
  public func prefetch(after recent: RecentTokens) {
    guard recent.count >= Self.shortest else { return }
    for order in Self.shortest...min(longest, recent.count) {
      bits.prefetch(
        at: min(Int(offsets.unchecked[bucket(of: hash(of: recent.tokens, order))]), bits.count))
    }
  }

  private func bucket(of hash: UInt64) -> Int {
    log2Buckets == 0 ? 0 : Int(hash >> UInt64(64 - log2Buckets))
  }

  /// The oldest of four tokens counts with all but its highest bit, so that the tokens of a 5-gram fit into 64 bits.
  private func hash(of tokens: UInt64, _ order: Int) -> UInt64 {
    var packed: UInt64 = 0
    for back in (0..<order).reversed() {
      packed = (packed << UInt64(tokenBits)) | ((tokens >> UInt64(16 * back)) & 0xFFFF)
    }
    if order == 4 { packed &= (1 << UInt64(4 * tokenBits - 1)) - 1 }
    let h = (packed &+ (UInt64(order) << 60)) &* 0x9E37_79B9_7F4A_7C15
    return (h ^ (h >> 32)) &* 0xD6E8_FEB8_6659_FD93
  }

  private func find(_ hash: UInt64, _ expected: inout ExpectedTokens) {
    let bucket = bucket(of: hash)
    let check = (hash << UInt64(log2Buckets)) >> UInt64(64 - checkBits)
    var position = Int(offsets.unchecked[bucket])
    let end = min(Int(offsets.unchecked[bucket + 1]), bits.count)
    let entryBits = tokenBits + Self.levelBits + 1
    while position + checkBits + entryBits <= end {
      let isIt = bits.number(at: position, bits: checkBits) == check
      position += checkBits
      let before = expected.rest
      var more = true
      while more && position + entryBits <= end {
        let entry = bits.number(at: position, bits: entryBits)
        position += entryBits
        more = entry & 1 == 1
        if isIt {
          let level = levels[Int(entry >> 1 & 15)]
          expected.add(Int(entry >> UInt64(1 + Self.levelBits)), (before * level) >> 16)
        }
      }
      if isIt { return }
    }
  }
}

extension Vocabulary {
  /// FNV-1a over the length and the bytes of every token, by which n-grams know their vocabulary.
  public var fingerprint: UInt64 {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    func add(_ byte: UInt8) { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
    for id in 0..<count {
      add(UInt8(length(id)))
      for byte in self[id] { add(byte) }
    }
    return hash
  }
}
