import CKernels
import Kernels

/// Bit histories of hashed contexts: slots of 16 bytes, four to a cache line. A slot serves one context
/// and four bits of the next byte: a check byte, then the 15 nodes of their binary tree (1, then 2-3,
/// 4-7, 8-15). Of three slots that a hash may use, the one whose root has seen least gives way.
struct HistoryTable {
  private let memory: Buffer<UInt8>
  private let base: UnsafeMutablePointer<UInt8>
  private let mask: Int
  /// One beside each history, by its index; none before the seventh version.
  let corrections: Corrections
  /// Whether slots that are given to a context lose their corrections, as in blocks that have use for them.
  private var clearsCorrections = false

  static let slotSize = 16

  /// - Parameters:
  ///   - log2Size: logarithm of the size in bytes, 16 or more.
  ///   - corrections: as many as bytes, or none.
  init(log2Size: Int, _ corrections: Corrections) throws(OutOfMemory) {
    memory = try Buffer(allocating: 1 << log2Size)
    base = memory.unchecked
    mask = (1 << (log2Size - 6)) - 1
    self.corrections = corrections
  }

  /// - Parameter usesCorrections: whether the contexts to come do, where there are any.
  mutating func beginBlock(usesCorrections: Bool) {
    clearsCorrections = usesCorrections && !corrections.isEmpty
  }

  @inline(__always)
  func prefetch(_ hash: UInt64) {
    let line = line(hash)
    lmz_prefetch(base + line)
    if clearsCorrections { corrections.prefetch(line + first(hash) << 4) }
  }

  /// Which of the histories in the table one is.
  @inline(__always)
  func index(of history: UnsafeMutablePointer<UInt8>) -> Int { history - base }

  /// Which slot of its line a hash tries first.
  @inline(__always)
  private func first(_ hash: UInt64) -> Int { Int(truncatingIfNeeded: hash >> 8) & 3 }

  @inline(__always)
  private func line(_ hash: UInt64) -> Int { (Int(truncatingIfNeeded: hash >> 16) & mask) << 6 }

  /// The slot of a hash, emptied if it held another context.
  @inline(__always)
  func slot(_ hash: UInt64) -> UnsafeMutablePointer<UInt8> {
    let line = base + line(hash)
    let check = UInt8(truncatingIfNeeded: hash)
    let first = first(hash)
    let a = line + first << 4
    if a[0] == check { return a }
    let b = line + (first ^ 1) << 4
    if b[0] == check { return b }
    let c = line + (first ^ 2) << 4
    if c[0] == check { return c }
    var victim = a
    if b[1] < victim[1] { victim = b }
    if c[1] < victim[1] { victim = c }
    UnsafeMutableRawPointer(victim).storeBytes(
      of: SIMD16<UInt8>(repeating: 0), as: SIMD16<UInt8>.self)
    victim[0] = check
    if clearsCorrections { corrections.clearSlot(index(of: victim)) }
    return victim
  }
}
