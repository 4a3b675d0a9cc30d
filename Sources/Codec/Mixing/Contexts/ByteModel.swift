import Kernels

/// The byte-level context models: what the stream itself has taught about the next bit.
///
/// Legend as in `HashedHistories`. A byte is predicted bit by bit, the most significant first; `partial` holds a 1 and the
/// bits so far. Tables are shared by all lanes; each lane has its own past.
///
/// Two kilobytes, which the compiler copies for every call that takes it as a value: what is called for every decision takes
/// it `inout`, or is `mutating`, even where it changes nothing.
struct ByteModel {
  static let hashedContexts = 18
  /// Mixer inputs: two for each hashed context and for orders 0 and 1, two for each match model.
  static let inputCount = 2 * (hashedContexts + 2) + 4

  private let version: MixingVersion
  /// Whether histories learn every bit; else those of half a byte of which any bit was asked for.
  private let learnsAll: Bool
  private(set) var hasTokenContexts = false
  private(set) var hasTables = false
  private(set) var hasLines = false
  private var hashed: HashedHistories
  private var maps: ContextMaps
  private let direct: Buffer<UInt8>  // orders 0 and 1: [257, 256]
  private let directStates: UnsafeMutablePointer<UInt8>
  let successors = Successors()
  private let logistic: Logistic
  private(set) var history: History
  private(set) var longMatch: MatchModel
  private(set) var shortMatch: MatchModel

  private var lanes: [LaneContext] = []
  private(set) var lane = LaneContext()
  private var laneIndex = 0

  /// How many of the hashed contexts in use, the first, are orders 2 to 6.
  private var usedOrders = 0
  private let pairMemory: Buffer<Float>
  /// Inputs of the contexts in use where some are for tokens. [U, 2]
  private let pairs: UnsafeMutablePointer<Float>
  private let tokenMemory: Buffer<Float>
  /// What the contexts for tokens say of the next bit, stretched. [T]
  let tokenInputs: UnsafeMutablePointer<Float>

  /// 0 for text; otherwise the length of the records that the content may be made of, 1 for none.
  private(set) var recordLength = 0

  private(set) var partial = 1
  private(set) var bit = 0
  /// Whether hashes and matches are those of the selected lane's next byte.
  private var isReady = false
  /// Whether the selected lane's matches are still those of before its last byte.
  private var areMatchesDue = false
  /// How many of the orders 2 to 6 have seen this place before.
  private(set) var knownOrders = 0

  /// - Parameter primed: bytes that the model will be primed with before the first block.
  init(
    _ version: MixingVersion, memory: Memory, firstBlock: Int, primed: Int, _ logistic: Logistic,
    instructionSet: InstructionSet
  ) throws(OutOfMemory) {
    self.version = version
    learnsAll = version < .fourth
    let contexts = Self.hashedContexts + version.tokenContexts
    let size = ContextMemory(
      memory, firstBlock: firstBlock, primed: primed, mixing: version)
    hashed = try HashedHistories(
      contexts: contexts, log2Size: size.log2Histories, hasCorrections: size.hasCorrections,
      logistic, instructionSet: instructionSet)
    maps = ContextMaps(
      shared: Self.hashedContexts, tokens: version.tokenContexts, states: hashed.states,
      instructionSet: instructionSet)
    direct = Buffer(count: 257 * 256)
    directStates = direct.unchecked
    self.logistic = logistic
    history = try History(log2Size: size.log2Stream)
    longMatch = try MatchModel(minimum: 7, log2Size: size.log2Positions)
    shortMatch = try MatchModel(minimum: 4, log2Size: size.log2Positions)
    pairMemory = Buffer(count: 2 * contexts)
    pairs = pairMemory.unchecked
    tokenMemory = Buffer(count: version.tokenContexts)
    tokenInputs = tokenMemory.unchecked
  }

