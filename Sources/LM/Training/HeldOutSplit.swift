/// Documents cut in two parts: one to train on, and one that only measures.
package struct HeldOutSplit: Sendable {
  package private(set) var training: [[UInt8]] = []
  package private(set) var heldOut: [[UInt8]] = []

  /// Holds out pieces of the documents, a share of their bytes but at most `limit`, chosen by `seed`.
  ///
  /// Pieces end with a line where lines are short. What is left of a document before and after a
  /// piece become documents of their own.
  package init(
    _ documents: [[UInt8]], share: Double = 0.05, limit: Int = 256 << 10,
    largestPiece: Int = 32 << 10,
    seed: UInt64
  ) {
    let total = documents.reduce(0) { $0 + $1.count }
    let size = min(largestPiece, max(1 << 10, total / 40))
    let pieces = documents.map { Self.cut($0, size: size) }
    var generator = SeededGenerator(seed: seed)
    let all = pieces.indices.flatMap { i in pieces[i].indices.map { (document: i, piece: $0) } }
    var chosen = Set<[Int]>()
    var held = 0
    let wanted = min(limit, Int(Double(total) * share))
    for (i, j) in all.shuffled(using: &generator) where held < max(1, wanted) {
      // Something must be left to train on.
      guard chosen.count + 1 < all.count else { break }
      chosen.insert([i, j])
      held += pieces[i][j].count
    }
    for (i, ranges) in pieces.enumerated() {
      var start = 0
      for (j, range) in ranges.enumerated() where chosen.contains([i, j]) {
        if range.lowerBound > start {
          training.append(Array(documents[i][start..<range.lowerBound]))
        }
        heldOut.append(Array(documents[i][range]))
        start = range.upperBound
      }
      if start < documents[i].count { training.append(Array(documents[i][start...])) }
    }
  }

  private static func cut(_ document: [UInt8], size: Int) -> [Range<Int>] {
    var pieces: [Range<Int>] = []
    var start = 0
    while start < document.count {
      var end = min(document.count, start + size)
      if let newline = document[end...].prefix(size).firstIndex(of: 0x0A) { end = newline + 1 }
      pieces.append(start..<end)
      start = end
    }
    return pieces
  }
}
