/// The Burrows-Wheeler transform: the last bytes of all rotations of a text, in the order of these.
struct BurrowsWheeler: Equatable {
  var last: [UInt8]
  /// The place of the text itself among its rotations; where some of these are the same, one of them.
  var origin: Int

  init(last: [UInt8], origin: Int) {
    self.last = last
    self.origin = origin
  }

  /// Of a text of at least one byte.
  init(of text: [UInt8]) {
    let count = text.count
    // From the least rotation on, suffixes are in the order of the rotations that begin with them.
    let least = Self.leastRotation(of: text)
    let rotated = (text[least...] + text[..<least]).map { Int32($0) }
    let order = SuffixArray.of(rotated, values: 256)
    last = order.map { UInt8(truncatingIfNeeded: rotated[$0 == 0 ? count - 1 : Int($0) - 1]) }
    let start = Int32((count - least) % count)
    origin = order.firstIndex(of: start) ?? 0
  }

  /// Where the least of the rotations begins, the first one of them.
  private static func leastRotation(of text: [UInt8]) -> Int {
    let count = text.count
    return text.withUnsafeBufferPointer { text in
      // Two places that it may begin at, and how much is the same from there on.
      var (a, b, same) = (0, 1, 0)
      while a < count, b < count, same < count {
        let first = text[a + same < count ? a + same : a + same - count]
        let second = text[b + same < count ? b + same : b + same - count]
        if first == second {
          same += 1
          continue
        }
        // Nor does it begin at one of those behind the greater, up to where they differ.
        if first > second { a += same + 1 } else { b += same + 1 }
        if a == b { b += 1 }
        same = 0
      }
      return min(a, b)
    }
  }

  /// The text, and whether all rotations differ, so that the origin follows from it.
  ///
  /// - Returns: nil where there is none.
  var text: (bytes: [UInt8], isOriginKnown: Bool)? {
    guard origin < last.count else { return nil }
    var next = [Int](repeating: 0, count: 257)
    for byte in last { next[Int(byte) + 1] += 1 }
    for value in 1...256 { next[value] += next[value - 1] }
    // The rotation that begins one byte later, of every rotation.
    var following = [Int32](repeating: 0, count: last.count)
    for (i, byte) in last.enumerated() {
      following[next[Int(byte)]] = Int32(i)
      next[Int(byte)] += 1
    }
    var place = Int(following[origin])
    var isOriginKnown = true
    var bytes: [UInt8] = []
    bytes.reserveCapacity(last.count)
    for i in 0..<last.count {
      bytes.append(last[place])
      if place == origin, i < last.count - 1 { isOriginKnown = false }
      place = Int(following[place])
    }
    return (bytes, isOriginKnown)
  }
}
