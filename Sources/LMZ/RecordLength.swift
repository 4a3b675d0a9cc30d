/// Finds the length of the records that a table, an image or a program is made of.
enum RecordLength {
  static let longest = 1024

  /// The distance at which bytes most often repeat; 1 where no distance stands out.
  static func find(in content: [UInt8]) -> Int {
    let count = min(content.count, 1 << 16)
    guard count > 4096 else { return 1 }
    // From the middle, as headers are no records.
    let start = (content.count - count) / 2
    let sample = Array(content[start..<(start + count)])
    let longest = min(Self.longest, count / 4)
    let repeats = sample.withUnsafeBufferPointer { bytes in
      (0...longest).map { distance -> Double in
        guard distance > 0 else { return 0 }
        var equal = 0
        for i in longest..<count where bytes[i] == bytes[i - distance] { equal += 1 }
        return Double(equal) / Double(count - longest)
      }
    }
    let typical = repeats[1...].sorted()[longest / 2]
    guard let best = (2...longest).max(by: { repeats[$0] < repeats[$1] }) else { return 1 }
    // The shortest of those that are nearly as good: records, not pairs of them.
    let gain = repeats[best] - typical
    guard gain > 0.02 else { return 1 }
    return (2...longest).first { repeats[$0] - typical > 0.8 * gain } ?? best
  }
}
