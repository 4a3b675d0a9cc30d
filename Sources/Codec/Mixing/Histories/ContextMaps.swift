import CKernels
import Kernels

/// What bit histories say: a map from state to probability for each context.
///
/// Legend as in `HashedHistories`.
struct ContextMaps {
  private let maps: AdaptiveMap  // [C, then orders 0 and 1, then T; 256]
  private let shared: Int
  private let startMemory: Buffer<Int>
  /// Where the maps of contexts begin: of the hashed ones in use, then of orders 0 and 1.
  private let starts: UnsafeMutablePointer<Int>  // [U + 2]
  private let indexMemory: Buffer<Int>
  /// What was last looked at, by the same order.
  private let indices: UnsafeMutablePointer<Int>  // [U + 2]
  private let keptMemory: Buffer<UInt32>
  /// These entries, as they lie in memory.
  private let kept: UnsafeMutablePointer<UInt32>  // [U + 2]
  /// U + 2.
  private var count = 0
  private let isa: lmz_isa

  /// - Parameters:
  ///   - shared: C.
  ///   - tokens: T.
  ///   - states: what each history stands for.
  init(shared: Int, tokens: Int, states: [BitHistory.State], instructionSet: InstructionSet) {
    self.shared = shared
    isa = instructionSet.code
    let contexts = shared + 2 + tokens
    maps = AdaptiveMap(count: contexts * 256, limit: 255)
    for (i, state) in states.enumerated() {
      let p = (Double(state.ones) + 0.4) / (Double(state.total) + 0.8)
      for c in 0..<contexts { maps[c * 256 + i] = AdaptiveMap.entry(p, count: 6) }
    }
    startMemory = Buffer(count: contexts)
    starts = startMemory.unchecked
    indexMemory = Buffer(count: contexts)
    indices = indexMemory.unchecked
    keptMemory = Buffer(count: (contexts + 7) / 8 * 8)
    kept = keptMemory.unchecked
  }

  func visit(_ walk: inout ParameterWalk) { maps.visit(&walk, 0..<(shared + 2) * 256) }

  func visitTokenContexts(_ walk: inout ParameterWalk) {
    maps.visit(&walk, (shared + 2) * 256..<maps.count)
  }

  /// - Parameter ids: of the hashed contexts in use. [U]
  mutating func use(_ ids: UnsafeBufferPointer<Int>) {
    let numbers = ids.map { $0 < shared ? $0 : $0 + 2 } + [shared, shared + 1]
    for (k, number) in numbers.enumerated() { starts[k] = number << 8 }
    count = numbers.count
  }

  /// 12 bits of what a context says of the next bit.
  ///
  /// - Parameters:
  ///   - k: which of those in use; U and U + 1 for orders 0 and 1.
  ///   - state: what it has seen.
  @inline(__always)
  func look(_ k: Int, _ state: Int) -> Int {
    let index = starts[k] | state
    indices[k] = index
    kept[k] = maps.kept(index)
    return AdaptiveMap.probability12(kept: kept[k])
  }

  /// Learns the bit for which all contexts were looked at.
  @inline(__always)
  func update(_ bit: Int) {
    maps.update(indices, kept: kept, count: count, bit, isa)
  }
}
