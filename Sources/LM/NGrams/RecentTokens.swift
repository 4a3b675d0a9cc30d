/// The last tokens of a lane, for n-grams: at most four.
public struct RecentTokens: Sendable {
  static let most = 4

  /// The last token is in the lowest 16 bits.
  private(set) var tokens: UInt64 = 0
  /// How many there are.
  private(set) var count = 0

  /// The last one; 0 where there is none.
  public var last: UInt16 { UInt16(truncatingIfNeeded: tokens) }

  public init(_ tokens: some Sequence<UInt16>) {
    for token in tokens { append(token) }
  }

  public mutating func append(_ token: UInt16) {
    tokens = tokens << 16 | UInt64(token)
    count = min(count + 1, Self.most)
  }
}