  func visit(_ walk: inout ParameterWalk) {
    maps.visit(&walk)
    longMatch.probabilities.visit(&walk)
    shortMatch.probabilities.visit(&walk)
  }

  func visitTokenContexts(_ walk: inout ParameterWalk) { maps.visitTokenContexts(&walk) }

  /// - Parameters:
  ///   - starts: where each lane's first byte stands in the stream.
  ///   - recordLength: 0 for text, 1 for other content without records.
  mutating func beginBlock(_ starts: [Int], recordLength: Int, inTokens: Bool) {
    findMatches()
    self.recordLength = recordLength
    use(inTokens ? version.contextsInTokens : .shared)
    if laneIndex < lanes.count { lanes[laneIndex] = lane }
    while lanes.count < starts.count { lanes.append(LaneContext()) }
    for (i, start) in starts.enumerated() {
      lanes[i].start = start
      lanes[i].position = start
      lanes[i].lineStart = start
      lanes[i].previousLineStart = start
      lanes[i].tokenStart = -1
      lanes[i].fields = Fields(at: start)
      lanes[i].indentation = Indentation()
      lanes[i].matches = (.init(), .init())
    }
    history.beginBlock(starts)
    laneIndex = 0
    lane = lanes[0]
    leaveByte()
  }

  private mutating func use(_ set: ContextSet) {
    hashed.use(set)
    maps.use(UnsafeBufferPointer(start: hashed.ids, count: hashed.used))
    usedOrders = (0..<hashed.used).count { hashed.ids[$0] < 5 }
    hasTokenContexts = set != .shared
    hasTables = set == .fifth || set == .seventh
    hasLines = set == .seventh
  }

  /// Notes that a token of the selected lane begins at its next byte.
  mutating func beginToken() {
    history.markToken(at: lane.position)
    lane.tokenStart = lane.position
    lane.tokenBefore = lane.previousToken
    lane.previousToken = lane.token
    lane.token = 0
    leaveByte()
  }

  /// Between bytes only.
  mutating func select(lane index: Int) {
    guard index != laneIndex else { return }
    findMatches()
    lanes[laneIndex] = lane
    laneIndex = index
    lane = lanes[index]
    leaveByte()
  }

  /// Between bytes, and where the next one has become another.
  @inline(__always)
  private mutating func leaveByte() {
    partial = 1
    bit = 0
    isReady = false
    hashed.leaveSlots()
  }

  /// Finds the contexts of the byte at any of its bits.
  private mutating func beginByte() {
    var list = hashed.list(
      seed: lane.tokenStart < 0 ? 4 : UInt64(min(lane.position - lane.tokenStart, 3)))
    addContexts(&list)
    longMatch.beginByte(matches.0, history)
    shortMatch.beginByte(lane.matches.1, history)
    isReady = true
    if bit >= 4 { beginSecondHalf(after: partial >> (bit - 4)) } else { hashed.askForSlots() }
  }

  /// - Parameter half: the first four bits behind a 1.
  @inline(__always)
  private mutating func beginSecondHalf(after half: Int) {
    hashed.beginSecondHalf(after: half)
    hashed.askForSlots()
  }

  /// Begins the selected lane's next byte before its first bit is asked for, so that what it needs is near by then.
  @inline(__always)
  mutating func prepareByte() {
    if !isReady { beginByte() }
  }

  @inline(__always)
  private mutating func findSlots() {
    prepareByte()
    guard !hashed.areFound else { return }
    hashed.findSlots()
    // Bits that came before anything was asked.
    for seen in (bit & 4)..<bit {
      let partial = self.partial >> (bit - seen)
      hashed.learn(
        self.partial >> (bit - seen - 1) & 1, at: HashedHistories.node(partial, seen))
    }
  }

