import Kernels

/// The byte-level context models: what the stream itself has taught about the next bit.
///
/// Legend: C hashed contexts. A byte is predicted bit by bit, the most significant first; `partial` holds a 1
/// and the bits so far. Tables are shared by all lanes; each lane has its own past.
struct ByteModel {
  static let hashedContexts = 18
  /// Mixer inputs: two for each hashed context and for orders 0 and 1, two for each match model.
  static let inputCount = 2 * (hashedContexts + 2) + 4

  private let count = ByteModel.hashedContexts
  private let table: HistoryTable
  private let histories = BitHistory()
  private let next: UnsafePointer<UInt8>
  private let maps: AdaptiveMap  // [C + 2, 256]
  private let direct: Buffer<UInt8>  // orders 0 and 1: [257, 256]
  private let directStates: UnsafeMutablePointer<UInt8>
  private let successors = Successors()
  private let logistic: Logistic
  private(set) var history: History
  private(set) var longMatch: MatchModel
  private(set) var shortMatch: MatchModel

  private var lanes: [LaneContext] = []
  private(set) var lane = LaneContext()
  private var laneIndex = 0

  private let hashMemory: Buffer<UInt64>
  private let hashes: UnsafeMutablePointer<UInt64>  // [C]
  private let slotMemory: Buffer<UInt64>
  private let slots: UnsafeMutablePointer<UnsafeMutablePointer<UInt8>>  // [C]
  private let indexMemory: Buffer<Int>
  private let indices: UnsafeMutablePointer<Int>  // [C + 2] into maps

  private(set) var partial = 1
  private(set) var bit = 0
  private var isReady = false
  /// How many of the orders 2 to 6 have seen this place before.
  private(set) var knownOrders = 0

  init(memory: Memory, firstBlock: Int, _ logistic: Logistic) {
    let isOnly = firstBlock < FrameFormat.maximumBlock
    let log2Block = Int.bitWidth - max(1, firstBlock).leadingZeroBitCount
    func sized(_ most: Int, _ needed: Int) -> Int { isOnly ? min(most, needed) : most }
    table = HistoryTable(log2Size: sized(memory.log2Histories, max(16, log2Block + 9)))
    next = histories.next
    maps = AdaptiveMap(count: (count + 2) * 256, limit: 255)
    for (i, state) in histories.states.enumerated() {
      let p = (Double(state.ones) + 0.4) / (Double(state.total) + 0.8)
      for c in 0..<(count + 2) { maps.entries[c * 256 + i] = AdaptiveMap.entry(p, count: 6) }
    }
    direct = Buffer(count: 257 * 256)
    directStates = direct.unchecked
    self.logistic = logistic
    history = History(log2Size: sized(22 + 2 * Int(memory.rawValue), 22))
    let log2Positions = sized(16 + 2 * Int(memory.rawValue), max(10, log2Block + 1))
    longMatch = MatchModel(minimum: 7, log2Size: log2Positions)
    shortMatch = MatchModel(minimum: 4, log2Size: log2Positions)
    hashMemory = Buffer(count: count)
    hashes = hashMemory.unchecked
    slotMemory = Buffer(count: count)
    slots = UnsafeMutableRawPointer(slotMemory.unchecked)
      .assumingMemoryBound(to: UnsafeMutablePointer<UInt8>.self)
    indexMemory = Buffer(count: count + 2)
    indices = indexMemory.unchecked
  }

  func visit(_ walk: inout ParameterWalk) {
    maps.visit(&walk)
    longMatch.probabilities.visit(&walk)
    shortMatch.probabilities.visit(&walk)
  }

  /// - Parameter starts: where each lane's first byte stands in the stream.
  mutating func beginBlock(_ starts: [Int]) {
    lanes[safe: laneIndex] = lane
    while lanes.count < starts.count { lanes.append(LaneContext()) }
    for (i, start) in starts.enumerated() {
      lanes[i].start = start
      lanes[i].position = start
      lanes[i].lineStart = start
      lanes[i].previousLineStart = start
      lanes[i].matches = (.init(), .init())
    }
    history.beginBlock(starts)
    laneIndex = 0
    lane = lanes[0]
    isReady = false
  }

  /// Between bytes only.
  mutating func select(lane index: Int) {
    guard index != laneIndex else { return }
    lanes[laneIndex] = lane
    laneIndex = index
    lane = lanes[index]
    isReady = false
  }

  /// Where the byte above the next one in the line before stands.
  private var above: UInt64 {
    let position = lane.previousLineStart + lane.column
    return position < lane.lineStart ? UInt64(history[position]) : 0
  }

