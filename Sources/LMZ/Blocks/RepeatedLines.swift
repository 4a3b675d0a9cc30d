import Codec

/// Finds out whether a text's lines come again in another order, as records of a log do.
enum RepeatedLines {
  /// The least share of the content that such lines must make up. Where lines come again in the same order, what follows
  /// the last line's place says more than a number.
  private static let leastShare = 0.25

  /// From which column on lines have mostly been there before, behind other lines; nil where they have not.
  ///
  /// Of the columns that begin a line or stand behind a separator, the one with the most bytes in such rests of lines.
  static func column(of content: [UInt8]) -> Int? {
    let columns = ByteStructure.columns.count
    // What was seen, each with the line before it; one that is overwritten is not found.
    var seen = [(line: UInt64, before: UInt64)](repeating: (0, 0), count: 1 << 17)
    var before = [UInt64](repeating: 0, count: columns)
    var repeated = [Int](repeating: 0, count: columns)
    content.withUnsafeBufferPointer { content in
      seen.withUnsafeMutableBufferPointer { seen in
        var start = 0
        while let end = content[start...].firstIndex(of: 10) {
          let length = end + 1 - start
          var hash: UInt64 = 0
          for i in (0..<min(length, NumberedLines.lengths.upperBound)).reversed() {
            hash = (hash ^ UInt64(content[start + i])) &* 0x9E37_79B9_7F4A_7C15
            hash ^= hash >> 29
            guard i < columns, i == 0 || separators[content[start + i - 1]] else { continue }
            let key = (hash &+ UInt64(i)) &* 0xC2B2_AE3D_27D4_EB4F | 1
            let slot = Int(key >> 47)
            if seen[slot].line == key, seen[slot].before != before[i],
              length - i >= NumberedLines.lengths.lowerBound
            {
              repeated[i] += length - i
            }
            seen[slot] = (key, before[i])
            before[i] = key
          }
          start = end + 1
        }
      }
    }
    let best = repeated.indices.max { repeated[$0] < repeated[$1] }!
    let share = Double(repeated[best]) / Double(max(1, content.count))
    return share >= leastShare ? best : nil
  }

  private static let separators = ByteSet("\t ,;|]")
}
