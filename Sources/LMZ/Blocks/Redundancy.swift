/// Finds what of a block repeats what came before, by a greedy parse into long matches.
struct Redundancy {
  /// The last blocks, the current one at the end.
  private var bytes: [UInt8] = []
  private var table = [UInt32](repeating: 0, count: 1 << 18)

  private static let longestPast = 4 << 20
  private static let shortestMatch = 24
  private static let keyLength = 12

  /// What of a content is in matches of 24 bytes or more, in order; it becomes part of the past.
  mutating func matches(in content: [UInt8]) -> [Range<Int>] {
    if bytes.count + content.count > Self.longestPast { forgetOlderHalf() }
    let start = bytes.count
    bytes += content
    var covered: [Range<Int>] = []
    bytes.withUnsafeBufferPointer { bytes in
      table.withUnsafeMutableBufferPointer { table in
        var i = start
        while i + Self.shortestMatch <= bytes.count {
          let slot = Self.slot(bytes, i)
          let candidate = Int(table[slot]) - 1
          table[slot] = UInt32(i + 1)
          var length = 0
          if candidate >= 0 {
            while i + length < bytes.count && bytes[candidate + length] == bytes[i + length] {
              length += 1
            }
          }
          if length < Self.shortestMatch {
            i += 1
            continue
          }
          covered.append((i - start)..<(i - start + length))
          let end = min(i + length, bytes.count - Self.keyLength)
          for j in stride(from: i + 4, to: end, by: 4) {
            table[Self.slot(bytes, j)] = UInt32(j + 1)
          }
          i += length
        }
      }
    }
    return covered
  }

  private mutating func forgetOlderHalf() {
    let dropped = bytes.count / 2
    bytes.removeFirst(dropped)
    for i in table.indices { table[i] = table[i] > dropped ? table[i] - UInt32(dropped) : 0 }
  }

  @inline(__always)
  private static func slot(_ bytes: UnsafeBufferPointer<UInt8>, _ i: Int) -> Int {
    let start = UnsafeRawPointer(bytes.baseAddress! + i)
    let first = start.loadUnaligned(as: UInt64.self).littleEndian
    let rest = UInt64(start.loadUnaligned(fromByteOffset: 8, as: UInt32.self).littleEndian)
    let key = (first &* 0x9E37_79B9_7F4A_7C15) ^ (rest &* 0xC2B2_AE3D_27D4_EB4F)
    return Int((key &* 0x9E37_79B9_7F4A_7C15) >> 46)
  }
}
