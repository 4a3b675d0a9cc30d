/// Roughly what the context models make of bytes whose records have a given length: every byte is coded by the surest of a few
/// contexts, which say that what stood behind them last comes again.
struct RecordEstimate {
  /// -log2(i / 4096), in sixteenths of a bit, by integers, as all machines should choose alike. [4097]
  static let costs = (0...4096).map { i in
    let whole = (Int.bitWidth - 1) - max(1, i).leadingZeroBitCount
    var mantissa = UInt64(max(1, i)) << UInt64(31 - whole)
    var logarithm = whole
    // Squaring doubles the logarithm, so its bits come one by one.
    for _ in 0..<16 {
      mantissa = (mantissa * mantissa) >> 31
      let isTwo = mantissa >= 1 << 32
      mantissa >>= isTwo ? 1 : 0
      logarithm = 2 * logarithm + (isTwo ? 1 : 0)
    }
    return ((12 << 16) - logarithm + 2048) >> 12
  }

  private let content: [UInt8]
  /// What contexts that need no record length say of each byte.
  private let guesses: [Guess]

  init(_ content: [UInt8]) {
    self.content = content
    guesses = Self.guesses(of: content)
  }

  private static func guesses(of content: [UInt8]) -> [Guess] {
    let orders: [UInt64] = [1, 2, 3, 6]
    var contexts = orders.map { _ in LastBytes() }
    var recent: UInt64 = 0
    return content.map { byte in
      var guess = Guess()
      for (i, order) in orders.enumerated() {
        contexts[i].look(behind: recent & (1 << (8 * order) - 1) | order << 60, &guess)
      }
      for i in contexts.indices { contexts[i].learn(byte) }
      recent = recent << 8 | UInt64(byte)
      return guess
    }
  }

  /// The cost of all bytes, in sixteenths of a bit.
  ///
  /// - Parameter length: 1 for bytes without records.
  func cost(recordLength length: Int) -> Int {
    guard length > 1 else {
      return zip(guesses, content).reduce(0) { $0 + $1.0.cost(of: $1.1) }
    }
    var byPlace = LastBytes()
    var bySlope = LastBytes()
    let places = max(4, length)
    return content.withUnsafeBufferPointer { content in
      func back(_ distance: Int, from i: Int) -> UInt64 {
        distance <= i ? UInt64(content[i - distance]) : 0
      }
      var cost = 0
      var place = 0
      for i in content.indices {
        let above = back(length, from: i)
        let straight = above &+ back(1, from: i) &- back(length + 1, from: i)
        var guess = guesses[i]
        byPlace.look(behind: above | UInt64(place) << 8, &guess)
        bySlope.look(behind: straight & 0xFF | above << 8, &guess)
        cost += guess.cost(of: content[i])
        byPlace.learn(content[i])
        bySlope.learn(content[i])
        place = place + 1 == places ? 0 : place + 1
      }
      return cost
    }
  }
}

/// A byte that is expected, and how probable it is.
private struct Guess {
  var byte: UInt8 = 0
  /// In 4096ths; 0 where nothing is expected.
  var probability: Int16 = 0

  private static let surest = 4064
  /// What any other byte takes besides.
  private static let other = 7 * 16
  func cost(of actual: UInt8) -> Int {
    let p = min(Int(probability), Self.surest)
    let costs = RecordEstimate.costs
    return p > 0 && actual == byte ? costs[p] : Self.other + costs[4096 - p]
  }
}

/// What stood behind contexts last, and how often in a row.
private struct LastBytes {
  private static let bits = 16
  /// Of each: check (16 bits), times in a row (8), byte (8).
  private var table = [UInt32](repeating: 0, count: 1 << bits)
  /// How probable a byte is that came so often in a row. [8]
  private var probabilities: [Int16] = (0..<8).map { $0 == 0 ? 0 : 1200 + 350 * $0 }
  /// What was looked at last.
  private var slot = 0
  private var entry: UInt32 = 0

  private var times: Int { Int(entry >> 8 & 0xFF) }
  private var byte: UInt8 { UInt8(truncatingIfNeeded: entry) }

  /// - Parameter guess: replaced where this one is surer.
  @inline(__always)
  mutating func look(behind context: UInt64, _ guess: inout Guess) {
    var h = context &* 0x9E37_79B9_7F4A_7C15
    h = (h ^ h >> 32) &* 0xD6E8_FEB8_6659_FD93
    slot = Int(h >> UInt64(64 - Self.bits))
    let check = UInt32(truncatingIfNeeded: h & 0xFFFF) << 16
    entry = table[slot]
    if entry >> 16 != check >> 16 { entry = check }
    if probabilities[times] > guess.probability {
      guess = Guess(byte: byte, probability: probabilities[times])
    }
  }

  /// - Parameter actual: what stands behind the context that was looked at.
  @inline(__always)
  mutating func learn(_ actual: UInt8) {
    let isRight = byte == actual
    if times > 0 {
      probabilities[times] += ((isRight ? 4096 : 0) - probabilities[times]) >> 6
    }
    let (next, expected): (Int, UInt8) =
      if times > 0 && isRight {
        (min(7, times + 1), actual)
      } else if times > 3 {
        // What came often is expected once more.
        (2, byte)
      } else {
        (1, actual)
      }
    table[slot] = entry & 0xFFFF_0000 | UInt32(next) << 8 | UInt32(expected)
  }
}
