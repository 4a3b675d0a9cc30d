import Kernels

/// The bit histories of a byte's hashed contexts: a slot of the table for each, which lasts for four bits.
///
/// Legend: C hashed contexts of all content, T more in tokens (none in the first version of the mixing), U of them in use.
struct HashedHistories {
  private var table: HistoryTable
  private let corrections: Corrections
  private let histories = BitHistory.shared
  private let next: UnsafePointer<UInt8>
  /// What a correction's steps are divided by, by state.
  private let divisorMemory: Buffer<Float>
  private let divisors: UnsafeMutablePointer<Float>  // [256]
  /// Those in use.
  private var contexts = ContextSet.shared
  private let idMemory: Buffer<Int>
  /// [C + T]: those in use, then those of the first C that are not.
  let ids: UnsafeMutablePointer<Int>
  /// U.
  private(set) var used = 0
  /// Those of `used` that are among the first C.
  private(set) var usedShared = 0
  /// Those of the first C that are not in use.
  private(set) var unusedShared = 0
  private let hashMemory: Buffer<UInt64>
  private let hashes: UnsafeMutablePointer<UInt64>  // [U]
  private let slotMemory: Buffer<UInt64>
  let slots: UnsafeMutablePointer<HistoryTable.Slot>  // [U]
  /// Whether `slots` are those of the current hashes; else they have only been asked for, or not even that.
  private(set) var areFound = false

  /// - Parameters:
  ///   - contexts: C + T.
  ///   - log2Size: logarithm of the table's size in bytes, without corrections.
  init(
    contexts: Int, log2Size: Int, hasCorrections: Bool, _ logistic: Logistic,
    instructionSet: InstructionSet
  ) throws(OutOfMemory) {
    table = try HistoryTable(log2Size: log2Size, hasCorrections: hasCorrections)
    corrections = Corrections(most: contexts, logistic, instructionSet: instructionSet)
    next = histories.next
    divisorMemory = Buffer(count: 256)
    divisors = divisorMemory.unchecked
    for (i, state) in histories.states.enumerated() {
      divisors[i] = Corrections.divisor(seen: state.total)
    }
    idMemory = Buffer(count: contexts)
    ids = idMemory.unchecked
    hashMemory = Buffer(count: contexts)
    hashes = hashMemory.unchecked
    slotMemory = Buffer(count: 2 * contexts)
    slots = UnsafeMutableRawPointer(slotMemory.unchecked)
      .assumingMemoryBound(to: HistoryTable.Slot.self)
  }

  /// What each history stands for.
  var states: [BitHistory.State] { histories.states }

  mutating func use(_ set: ContextSet) {
    contexts = set
    table.beginBlock(usesCorrections: set == .seventh)
    let shared = 0..<ByteModel.hashedContexts
    let inUse = (0..<idMemory.count).filter { set[$0] }
    let notInUse = shared.filter { !set[$0] }
    for (k, id) in (inUse + notInUse).enumerated() { ids[k] = id }
    used = inUse.count
    unusedShared = notInUse.count
    usedShared = shared.count - unusedShared
  }

  /// What a byte's contexts are added to, and their hashes written by.
  @inline(__always)
  func list(seed: UInt64) -> ContextList { ContextList(hashes, contexts, seed: seed) }

  /// Makes the hashes those of the byte's last four bits.
  ///
  /// - Parameter half: the first four behind a 1.
  @inline(__always)
  func beginSecondHalf(after half: Int) {
    for i in 0..<used {
      hashes[i] = (hashes[i] &+ UInt64(half)) &* 0x9E37_79B9_7F4A_7C15
      hashes[i] ^= hashes[i] >> 29
    }
  }

  /// Has the slots of the hashes brought near.
  @inline(__always)
  mutating func askForSlots() {
    for i in 0..<used { table.prefetch(hashes[i]) }
    areFound = false
  }

  @inline(__always)
  mutating func findSlots() {
    for i in 0..<used { slots[i] = table.slot(hashes[i]) }
    areFound = true
  }

  @inline(__always)
  mutating func leaveSlots() { areFound = false }

  /// The node of a bit in its four bits' tree.
  ///
  /// - Parameters:
  ///   - partial: the byte's bits so far behind a 1.
  ///   - bit: how many.
  @inline(__always)
  static func node(_ partial: Int, _ bit: Int) -> Int {
    let first = 1 &<< (bit &- 4)
    return bit < 4 ? partial : partial & (first &- 1) | first
  }

  /// Writes by how much the contexts in use would correct what is expected at a node, where there are corrections.
  ///
  /// - Parameter x: [U]
  @inline(__always)
  func correct(_ x: UnsafeMutablePointer<Float>, at node: Int) {
    guard table.hasCorrections else { return }
    for k in 0..<used { x[k] = Corrections.value(slots[k].corrections[node]) }
  }

  /// Before the histories learn the same.
  ///
  /// - Parameters:
  ///   - x: what `correct` wrote.
  ///   - expectation: what they were to correct, stretched.
  @inline(__always)
  func learnCorrections(
    _ x: UnsafePointer<Float>, _ answer: Int, at node: Int, expectation: Float
  ) {
    guard table.hasCorrections else { return }
    for k in 0..<used { corrections.divisors[k] = divisors[Int(slots[k].histories[node])] }
    corrections.move(x, count: used, bit: answer, expectation: expectation)
    for k in 0..<used { slots[k].corrections[node] = corrections.moved[k] }
  }

  @inline(__always)
  func learn(_ answer: Int, at node: Int) {
    for i in 0..<used { slots[i].histories[node] = after(slots[i].histories[node], answer) }
  }

  /// A history with one more bit.
  @inline(__always)
  func after(_ history: UInt8, _ answer: Int) -> UInt8 { next[2 * Int(history) + answer] }
}
