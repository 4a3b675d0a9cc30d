import Codec

/// Finds the length of the records that a table, an image or a program is made of.
enum RecordLength {
  private static let longest = 1024
  /// Content of less bytes says too little.
  private static let least = 4096
  /// Common in programs and tables, where bytes may come again at no distance often enough to stand out.
  private static let common = [1, 2, 4, 6, 8, 12, 16, 24, 32, 64]
  /// Samples of a content, and bytes of each.
  private static let (samples, sample) = (16, 1 << 14)

  /// The rows of an image, or else the distance that stands out, unless by an estimate others take a tenth less than the former,
  /// if they are short, or a hundredth less than the latter; 1 where there are no records.
  ///
  /// - Parameter image: that has most of the content.
  static func find(in content: [UInt8], image: ImageRows? = nil) -> Int {
    guard content.count > least else { return 1 }
    let image = image.flatMap { $0.length <= ByteStructure.longestRecord ? $0 : nil }
    // A sample has too few long rows to tell anything of them.
    if let image, image.length > sample / 4 { return image.length }
    let outstanding = outstandingDistance(in: content) ?? 1
    var candidates = common + [outstanding]
    var expected = (length: outstanding, isWorth: 100)
    if let image {
      expected = (image.length, 10)
      candidates += [image.length - image.pixel]
    }
    let estimate = RecordEstimate(some(of: content))
    let cost = estimate.cost(recordLength: expected.length)
    let others = Set(candidates).subtracting([expected.length]).sorted().map {
      (length: $0, cost: estimate.cost(recordLength: $0))
    }
    guard let best = others.min(by: { $0.cost < $1.cost }),
      best.cost * expected.isWorth < cost * (expected.isWorth - 1)
    else { return expected.length }
    return best.length
  }

  /// What a content takes if its records have a given length, by an estimate over samples of it.
  static func cost(of content: [UInt8], length: Int) -> Int {
    RecordEstimate(some(of: content)).cost(recordLength: length)
  }

  /// Samples from all of a long content.
  private static func some(of content: [UInt8]) -> [UInt8] {
    guard content.count > samples * sample else { return content }
    return (0..<samples).flatMap { i -> ArraySlice<UInt8> in
      let start = i * (content.count - sample) / (samples - 1)
      return content[start..<(start + sample)]
    }
  }

  /// The distance at which bytes most often repeat; nil where no distance stands out.
  private static func outstandingDistance(in content: [UInt8]) -> Int? {
    let count = min(content.count, 1 << 16)
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
    guard let best = (2...longest).max(by: { repeats[$0] < repeats[$1] }) else { return nil }
    // The shortest of those that are nearly as good: records, not pairs of them.
    let gain = repeats[best] - typical
    guard gain > 0.02 else { return nil }
    return (2...longest).first { repeats[$0] - typical > 0.8 * gain } ?? best
  }
}
