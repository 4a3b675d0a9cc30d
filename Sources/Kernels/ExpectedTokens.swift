/// A few tokens that something expects next besides the language model, with their probabilities, as exact integers;
/// what is left belongs to the language model.
///
/// Invariant: the probabilities of all tokens and `rest` add up to 65536, and `rest` is at least 1.
public struct ExpectedTokens {
  private static let whole: UInt32 = 65536

  private let ids: Buffer<Int32>
  private let shares: Buffer<UInt32>
  private(set) public var count = 0
  /// What is left to the language model, of 65536.
  private(set) public var rest = whole

  /// - Parameter most: how many tokens there can be.
  public init(most: Int) {
    ids = Buffer(count: most)
    shares = Buffer(count: most)
  }

  public mutating func removeAll() {
    count = 0
    rest = Self.whole
  }

  /// Expects a token with `share` of 65536; less where no more is left. More than `most` tokens are left out.
  public mutating func add(_ token: Int, _ share: UInt32) {
    let share = min(share, rest - 1)
    let id = Int32(truncatingIfNeeded: token)
    var i = 0
    while i < count && ids[i] != id { i += 1 }
    if i == count {
      guard count < ids.count else { return }
      ids[i] = id
      shares[i] = 0
      count += 1
    }
    shares[i] += share
    rest -= share
  }

  /// What is expected in `low..<high` and in `middle..<high`, of 65536.
  @inline(__always)
  func shares(_ low: Int, _ middle: Int, _ high: Int) -> (both: UInt64, upper: UInt64) {
    var both: UInt32 = 0
    var upper: UInt32 = 0
    let ids = self.ids.pointer(at: 0, length: count)
    let shares = self.shares.pointer(at: 0, length: count)
    for i in 0..<count {
      let share = Int(ids[i]) >= low && Int(ids[i]) < high ? shares[i] : 0
      both += share
      upper += Int(ids[i]) >= middle ? share : 0
    }
    return (UInt64(both), UInt64(upper))
  }

  /// The probability that the next token is in `middle..<high`, given that it is in `low..<high`, by the language model's
  /// weights and these tokens together.
  ///
  /// - Parameter prefix: as in `TokenWeights`; the total is below 2^46.
  /// - Returns: the probability in 1...65535; that by these tokens alone; and `trust` in 1...7, by the part that these
  ///   tokens have in the range's probability. Nil where none of them is in the range.
  @inline(__always)
  public func split(
    _ low: Int, _ middle: Int, _ high: Int, _ prefix: Span<UInt64>
  ) -> (probability: UInt16, alone: UInt16, trust: UInt8)? {
    let (both, upper) = shares(low, middle, high)
    guard both > 0 else { return nil }
    let total = prefix[prefix.count - 1]
    let ours = both * total
    let sum = ours + UInt64(rest) * (prefix[high] - prefix[low])
    let yes = upper * total + UInt64(rest) * (prefix[high] - prefix[middle])
    // The sum is below 2^63; 47 bits of it are enough.
    let shift = UInt64(max(0, 17 - sum.leadingZeroBitCount))
    let ratio = ((yes >> shift) << 16) / (sum >> shift)
    // By sixteenths, without another division.
    let sixteenths = (ours >> shift) << 4
    var trust: UInt8 = 1
    for least: UInt64 in [1, 3, 6, 10, 13, 15] where sixteenths >= least * (sum >> shift) {
      trust += 1
    }
    func inRange(_ ratio: UInt64) -> UInt16 {
      UInt16(truncatingIfNeeded: min(max(ratio, 1), 65535))
    }
    return (inRange(ratio), inRange((upper << 16) / both), trust)
  }
}
