import CKernels
import Kernels

/// Whether a token ends here: what the language model says, mixed with where tokens ended in the same
/// surroundings before. That is nearly certain where the match model has found the same text. In the third version with
/// what n-grams say, too. The sixth has more surroundings and weight sets, and n-grams by themselves;
/// the seventh by how much surroundings would correct the expectation.
struct TokenEndStage {
  private static let log2Entries = 16

  /// Contexts by hash.
  private let hashed: Int
  private var mixer: Mixer
  private let logistic: Logistic
  private let matches: AdaptiveMap  // [2 match models, buckets, 2]
  private let entries: AdaptiveMap  // [hashed, 2^log2Entries]
  private let indexMemory: Buffer<Int>
  private let indices: UnsafeMutablePointer<Int>  // [2 + hashed]; -1 for none
  private let version: MixingVersion
  private let corrections: Corrections
  private let correctionMemory: Buffer<Int16>
  /// By the indices of `entries`; none before the seventh version.
  private let correctionValues: UnsafeMutablePointer<Int16>
  private var expectation: Float = 0
  /// From the sixth version on.
  private var ngrams: NGramInput?

  private static let steps = 32

  private var hasCorrections: Bool { version >= .seventh }

  init(
    _ version: MixingVersion, _ logistic: Logistic, instructionSet: InstructionSet
  ) throws(OutOfMemory) {
    self.logistic = logistic
    self.version = version
    hashed = version < .sixth ? 4 : 10
    let inputs = 1 + 2 + hashed
    var contexts = [MatchModel.buckets, Self.steps]
    if version.hasNGrams { contexts.append(8 * Self.steps) }
    if version >= .sixth { contexts += [256, 512] }
    let rate: Float = version < .fourth ? 0.003 : version < .sixth ? 0.008 : 0.015
    ngrams = version < .sixth ? nil : NGramInput(logistic)
    mixer = Mixer(
      inputs: inputs + (version.hasNGrams ? 1 : 0) + (version >= .sixth ? 2 : 0)
        + (version >= .seventh ? hashed : 0),
      contexts: contexts,
      finalContexts: version < .sixth ? 1 : 8 * MatchModel.buckets, initial: 0, rate: rate,
      finalRate: version < .fourth ? 0.001 : 0.0003, logistic, instructionSet: instructionSet)
    mixer.setInitial(input: version.hasNGrams ? inputs : 0, to: 1)
    matches = AdaptiveMap(count: 2 * 2 * MatchModel.buckets, limit: 1023)
    entries = AdaptiveMap(count: hashed << Self.log2Entries, limit: 60)
    corrections = Corrections(most: hashed, logistic, instructionSet: instructionSet)
    correctionMemory = try Buffer(allocating: version < .seventh ? 0 : entries.count)
    correctionValues = correctionMemory.unchecked
    indexMemory = Buffer(count: 2 + hashed)
    indices = indexMemory.unchecked
  }

  func visit(_ walk: inout ParameterWalk) {
    mixer.visit(&walk)
    ngrams?.visit(&walk)
    matches.visit(&walk)
  }

  /// Finds the hashed contexts.
  @inline(__always)
  mutating func prepare(_ model: inout ByteModel) {
    let recent = model.lane.recent
    let length = UInt64(min(model.lane.position - model.lane.tokenStart, 7))
    for i in 0..<4 {
      // The token's bytes and i + 1 before them, eight at most.
      let bytes = min(8, Int(length) + i + 1)
      find(i, recent << UInt64(64 - 8 * bytes) ^ length << 3 ^ UInt64(i))
    }
    if version >= .sixth { prepareSixth(&model) }
  }