  /// Writes the inputs for the next bit of the selected lane.
  ///
  /// - Parameter x: [inputCount]; beside it `tokenInputs` are written.
  @inline(__always)
  mutating func predict(_ x: UnsafeMutablePointer<Float>) {
    findSlots()
    if hasTokenContexts {
      look(pairs: true, pairs)
      place(x)
    } else {
      look(pairs: true, x)
    }
    let direct = x + 2 * Self.hashedContexts
    let (p0, p1) = lookDirect()
    write(p0, direct)
    write(p1, direct + 2)
    write(longMatch.predict(partial: partial, bit: bit), direct + 4)
    write(shortMatch.predict(partial: partial, bit: bit), direct + 6)
  }

  /// Looks at all contexts in use.
  @inline(__always)
  private mutating func look(pairs: Bool, _ x: UnsafeMutablePointer<Float>) {
    maps.look(
      hashed.slots, node: HashedHistories.node(partial, bit), pairs: pairs, logistic, x)
    knownOrders = maps.known(among: usedOrders)
  }

  /// Writes the inputs of other contexts than those that all versions share: where they have their places among
  /// those, zeros for the ones not in use, and beside them what contexts for tokens say.
  private func place(_ x: UnsafeMutablePointer<Float>) {
    let ids = hashed.ids
    for k in 0..<hashed.usedShared {
      x[2 * ids[k]] = pairs[2 * k]
      x[2 * ids[k] + 1] = pairs[2 * k + 1]
    }
    for k in hashed.usedShared..<hashed.used {
      tokenInputs[ids[k] - Self.hashedContexts] = pairs[2 * k]
    }
    for k in hashed.used..<(hashed.used + hashed.unusedShared) { write(nil, x + 2 * ids[k]) }
  }

  @inline(__always)
  private static func centred(_ p: Int) -> Float { Float(p - 2048) * (1 / 1024) }

  /// The two inputs of a probability of 12 bits, or of none.
  @inline(__always)
  private func write(_ p: Int?, _ x: UnsafeMutablePointer<Float>) {
    x[0] = stretched(p)
    x[1] = p.map(Self.centred) ?? 0
  }

  @inline(__always)
  private func stretched(_ p: Int?) -> Float { p.map { logistic.stretch[$0] } ?? 0 }

  /// 12 bits of what orders 0 and 1 say of the next bit. Their histories need no hash.
  @inline(__always)
  private func lookDirect() -> (Int, Int) {
    let c1 = Int(lane.recent & 0xFF)
    return (
      maps.look(order: 0, directStates[partial]),
      maps.look(order: 1, directStates[(c1 + 1) << 8 | partial])
    )
  }

  /// Writes what contexts and matches say of the next bit of a token, stretched.
  ///
  /// - Parameter x: [U + 4]: contexts in use, orders 0 and 1, matches.
  @inline(__always)
  mutating func predictInTokens(_ x: UnsafeMutablePointer<Float>) {
    findSlots()
    let used = hashed.used
    look(pairs: false, x)
    let (p0, p1) = lookDirect()
    x[used] = stretched(p0)
    x[used + 1] = stretched(p1)
    x[used + 2] = stretched(longMatch.predict(partial: partial, bit: bit))
    x[used + 3] = stretched(shortMatch.predict(partial: partial, bit: bit))
  }

  /// Writes by how much contexts would correct what is expected of the bit that `predictInTokens` was asked about.
  ///
  /// - Parameter x: [U]
  @inline(__always)
  func correct(_ x: UnsafeMutablePointer<Float>) {
    hashed.correct(x, at: HashedHistories.node(partial, bit))
  }

  /// Before `update`.
  ///
  /// - Parameters:
  ///   - x: what `correct` wrote.
  ///   - expectation: stretched.
  @inline(__always)
  func learnCorrections(_ x: UnsafePointer<Float>, _ answer: Int, expectation: Float) {
    hashed.learnCorrections(
      x, answer, at: HashedHistories.node(partial, bit), expectation: expectation)
  }