  private mutating func beginByte() {
    let c = lane.recent
    let c1 = c & 0xFF
    let c2 = c >> 8 & 0xFF
    let c3 = c >> 16 & 0xFF
    let word = UInt64(lane.word)
    let above = above
    var i = 0
    func add(_ context: UInt64) {
      let h = (context &+ UInt64(i + 1) &* 0x9E37_79B9_7F4A_7C15) &* 0xD6E8_FEB8_6659_FD93
      hashes[i] = (h ^ h >> 32) &* 0xD6E8_FEB8_6659_FD93
      i += 1
    }
    add(c & 0xFFFF)
    add(c & 0xFF_FFFF)
    add(c & 0xFFFF_FFFF)
    add(c & 0xFF_FFFF_FFFF)
    add(c & 0xFFFF_FFFF_FFFF)
    add(c)
    add(word << 8 | (word == 0 ? c1 : 0))
    add(word &+ UInt64(lane.previousWord) << 20 &+ (word == 0 ? c1 : 0) << 56)
    add(word &+ UInt64(lane.wordBefore) << 24 &+ (word == 0 ? c1 : 0) << 56)
    add(c2 << 8 | c3)
    add(c3 << 8 | c >> 24 & 0xFF)
    add(c1 << 8 | c3)
    add(c & 0xF0F0_F0FF)
    add(above << 8 | c1)
    add(above << 16 | UInt64(min(lane.column, 255)) << 8)
    add(UInt64(successors.afterByte(c) & 0xFFFF) << 8 | c1)
    add(UInt64(successors.afterPair(c) & 0xFF) << 16 | c & 0xFFFF)
    add(UInt64(lane.lineHead) << 16 | UInt64(min(lane.column, 255)))
    for i in 0..<count { table.prefetch(hashes[i]) }
    longMatch.beginByte(lane.matches.0, history)
    shortMatch.beginByte(lane.matches.1, history)
    for i in 0..<count { slots[i] = table.slot(hashes[i]) }
    partial = 1
    bit = 0
    isReady = true
  }

  /// Writes the inputs for the next bit of the selected lane.
  @inline(__always)
  mutating func predict(_ x: UnsafeMutablePointer<Float>) {
    if !isReady { beginByte() }
    let node = self.node
    var known = 0
    for i in 0..<count {
      let state = Int(slots[i][node])
      let index = i << 8 | state
      indices[i] = index
      if i < 5 && state != 0 { known += 1 }
      if state == 0 {
        x[2 * i] = 0
        x[2 * i + 1] = 0
      } else {
        let p = maps.probability12(index)
        x[2 * i] = logistic.stretch[p]
        x[2 * i + 1] = Float(p - 2048) * (1 / 1024)
      }
    }
    knownOrders = known
    let c1 = Int(lane.recent & 0xFF)
    for (i, at) in [(count, partial), (count + 1, (c1 + 1) << 8 | partial)] {
      let index = i << 8 | Int(directStates[at])
      indices[i] = index
      let p = maps.probability12(index)
      x[2 * i] = logistic.stretch[p]
      x[2 * i + 1] = Float(p - 2048) * (1 / 1024)
    }
    longMatch.predict(partial: partial, bit: bit, x + 2 * (count + 2), logistic)
    shortMatch.predict(partial: partial, bit: bit, x + 2 * (count + 2) + 2, logistic)
  }

  /// The node of the current four bits' tree.
  @inline(__always)
  private var node: Int { bit < 4 ? partial : (partial & ((1 << (bit - 4)) - 1)) | 1 << (bit - 4) }

  /// Learns the bit that `predict` was asked about.
  @inline(__always)
  mutating func update(_ bit: Int) {
    for i in 0..<(count + 2) { maps.update(indices[i], bit) }
    longMatch.update(bit)
    shortMatch.update(bit)
    advance(bit)
  }

  /// Notes a bit that nobody asked about.
  @inline(__always)
  mutating func advance(_ answer: Int) {
    if !isReady { beginByte() }
    let node = self.node
    for i in 0..<count {
      slots[i][node] = next[2 * Int(slots[i][node]) + answer]
    }
    let c1 = Int(lane.recent & 0xFF)
    directStates[partial] = next[2 * Int(directStates[partial]) + answer]
    let at = (c1 + 1) << 8 | partial
    directStates[at] = next[2 * Int(directStates[at]) + answer]
    partial = partial << 1 | answer
    bit += 1
    if bit == 4 {
      for i in 0..<count {
        hashes[i] = (hashes[i] &+ UInt64(partial)) &* 0x9E37_79B9_7F4A_7C15
        hashes[i] ^= hashes[i] >> 29
        table.prefetch(hashes[i])
      }
      for i in 0..<count { slots[i] = table.slot(hashes[i]) }
    } else if bit == 8 {
      endByte(UInt8(truncatingIfNeeded: partial))
    }
  }

  /// A byte that nothing is learned from, except where it stands.
  mutating func note(_ byte: UInt8) { endByte(byte) }

  private mutating func endByte(_ byte: UInt8) {
    successors.append(byte, after: lane.recent)
    history.append(byte, lane: laneIndex)
    lane.append(byte)
    longMatch.append(
      byte, &lane.matches.0, recent: lane.recent, position: lane.position, laneStart: lane.start,
      history)
    shortMatch.append(
      byte, &lane.matches.1, recent: lane.recent, position: lane.position, laneStart: lane.start,
      history)
    isReady = false
    partial = 1
    bit = 0
  }
}

extension Array {
  fileprivate subscript(safe i: Int) -> Element? {
    get { indices.contains(i) ? self[i] : nil }
    set { if indices.contains(i), let newValue { self[i] = newValue } }
  }
}
