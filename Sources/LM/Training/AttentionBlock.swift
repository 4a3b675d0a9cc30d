/// Queries of one sequence that are multiplied with their keys at once.
///
/// Blocks keep the work on keys that no query of theirs may see small.
struct AttentionBlock {
  /// Positions of the queries.
  let queries: Range<Int>
  /// Positions of the keys that any of them sees.
  let keys: Range<Int>

  var scores: Int { queries.count * keys.count }

  static let size = 128

  /// The blocks of a sequence of `length` positions with windows of `window`.
  static func all(length: Int, window: Int) -> [AttentionBlock] {
    stride(from: 0, to: length, by: size).map {
      let end = min(length, $0 + size)
      return AttentionBlock(queries: $0..<end, keys: max(0, $0 - window + 1)..<end)
    }
  }

  /// Attention weights per head of a sequence.
  static func scores(length: Int, window: Int) -> Int {
    all(length: length, window: window).reduce(0) { $0 + $1.scores }
  }
}
