import CKernels
import Kernels

/// Finds the last place where the stream went on after the same bytes, and predicts what came there
/// (PAQ's match model). Positions are found by a hash of the last bytes and verified.
struct MatchModel {
  /// Where a lane's prediction comes from.
  struct Pointer {
    var position = 0
    var length = 0
    /// Positions from here on are not known.
    var end = 0
    /// Predictions since the last one that failed, while no new place is found.
    var misses = 0
  }

  static let buckets = 32

  private let minimum: Int
  private let memory: Buffer<UInt32>
  private let table: UnsafeMutablePointer<UInt32>
  private let shift: UInt64
  private let map: AdaptiveMap
  private var mapIndex = 0

  /// The byte expected by the current lane, with a 1 before its bits; 0 where nothing is expected.
  private(set) var expected = 0
  /// How sure: 0 for no prediction, up to 31.
  private(set) var bucket = 0
  /// The expected next bit; meaningless in bucket 0.
  private(set) var expectedBit = 0

  init(minimum: Int, log2Size: Int) throws(OutOfMemory) {
    self.minimum = minimum
    memory = try Buffer(allocating: 1 << log2Size)
    table = memory.unchecked
    shift = UInt64(64 - log2Size)
    map = AdaptiveMap(count: Self.buckets * 2, limit: 1023)
    for b in 0..<Self.buckets {
      let p = 1 - 1 / (Double(b) + 2)
      map[2 * b] = AdaptiveMap.entry(1 - p, count: 8)
      map[2 * b + 1] = AdaptiveMap.entry(p, count: 8)
    }
  }

  var probabilities: AdaptiveMap { map }

  @inline(__always)
  private func hash(_ recent: UInt64) -> Int {
    let key = recent << UInt64(64 - 8 * min(8, minimum))
    return Int(truncatingIfNeeded: (key &* 0x9E37_79B9_7F4A_7C15) >> shift)
  }

  /// Follows or drops the place after a byte. `find` is due then, and what it looks up brought near.
  ///
  /// - Parameter recent: the lane's last eight bytes, the last one lowest.
  @inline(__always)
  func follow(
    _ byte: UInt8, _ pointer: inout Pointer, recent: UInt64, _ history: History
  ) {
    lmz_prefetch(table + hash(recent))
    guard pointer.position > 0 else { return }
    if history[pointer.position] == byte {
      pointer.length += 1
    } else {
      pointer.length = 0
      pointer.misses += 1
    }
    pointer.position += 1
    if pointer.position >= pointer.end {
      pointer.end = history.knownEnd(from: pointer.position)
      if pointer.position >= pointer.end { pointer = Pointer() }
    }
  }

  /// Looks for a new place where the last bytes have come before, and notes this one.
  ///
  /// - Parameters:
  ///   - recent: the lane's last eight bytes, the last one lowest.
  ///   - position: where the lane's next byte will stand.
  @inline(__always)
  func find(
    _ pointer: inout Pointer, recent: UInt64, position: Int, laneStart: Int, _ history: History
  ) {
    guard position - laneStart >= minimum else { return }
    let hash = hash(recent)
    if pointer.length < minimum {
      // 32 bits of a position; the full one lies less than 2^32 back.
      let candidate = position - Int(UInt32(truncatingIfNeeded: position) &- table[hash])
      if table[hash] > 0 && candidate > 0 {
        let end = history.knownEnd(from: candidate)
        if candidate < end {
          var length = 0
          while length < 40 && length < candidate
            && history[candidate - 1 - length] == history[position - 1 - length]
          {
            length += 1
          }
          if length >= minimum && length > pointer.length {
            pointer = Pointer(position: candidate, length: length, end: end)
          }
        }
      }
      if pointer.misses > 8 { pointer = Pointer() }
    }
    table[hash] = UInt32(truncatingIfNeeded: position)
  }

  /// Notes a place without following any.
  @inline(__always)
  func note(recent: UInt64, position: Int) {
    table[hash(recent)] = UInt32(truncatingIfNeeded: position)
  }

  /// How sure a match is: 1...31.
  @inline(__always)
  static func bucket(of pointer: Pointer) -> Int {
    let n = pointer.length
    let bucket =
      n == 0 ? 1 : n < 16 ? n + 1 : n < 32 ? 17 + (n - 16) / 4 : min(31, 21 + (n - 32) / 8)
    return pointer.misses > 0 ? min(bucket, 16) : bucket
  }

  /// Before the first bit of a byte.
  @inline(__always)
  mutating func beginByte(_ pointer: Pointer, _ history: History) {
    if pointer.position > 0 {
      expected = Int(history[pointer.position]) | 256
      bucket = Self.bucket(of: pointer)
    } else {
      expected = 0
      bucket = 0
    }
  }

  /// 12 bits of the next bit's probability; nil once the byte goes another way.
  @inline(__always)
  mutating func predict(partial: Int, bit: Int) -> Int? {
    if expected &>> (8 &- bit) != partial {
      bucket = 0
      return nil
    }
    expectedBit = expected &>> (7 &- bit) & 1
    mapIndex = 2 * bucket + expectedBit
    return map.probability12(mapIndex)
  }

  @inline(__always)
  func update(_ bit: Int) {
    if bucket > 0 { map.update(mapIndex, bit) }
  }
}
