import Kernels

/// Whether a token ends here: what the language model says, mixed with where tokens ended in the same
/// surroundings before. That is nearly certain where the match model has found the same text. In the third version with
/// what n-grams say, too.
struct TokenEndStage {
  /// Contexts by hash: the token so far, with more and more of what came before it.
  private static let hashed = 4
  private static let log2Entries = 16

  private var mixer: Mixer
  private let logistic: Logistic
  private let matches: AdaptiveMap  // [2 match models, buckets, 2]
  private let entries: AdaptiveMap  // [hashed, 2^log2Entries]
  private let indexMemory: Buffer<Int>
  private let indices: UnsafeMutablePointer<Int>  // [2 + hashed]; -1 for none
  private let hasNGrams: Bool

  private static let steps = 32
  private static let inputs = 1 + 2 + hashed

  init(_ version: MixingVersion, _ logistic: Logistic, instructionSet: InstructionSet) {
    self.logistic = logistic
    hasNGrams = version.hasNGrams
    let contexts = [MatchModel.buckets, Self.steps] + (hasNGrams ? [8 * Self.steps] : [])
    mixer = Mixer(
      inputs: Self.inputs + (hasNGrams ? 1 : 0), contexts: contexts, finalContexts: 1, initial: 0,
      rate: version < .fourth ? 0.003 : 0.008, finalRate: version < .fourth ? 0.001 : 0.0003,
      logistic, instructionSet: instructionSet)
    mixer.setInitial(input: hasNGrams ? Self.inputs : 0, to: 1)
    matches = AdaptiveMap(count: 2 * 2 * MatchModel.buckets, limit: 1023)
    entries = AdaptiveMap(count: Self.hashed << Self.log2Entries, limit: 60)
    indexMemory = Buffer(count: 2 + Self.hashed)
    indices = indexMemory.unchecked
  }

  func visit(_ walk: inout ParameterWalk) {
    mixer.visit(&walk)
    matches.visit(&walk)
  }

  /// Finds what the hashed contexts have seen, and has it brought near.
  @inline(__always)
  func prepare(_ lane: LaneContext) {
    let length = UInt64(min(lane.position - lane.tokenStart, 7))
    for i in 0..<Self.hashed {
      // The token's bytes and i + 1 before them, eight at most.
      let bytes = min(8, Int(length) + i + 1)
      let key = lane.recent << UInt64(64 - 8 * bytes) ^ length << 3 ^ UInt64(i)
      let hash = (key &* 0x9E37_79B9_7F4A_7C15) >> UInt64(64 - Self.log2Entries)
      indices[2 + i] = i << Self.log2Entries | Int(hash)
      entries.prefetch(indices[2 + i])
    }
  }

  /// The probability of yes in 0...1.
  ///
  /// - Parameter model: whose lane `prepare` was told.
  mutating func probability(_ model: ByteModel, _ decision: Decision) -> Float {
    let x = mixer.inputs
    let stretched = logistic.stretch16(UInt32(decision.probability))
    x[0] = stretched
    let lane = model.lane
    let long = see(0, model.tokenEnd(lane.matches.0))
    _ = see(1, model.tokenEnd(lane.matches.1))
    for i in 0..<Self.hashed {
      x[3 + i] = logistic.stretch[entries.probability12(indices[2 + i])]
    }
    mixer.select(0, long)
    mixer.select(1, Self.step(stretched))
    if hasNGrams {
      let expectation = logistic.stretch16(UInt32(decision.expectation))
      x[Self.inputs] = expectation
      mixer.select(2, Int(decision.trust) * Self.steps + Self.step(expectation))
    }
    return logistic.squash(mixer.mix(finalContext: 0))
  }

  private static func step(_ x: Float) -> Int {
    Int((x + Logistic.limit) * (31.99 / (2 * Logistic.limit)))
  }

  /// Writes the input of match model `i` and returns how sure it is; 0 without a match.
  @inline(__always)
  private func see(_ i: Int, _ match: (ends: Bool, bucket: Int)?) -> Int {
    guard let match else {
      indices[i] = -1
      mixer.inputs[1 + i] = 0
      return 0
    }
    indices[i] = (i * MatchModel.buckets + match.bucket) * 2 + (match.ends ? 1 : 0)
    mixer.inputs[1 + i] = logistic.stretch[matches.probability12(indices[i])]
    return match.bucket
  }

  func update(_ bit: Int) {
    mixer.update(bit)
    for i in 0..<2 where indices[i] >= 0 { matches.update(indices[i], bit) }
    for i in 0..<Self.hashed { entries.update(indices[2 + i], bit) }
  }
}
