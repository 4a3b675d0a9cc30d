/// The fields of records (lines, or what an opening bracket begins) and where those of the record before stand in the
/// stream.
struct Fields {
  private static let most = 32

  // 32 bits of the positions where fields of this record and of the one before begin.
  private var current = SIMD32<UInt32>()
  private var before = SIMD32<UInt32>()
  private var count = 0
  private var countBefore = 0
  /// Which field of its record the next byte belongs to, at most 31.
  private(set) var index = 0
  /// Hash of the field so far.
  private(set) var content: UInt32 = 0
  /// Where the next byte's place in the field above stands; -1 where there is none.
  private(set) var above = -1
  /// 1 while the field is the same as the one above; at and after the first byte that is not, 2 where that is greater,
  /// 3 where it is less.
  private(set) var difference = 0

  /// - Parameter position: where the first byte will stand.
  init(at position: Int) { begin(position) }

  /// - Parameters:
  ///   - aboveByte: what stands at `above`.
  ///   - position: where the next byte will stand.
  @inline(__always)
  mutating func append(_ byte: UInt8, above aboveByte: UInt8, position: Int) {
    switch byte {
    case 10, UInt8(ascii: "["), UInt8(ascii: "{"):
      before = current
      countBefore = count
      count = 0
      begin(position)
    case 9, UInt8(ascii: ","), UInt8(ascii: ";"), UInt8(ascii: "|"):
      begin(position)
    default:
      if above >= 0 {
        if difference == 1 && byte != aboveByte { difference = byte > aboveByte ? 2 : 3 }
        above += 1
      }
      content = (content &+ UInt32(byte) &+ 1) &* 0x3D4D_51CB
      content ^= content >> 13
    }
  }

  private mutating func begin(_ position: Int) {
    index = min(count, Self.most - 1)
    current[index] = UInt32(truncatingIfNeeded: position)
    count = min(count + 1, Self.most)
    // The full position lies less than 2^32 back.
    let distance = UInt32(truncatingIfNeeded: position) &- before[index]
    above = index < countBefore ? position - Int(distance) : -1
    difference = above >= 0 ? 1 : 0
    content = 0
  }
}
