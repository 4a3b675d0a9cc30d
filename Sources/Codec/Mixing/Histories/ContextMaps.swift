import CKernels
import Kernels

/// What bit histories say: a map from state to probability for each context.
///
/// Legend as in `HashedHistories`.
struct ContextMaps {
  private let maps: AdaptiveMap  // [C, then orders 0 and 1, then T; 256]
  private let shared: Int
  private let startMemory: Buffer<Int32>
  /// Where the maps of contexts begin: of the hashed ones in use, then of orders 0 and 1.
  private let starts: UnsafeMutablePointer<Int32>  // [U + 2]
  private let indexMemory: Buffer<Int32>
  /// What was last looked at, by the same order.
  private let indices: UnsafeMutablePointer<Int32>  // [U + 2]
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
    // Kernels take eight at a time.
    let room = (contexts + 7) / 8 * 8
    indexMemory = Buffer(count: room)
    indices = indexMemory.unchecked
    keptMemory = Buffer(count: room)
    kept = keptMemory.unchecked
  }

  func visit(_ walk: inout ParameterWalk) { maps.visit(&walk, 0..<(shared + 2) * 256) }

  func visitTokenContexts(_ walk: inout ParameterWalk) {
    maps.visit(&walk, (shared + 2) * 256..<maps.count)
  }

  /// - Parameter ids: of the hashed contexts in use. [U]
  mutating func use(_ ids: UnsafeBufferPointer<Int>) {
    let numbers = ids.map { $0 < shared ? $0 : $0 + 2 } + [shared, shared + 1]
    for (k, number) in numbers.enumerated() { starts[k] = Int32(number << 8) }
    count = numbers.count
  }

  /// Writes what the hashed contexts in use say of the next bit, stretched; 0 where one has seen nothing.
  ///
  /// - Parameters:
  ///   - slots: [U]
  ///   - node: where the next bit's histories are in their slots.
  ///   - pairs: whether each is followed by the same unstretched.
  ///   - x: [U], or [U, 2] where `pairs`.
  @inline(__always)
  func look(
    _ slots: UnsafeMutablePointer<HistoryTable.Slot>, node: Int, pairs: Bool, _ logistic: Logistic,
    _ x: UnsafeMutablePointer<Float>
  ) {
    let (starts, indices, kept, entries) = (starts, indices, kept, maps.kept)
    let stretch = logistic.stretch + 2048
    for k in 0..<(count - 2) {
      let state = Int32(slots[k].histories[node])
      let index = starts[k] &+ state
      let entry = entries[Int(index)]
      indices[k] = index
      kept[k] = entry
      // With its highest bit the other way, an entry is a number with a sign.
      let p = Int32(bitPattern: entry) &>> 20
      // Without a branch, as which contexts know something is hard to guess.
      let mask = UInt32(bitPattern: (0 &- state) &>> 8)
      let stretched = Float(bitPattern: stretch[Int(p)].bitPattern & mask)
      if pairs {
        x[2 &* k] = stretched
        x[2 &* k &+ 1] = Float(bitPattern: (Float(p) * (1 / 1024)).bitPattern & mask)
      } else {
        x[k] = stretched
      }
    }
  }

  /// How many of the first `number` contexts that were looked at had seen something.
  @inline(__always)
  func known(among number: Int) -> Int {
    var known: Int32 = 0
    for k in 0..<number { known &+= (indices[k] & 255 &+ 255) >> 8 }
    return Int(known)
  }

  /// 12 bits of what order 0 or 1 says of the next bit.
  ///
  /// - Parameter state: what it has seen.
  @inline(__always)
  func look(order: Int, _ state: UInt8) -> Int {
    let k = count - 2 + order
    let index = starts[k] | Int32(state)
    let entry = maps.kept[Int(index)]
    indices[k] = index
    kept[k] = entry
    return AdaptiveMap.probability12(kept: entry)
  }

  /// Learns the bit for which all contexts were looked at.
  @inline(__always)
  func update(_ bit: Int) {
    maps.update(indices, kept: kept, count: count, bit, isa)
  }
}
