import CKernels
import Kernels

/// Probabilities that learn: each entry holds 22 bits of probability above 10 bits of count, and moves
/// towards the bits it sees by 1 / (count + 1.5), down to a floor that keeps it able to change. All begin with 1/2.
struct AdaptiveMap {
  private let memory: Buffer<UInt32>
  /// Entries with the highest bit the other way, so that memory which nobody touches need not be written.
  private let values: UnsafeMutablePointer<UInt32>
  private let reciprocals: Buffer<Int32>
  private let rates: UnsafePointer<Int32>
  private let limit: UInt32

  /// - Parameters:
  ///   - limit: the count at which an entry's rate stays, at most 1023.
  init(count: Int, limit: Int) {
    memory = Buffer(count: count)
    values = memory.unchecked
    reciprocals = Buffer((0..<1024).map { Int32(65536 / (Double($0) + 1.5)) })
    rates = UnsafePointer(reciprocals.unchecked)
    self.limit = UInt32(limit)
  }

  @inline(__always)
  subscript(i: Int) -> UInt32 {
    get { values[i] ^ 1 << 31 }
    nonmutating set { values[i] = newValue ^ 1 << 31 }
  }

  var count: Int { memory.count }

  func visit(_ walk: inout ParameterWalk) { visit(&walk, 0..<count) }

  func visit(_ walk: inout ParameterWalk, _ range: Range<Int>) {
    for i in range { walk.visit(map: &self[i]) }
  }

  /// An entry of probability `p` that behaves as if it had seen `count` bits.
  static func entry(_ p: Double, count: Int) -> UInt32 {
    UInt32(max(1, min(4_194_302, p * 4_194_304))) << 10 | UInt32(count)
  }

  @inline(__always)
  func update(_ i: Int, _ bit: Int) {
    let entry = self[i]
    let count = entry & 1023
    let p = Int(entry >> 10)
    let moved = p &+ ((Self.target(bit) &- p) &* Int(rates[Int(count)])) &>> 16
    self[i] = UInt32(truncatingIfNeeded: moved) << 10 | (count < limit ? count + 1 : count)
  }

  private static func target(_ bit: Int) -> Int { bit == 1 ? 4_194_303 : 0 }

  /// The entries as they lie in memory, for kernels.
  var kept: UnsafeMutablePointer<UInt32> { values }

  @inline(__always)
  static func probability12(kept: UInt32) -> Int { Int((kept ^ 1 << 31) >> 20) }

  /// Does what `update` does to many entries, no two of them the same.
  ///
  /// - Parameter kept: those entries as they lie in memory, [count] and room for a multiple of 8; written over.
  @inline(__always)
  func update(
    _ indices: UnsafePointer<Int32>, kept: UnsafeMutablePointer<UInt32>, count: Int, _ bit: Int,
    _ isa: lmz_isa
  ) {
    lmz_update_maps(isa, values, indices, kept, count, UInt32(Self.target(bit)), limit)
  }

  @inline(__always)
  func prefetch(_ i: Int) { lmz_prefetch(values + i) }

  /// How many bits an entry has seen, at most the limit.
  @inline(__always)
  func seen(_ i: Int) -> Int { Int(self[i] & 1023) }

  /// 12 bits of an entry's probability.
  @inline(__always)
  func probability12(_ i: Int) -> Int { Int(self[i] >> 20) }
}

/// A second opinion on a probability: by context and by the probability itself, with interpolation
/// between 33 supporting points (adaptive probability map; secondary symbol estimation).
struct ProbabilityRefinement {
  private let memory: Buffer<UInt16>
  /// By how much entries differ from where they began, so that memory which nobody touches need not be written.
  private let changes: UnsafeMutablePointer<UInt16>  // [contexts, 33]
  private let beginningMemory: Buffer<UInt16>
  private let beginning: UnsafeMutablePointer<UInt16>  // [33]
  /// The supporting point below the last probability, among those of its context and of all.
  private var point = 0
  private var low = 0
  private var weight: Float = 0
  private let rate: Int

  /// - Parameter rate: an entry moves by 2^-rate.
  init(contexts: Int, rate: Int, _ logistic: Logistic) {
    memory = Buffer(count: contexts * 33)
    changes = memory.unchecked
    beginningMemory = Buffer(
      (0..<33).map { UInt16(logistic.squash(Float($0 - 16) / 2) * 65535) })
    beginning = beginningMemory.unchecked
    self.rate = rate
  }

  func visit(_ walk: inout ParameterWalk) {
    for i in 0..<memory.count {
      var entry = changes[i] &+ beginning[i % 33]
      walk.visit(refinement: &entry)
      changes[i] = entry &- beginning[i % 33]
    }
  }

  /// Has a context's entries brought near.
  @inline(__always)
  func prefetch(context: Int) {
    lmz_prefetch(changes + context * 33)
    lmz_prefetch(changes + context * 33 + 32)
  }

  /// The refined probability, in 0...1.
  @inline(__always)
  mutating func refine(_ stretched: Float, context: Int) -> Float {
    let position = (max(-7.999, min(7.999, stretched)) + 8) * 2
    point = Int(lmz_truncate(position))
    low = context &* 33 &+ point
    weight = position - Float(point)
    let a = Float(entry(0))
    let b = Float(entry(1))
    return (a + (b - a) * weight) * (1 / 65536)
  }

  /// The entry at the supporting point below the last probability, or the one above.
  @inline(__always)
  private func entry(_ above: Int) -> UInt16 { changes[low &+ above] &+ beginning[point &+ above] }

  @inline(__always)
  func update(_ bit: Int) {
    let target = bit == 1 ? 65535 : 0
    let nearest = weight >= 0.5 ? 1 : 0
    let p = Int(entry(nearest))
    let moved = UInt16(truncatingIfNeeded: p + ((target - p) >> rate))
    changes[low &+ nearest] = moved &- beginning[point &+ nearest]
  }
}
