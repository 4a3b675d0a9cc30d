import CKernels
import Kernels

/// Bit histories of hashed contexts: slots of 16 bytes, four to a cache line. A slot serves one context
/// and four bits of the next byte: a check byte, then the 15 nodes of their binary tree (1, then 2-3,
/// 4-7, 8-15). Of three slots that a hash may use, the one whose root has seen least gives way.
///
/// From the seventh version on there is a correction beside each history. Those of a line's slots take the two lines behind
/// it, as what lies in one page costs one search for that page.
struct HistoryTable {
  /// The 16 bytes of a context, and the corrections beside them, which are not to be touched where there are none.
  struct Slot {
    var histories: UnsafeMutablePointer<UInt8>
    var corrections: UnsafeMutablePointer<Int16>
  }

  private let memory: Buffer<UInt8>
  private let base: UnsafeMutablePointer<UInt8>
  private let mask: Int
  let hasCorrections: Bool
  /// Bytes from one line of slots to the next.
  private let stride: Int
  /// Whether slots that are given to a context lose their corrections, as in blocks that have use for them.
  private var clearsCorrections = false

  static let slotSize = 16
  private static let lineSize = 64

  /// - Parameter log2Size: logarithm of the size in bytes without corrections, 16 or more.
  init(log2Size: Int, hasCorrections: Bool) throws(OutOfMemory) {
    self.hasCorrections = hasCorrections
    stride = Self.lineSize * (hasCorrections ? 3 : 1)
    let lines = 1 << (log2Size - 6)
    memory = try Buffer(allocating: lines * stride)
    base = memory.unchecked
    mask = lines - 1
  }

  /// - Parameter usesCorrections: whether the contexts to come do, where there are any.
  mutating func beginBlock(usesCorrections: Bool) {
    clearsCorrections = usesCorrections && hasCorrections
  }

  @inline(__always)
  func prefetch(_ hash: UInt64) {
    let line = line(hash)
    lmz_prefetch(line)
    if clearsCorrections { lmz_prefetch(corrections(line, first(hash))) }
  }

  /// Which slot of its line a hash tries first.
  @inline(__always)
  private func first(_ hash: UInt64) -> Int { Int(truncatingIfNeeded: hash >> 8) & 3 }

  @inline(__always)
  private func line(_ hash: UInt64) -> UnsafeMutablePointer<UInt8> {
    base + (Int(truncatingIfNeeded: hash >> 16) & mask) &* stride
  }

  @inline(__always)
  private func corrections(
    _ line: UnsafeMutablePointer<UInt8>, _ slot: Int
  ) -> UnsafeMutablePointer<Int16> {
    UnsafeMutableRawPointer(line + Self.lineSize).assumingMemoryBound(to: Int16.self)
      + slot &* Self.slotSize
  }

  /// The slot of a hash, emptied if it held another context.
  @inline(__always)
  func slot(_ hash: UInt64) -> Slot {
    let line = line(hash)
    let check = UInt8(truncatingIfNeeded: hash)
    func slot(_ i: Int) -> Slot {
      Slot(histories: line + i &* Self.slotSize, corrections: corrections(line, i))
    }
    let first = first(hash)
    let a = slot(first)
    if a.histories[0] == check { return a }
    let b = slot(first ^ 1)
    if b.histories[0] == check { return b }
    let c = slot(first ^ 2)
    if c.histories[0] == check { return c }
    var victim = a
    if b.histories[1] < victim.histories[1] { victim = b }
    if c.histories[1] < victim.histories[1] { victim = c }
    UnsafeMutableRawPointer(victim.histories).storeBytes(
      of: SIMD16<UInt8>(repeating: 0), as: SIMD16<UInt8>.self)
    victim.histories[0] = check
    if clearsCorrections {
      UnsafeMutableRawPointer(victim.corrections).storeBytes(
        of: SIMD16<Int16>(repeating: 0), as: SIMD16<Int16>.self)
    }
    return victim
  }
}
