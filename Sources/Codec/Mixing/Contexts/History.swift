import Kernels

/// The last bytes of the stream, by position, shared by all lanes. A lane's bytes stand where they will
/// be in the content, so a block's lanes leave gaps until they are complete.
struct History {
  private let memory: Buffer<UInt8>
  private let tokenMemory: Buffer<UInt8>
  /// 1 where a token begins.
  private let tokens: UnsafeMutablePointer<UInt8>
  private let bytes: UnsafeMutablePointer<UInt8>
  let mask: Int
  /// First position and first unknown position of each lane of the current block.
  private var lanes: [(start: Int, end: Int)] = []
  private var blockStart = 0

  init(log2Size: Int) throws(OutOfMemory) {
    memory = try Buffer(allocating: 1 << log2Size)
    bytes = memory.unchecked
    tokenMemory = try Buffer(allocating: 1 << log2Size)
    tokens = tokenMemory.unchecked
    mask = (1 << log2Size) - 1
  }

  var size: Int { mask + 1 }

  @inline(__always)
  subscript(position: Int) -> UInt8 { bytes[position & mask] }

  mutating func beginBlock(_ starts: [Int]) {
    blockStart = starts[0]
    lanes = starts.map { ($0, $0) }
  }

  @inline(__always)
  mutating func append(_ byte: UInt8, lane: Int) {
    let end = lanes[lane].end
    bytes[end & mask] = byte
    tokens[(end + 1) & mask] = 0
    lanes[lane].end = end + 1
  }

  /// Many bytes at once, without a look at the lane for each.
  mutating func append(_ content: [UInt8], lane: Int) {
    var end = lanes[lane].end
    for byte in content {
      bytes[end & mask] = byte
      end += 1
      tokens[end & mask] = 0
    }
    lanes[lane].end = end
  }

  func markToken(at position: Int) { tokens[position & mask] = 1 }

  @inline(__always)
  func beginsToken(at position: Int) -> Bool { tokens[position & mask] == 1 }

  /// The first position from `position` on whose byte is not known yet, or not known any more; where the
  /// byte at `position` is not, `position` itself.
  func knownEnd(from position: Int) -> Int {
    var end = position
    for lane in lanes where position < lane.end && position >= lane.start { end = lane.end }
    if position < blockStart { end = blockStart }
    // What the lanes of this block write must not be taken for what was there a ring's length ago.
    return position + size - 2 * FrameFormat.maximumBlock > blockStart ? end : position
  }
}
