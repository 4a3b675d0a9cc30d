/// How a block is divided into lanes.
///
/// Lanes let several threads run the model at once and let each read its weights once for several tokens; each
/// costs a little, because it does not see what the others hold, and its keys and values compete for
/// the cache. So small blocks have one, and none has more than four.
enum LaneLayout {
  static func lanes(forBlockOf size: Int, atMost most: Int) -> Int {
    switch size {
    case ..<(6 << 10): 1
    case ..<(32 << 10): min(2, most)
    default: min(4, most)
    }
  }

  /// Cuts tokens into at most `count` runs of nearly equal byte length.
  ///
  /// - Parameter lengths: bytes of each token.
  /// - Returns: the ranges of token indices, none empty.
  static func cut(_ lengths: [Int], into count: Int) -> [Range<Int>] {
    let total = lengths.reduce(0, +)
    var ranges: [Range<Int>] = []
    var start = 0
    var bytes = 0
    for (i, length) in lengths.enumerated() {
      bytes += length
      let left = lengths.count - i - 1
      let lanesLeft = count - ranges.count - 1
      if lanesLeft > 0 && left >= lanesLeft && bytes >= total * (ranges.count + 1) / count {
        ranges.append(start..<(i + 1))
        start = i + 1
      }
    }
    ranges.append(start..<lengths.count)
    return ranges
  }
}
