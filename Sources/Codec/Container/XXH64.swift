/// XXH64 (Collet), the 64-bit checksum of the xxHash family, over a stream of bytes.
public struct XXH64: Sendable {
  private static let prime1: UInt64 = 0x9E37_79B1_85EB_CA87
  private static let prime2: UInt64 = 0xC2B2_AE3D_27D4_EB4F
  private static let prime3: UInt64 = 0x1656_67B1_9E37_79F9
  private static let prime4: UInt64 = 0x85EB_CA77_C2B2_AE63
  private static let prime5: UInt64 = 0x27D4_EB2F_1656_67C5

  private var lanes: SIMD4<UInt64>
  private var pending: [UInt8] = []
  private var length: UInt64 = 0
  private let seed: UInt64

  public init(seed: UInt64 = 0) {
    self.seed = seed
    lanes = [seed &+ Self.prime1 &+ Self.prime2, seed &+ Self.prime2, seed, seed &- Self.prime1]
  }

  public static func hash(_ bytes: [UInt8]) -> UInt64 { hash(bytes.span) }

  public static func hash(_ bytes: Span<UInt8>) -> UInt64 {
    var state = XXH64()
    state.update(bytes)
    return state.digest()
  }

  public mutating func update(_ bytes: ArraySlice<UInt8>) { update(bytes.span) }

  public mutating func update(_ bytes: Span<UInt8>) {
    length &+= UInt64(bytes.count)
    var next = 0
    if !pending.isEmpty {
      next = min(32 - pending.count, bytes.count)
      for i in 0..<next { pending.append(bytes[i]) }
      guard pending.count == 32 else { return }
      lanes = Self.consume(pending.span, lanes)
      pending.removeAll(keepingCapacity: true)
    }
    let end = next + (bytes.count - next) / 32 * 32
    lanes = Self.consume(bytes.extracting(next..<end), lanes)
    for i in end..<bytes.count { pending.append(bytes[i]) }
  }

  public func digest() -> UInt64 {
    var h: UInt64
    if length >= 32 {
      h = Self.rotate(lanes[0], 1) &+ Self.rotate(lanes[1], 7) &+ Self.rotate(lanes[2], 12)
      h = h &+ Self.rotate(lanes[3], 18)
      for i in 0..<4 {
        h = (h ^ Self.round(0, lanes[i])) &* Self.prime1 &+ Self.prime4
      }
    } else {
      h = seed &+ Self.prime5
    }
    h = h &+ length
    let tail = pending.span
    var i = 0
    while i + 8 <= tail.count {
      h = Self.rotate(h ^ Self.round(0, Self.word(tail, i)), 27) &* Self.prime1 &+ Self.prime4
      i += 8
    }
    if i + 4 <= tail.count {
      let half = (0..<4).reduce(UInt64(0)) { $0 | UInt64(tail[i + $1]) << UInt64(8 * $1) }
      h = Self.rotate(h ^ (half &* Self.prime1), 23) &* Self.prime2 &+ Self.prime3
      i += 4
    }
    while i < tail.count {
      h = Self.rotate(h ^ (UInt64(tail[i]) &* Self.prime5), 11) &* Self.prime1
      i += 1
    }
    h = (h ^ (h >> 33)) &* Self.prime2
    h = (h ^ (h >> 29)) &* Self.prime3
    return h ^ (h >> 32)
  }

  /// Whole stripes of 32 bytes.
  private static func consume(_ bytes: Span<UInt8>, _ lanes: SIMD4<UInt64>) -> SIMD4<UInt64> {
    var state = lanes
    for stripe in stride(from: 0, to: bytes.count, by: 32) {
      for i in 0..<4 { state[i] = round(state[i], word(bytes, stripe + 8 * i)) }
    }
    return state
  }

  private static func round(_ state: UInt64, _ input: UInt64) -> UInt64 {
    rotate(state &+ input &* prime2, 31) &* prime1
  }

  private static func rotate(_ x: UInt64, _ n: UInt64) -> UInt64 { x << n | x >> (64 - n) }

  /// Eight bytes, little-endian.
  private static func word(_ bytes: Span<UInt8>, _ i: Int) -> UInt64 {
    bytes.bytes.unsafeLoadUnaligned(fromByteOffset: i, as: UInt64.self).littleEndian
  }
}