  /// Learns the bit that `predict` was asked about.
  @inline(__always)
  mutating func update(_ bit: Int) {
    maps.update(bit)
    longMatch.update(bit)
    shortMatch.update(bit)
    advance(bit)
    // Where no token ends before the next byte, what it needs may come while mixers learn.
    if self.bit == 0 && lane.tokenStart < 0 { prepareByte() }
  }

  /// Notes a bit that nobody asked about.
  @inline(__always)
  mutating func advance(_ answer: Int) {
    if learnsAll { findSlots() }
    if hashed.areFound { hashed.learn(answer, at: HashedHistories.node(partial, bit)) }
    let c1 = Int(lane.recent & 0xFF)
    directStates[partial] = hashed.after(directStates[partial], answer)
    let at = (c1 + 1) << 8 | partial
    directStates[at] = hashed.after(directStates[at], answer)
    partial = partial << 1 | answer
    bit += 1
    if bit == 4 {
      hashed.leaveSlots()
      if isReady { beginSecondHalf(after: partial) }
    } else if bit == 8 {
      endByte(UInt8(truncatingIfNeeded: partial))
    }
  }

  /// A byte that nothing is learned from, except where it stands.
  mutating func note(_ byte: UInt8) { endByte(byte) }

  /// The same for a copy of what stands at `start`, in less time: both matches go on behind that, and as
  /// it has been noted at every position, the copy is at every fourth.
  ///
  /// - Parameter isMatch: whether the copy is that of the long match.
  mutating func note(copy bytes: [UInt8], of start: Int, isMatch: Bool) {
    findMatches()
    for byte in bytes {
      successors.append(byte, after: lane.recent)
      history.append(byte, lane: laneIndex)
      lane.append(byte)
      if lane.position & 3 == 0 {
        longMatch.note(recent: lane.recent, position: lane.position)
        shortMatch.note(recent: lane.recent, position: lane.position)
      }
    }
    var match = isMatch ? lane.matches.0 : MatchModel.Pointer()
    match.position = start + bytes.count
    match.length += bytes.count
    match.end = history.knownEnd(from: match.position)
    if match.position >= match.end { match = MatchModel.Pointer() }
    lane.matches = (match, match)
    leaveByte()
  }

  /// Keeps bytes that were not coded, for long matches to find.
  mutating func note(stored bytes: [UInt8]) {
    findMatches()
    let start = lane.position
    history.append(bytes, lane: laneIndex)
    for end in stride(from: 8, through: bytes.count, by: 8) {
      var recent: UInt64 = 0
      for i in (end - 8)..<end { recent = recent << 8 | UInt64(bytes[i]) }
      longMatch.note(recent: recent, position: start + end)
    }
    let last = bytes.suffix(8)
    lane.position += bytes.count - last.count
    for byte in last { lane.append(byte) }
    leaveByte()
  }

  /// What the long and the short match point to in the selected lane.
  var matches: (MatchModel.Pointer, MatchModel.Pointer) {
    @inline(__always) mutating get {
      findMatches()
      return lane.matches
    }
  }

  /// Looks for matches behind the last byte: as late as can be, as memory takes long to answer.
  @inline(__always)
  private mutating func findMatches() {
    guard areMatchesDue else { return }
    areMatchesDue = false
    longMatch.find(
      &lane.matches.0, recent: lane.recent, position: lane.position, laneStart: lane.start, history)
    shortMatch.find(
      &lane.matches.1, recent: lane.recent, position: lane.position, laneStart: lane.start, history)
  }

  private mutating func endByte(_ byte: UInt8) {
    findMatches()
    successors.append(byte, after: lane.recent)
    history.append(byte, lane: laneIndex)
    lane.append(byte)
    longMatch.follow(byte, &lane.matches.0, recent: lane.recent, history)
    shortMatch.follow(byte, &lane.matches.1, recent: lane.recent, history)
    areMatchesDue = true
    if hasTables { lane.followTables(byte, history) }
    if hasLines { lane.followLines(byte, history) }
    leaveByte()
  }
}