  /// The token so far with the word before the last separator, what stands above in the line and in the field before, the
  /// token before, what encloses it, and the two tokens before.
  @inline(__always)
  private mutating func prepareSixth(_ model: inout ByteModel) {
    let token = UInt64(model.lane.token) << 32
    let place = UInt64(model.lane.fields.index) << 2 | UInt64(model.lane.fields.difference)
    let previous = model.lane.previousToken
    find(4, token, UInt64(model.lane.fieldHead))
    find(5, token, model.byteAbove << 8 | model.lane.recent & 0xFF)
    find(6, token, model.fieldAbove << 8 | place)
    find(7, token, UInt64(previous))
    find(8, token, UInt64(model.lane.nesting.innermost))
    find(9, token, UInt64(previous ^ model.lane.tokenBefore &* 0x9E37_79B1))
  }

  @inline(__always)
  private mutating func find(_ i: Int, _ token: UInt64, _ surroundings: UInt64) {
    let both = token ^ (surroundings &* 0xD6E8_FEB8_6659_FD93)
    let key = (both &+ UInt64(i)) &* 0x9E37_79B9_7F4A_7C15
    find(i, key ^ key >> 29)
  }

  /// Finds what a hashed context has seen, and has it brought near.
  @inline(__always)
  private mutating func find(_ i: Int, _ key: UInt64) {
    let hash = (key &* 0x9E37_79B9_7F4A_7C15) >> UInt64(64 - Self.log2Entries)
    indices[2 + i] = i << Self.log2Entries | Int(hash)
    entries.prefetch(indices[2 + i])
    if hasCorrections { lmz_prefetch(correctionValues + indices[2 + i]) }
  }

  /// The probability of yes in 0...1.
  ///
  /// - Parameter model: whose lane `prepare` was told.
  mutating func probability(_ model: inout ByteModel, _ decision: Decision) -> Float {
    let x = mixer.inputs
    let stretched = logistic.stretch16(UInt32(decision.probability))
    x[0] = stretched
    let long = see(0, model.tokenEnd(model.matches.0))
    _ = see(1, model.tokenEnd(model.matches.1))
    for i in 0..<hashed {
      x[3 + i] = logistic.stretch[entries.probability12(indices[2 + i])]
    }
    mixer.select(0, long)
    mixer.select(1, Self.step(stretched))
    if version.hasNGrams {
      expectation = logistic.stretch16(UInt32(decision.expectation))
      x[3 + hashed] = expectation
      mixer.select(2, Int(decision.trust) * Self.steps + Self.step(expectation))
    }
    guard version >= .sixth else { return logistic.squash(mixer.mix(finalContext: 0)) }
    ngrams!.prepare(decision)
    x[4 + hashed] = ngrams!.input
    x[5 + hashed] = 0.3
    if hasCorrections {
      for i in 0..<hashed {
        x[6 + hashed + i] = Corrections.value(correctionValues[indices[2 + i]])
      }
    }
    let c1 = Int(model.lane.recent & 0xFF)
    let place = min(model.lane.position - model.lane.tokenStart, 7)
    mixer.select(3, c1)
    mixer.select(4, place << 6 | model.lane.classes >> 3)
    return logistic.squash(
      mixer.mix(finalContext: Int(decision.trust) * MatchModel.buckets + long))
  }

  private static func step(_ x: Float) -> Int {
    Int(lmz_truncate((x + Logistic.limit) * (31.99 / (2 * Logistic.limit))))
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

  mutating func update(_ bit: Int) {
    learnCorrections(bit)
    mixer.update(bit)
    ngrams?.update(bit)
    for i in 0..<2 where indices[i] >= 0 { matches.update(indices[i], bit) }
    for i in 0..<hashed { entries.update(indices[2 + i], bit) }
  }

  private mutating func learnCorrections(_ bit: Int) {
    guard hasCorrections else { return }
    for i in 0..<hashed {
      corrections.divisors[i] = Corrections.divisor(seen: entries.seen(indices[2 + i]))
    }
    corrections.move(mixer.inputs + 6 + hashed, count: hashed, bit: bit, expectation: expectation)
    for i in 0..<hashed { correctionValues[indices[2 + i]] = corrections.moved[i] }
  }
}
