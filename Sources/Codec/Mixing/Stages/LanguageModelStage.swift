import CKernels
import Kernels

/// The language model's probability mixed with what the context models say.
///
/// The second version adds what each context and match said to the inputs, and three sets of weights: by the
/// long match and the model's confidence, by where in its byte and token the bit is, by the last three bytes. The third
/// adds what n-grams make of the language model's probability, and weights by how much they have to say. The fourth has
/// weights by what encloses the byte, and other rates. The fifth has other contexts.
struct LanguageModelStage {
  private var mixer: Mixer
  private var refinement: ProbabilityRefinement
  private let logistic: Logistic
  private let version: MixingVersion
  private let tokenContexts: Int
  // Of the decision that was prepared: the language model's probability, that with n-grams, the context of the refinement.
  private var stretched: Float = 0
  private var expectation: Float = 0
  private var pair = 0
  /// Decisions learned from so far.
  private var learned = 0

  /// Steps of confidence.
  static let steps = 24

  /// The language model, the result of `MixingStage`, those of its weight sets, and the first two unstretched.
  private static let inputs = 9

  init(_ version: MixingVersion, _ logistic: Logistic, instructionSet: InstructionSet) {
    self.logistic = logistic
    self.version = version
    tokenContexts = version.tokenContexts
    var inputs = Self.inputs
    var contexts = [Self.steps * Self.steps, MatchModel.buckets * 8, 256, 256]
    if version != .first {
      inputs += ByteModel.inputCount / 2 + version.tokenContexts
      contexts += [15 * Self.steps, 256, 512]
    }
    if version.hasNGrams {
      inputs += 2
      contexts.append(8 * Self.steps)
    }
    var (rate, finalRate): (Float, Float) = (0.002, version == .first ? 0.002 : 0.001)
    if version >= .fourth {
      contexts.append(256)
      (rate, finalRate) = (Self.rate(after: 0), 0.0003)
    }
    mixer = Mixer(
      inputs: inputs, contexts: contexts, finalContexts: 256, initial: 0, rate: rate,
      finalRate: finalRate, logistic, instructionSet: instructionSet)
    mixer.setInitial(input: version.hasNGrams ? inputs - 2 : 0, to: 1)
    refinement = ProbabilityRefinement(contexts: 65536, rate: 6, logistic)
  }

  func visit(_ walk: inout ParameterWalk) { mixer.visit(&walk) }

  /// The mixer's learning rate after `learned` decisions, in the fourth version: three times as high at first as in the
  /// end, as short files differ from what weights begin with, and long ones want them at rest.
  static func rate(after learned: Int) -> Float {
    0.002 + 0.004 * (262_144 / (262_144 + Float(learned)))
  }

  static func step(_ x: Float) -> Int {
    Int(lmz_truncate((max(-8, min(8, x)) + 8) * (Float(steps) - 0.01) / 16))
  }

  /// Chooses what does not depend on what the context models will say of the decision, so that it is
  /// near when it is needed.
  ///
  /// - Parameter decision: with the language model's probability.
  @inline(__always)
  mutating func prepare(_ model: inout ByteModel, _ decision: Decision) {
    let c1 = Int(model.lane.recent & 0xFF)
    stretched = logistic.stretch16(UInt32(decision.probability))
    pair = c1 << 8 | model.partial
    refinement.prefetch(context: pair)
    mixer.select(2, model.partial)
    mixer.select(3, c1)
    if version != .first {
      mixer.select(6, model.lane.classes)
    }
    if version.hasNGrams {
      expectation = logistic.stretch16(UInt32(decision.expectation))
      mixer.select(7, Int(decision.trust) * Self.steps + Self.step(expectation))
    }
    if version >= .fourth { mixer.select(8, Int(model.lane.nesting.innermost & 255)) }
  }

  /// The probability of 1 in 0...1.
  ///
  /// - Parameters:
  ///   - contexts: the context models' probability of 1 in 0...1.
  ///   - decision: the one that `prepare` was told; `selectWeights` has been called since.
  @inline(__always)
  mutating func probability(
    _ model: inout ByteModel, _ stage: inout MixingStage, contexts: Float, _ decision: Decision
  ) -> Float {
    let context = logistic.stretch16(UInt32(max(1, min(65535, contexts * 65536))))
    let expected = version.hasNGrams ? expectation : stretched
    mixer.select(0, Self.step(expected) * Self.steps + Self.step(context))
    let x = mixer.inputs
    x[0] = stretched
    x[1] = context
    for s in 0..<stage.mixer.sets { x[2 + s] = stage.mixer.outputs[s] }
    x[7] = Float(Int(decision.probability) - 32768) * (1 / 16384)
    x[8] = contexts * 4 - 2
    if version != .first { addSecond(&model, &stage) }
    if version.hasNGrams {
      let x = x + Self.inputs + ByteModel.inputCount / 2 + tokenContexts
      x[0] = expectation
      x[1] = Float(Int(decision.expectation) - 32768) * (1 / 16384)
    }
    let mixed = mixer.mix(
      finalContext: version < .fourth
        ? model.partial : Int(decision.trust) * MatchModel.buckets + model.longMatch.bucket)
    return logistic.squash(mixed) * 0.75 + refinement.refine(mixed, context: pair) * 0.25
  }

  /// Chooses what depends on the matches and on which contexts are known.
  @inline(__always)
  func selectWeights(_ model: inout ByteModel) {
    mixer.select(1, model.longMatch.bucket << 3 | model.knownOrders)
    guard version != .first else { return }
    mixer.select(4, model.matchExpectation * Self.steps + Self.step(stretched))
    mixer.select(5, model.placeInToken)
  }

  @inline(__always)
  private func addSecond(_ model: inout ByteModel, _ stage: inout MixingStage) {
    var x = mixer.inputs + Self.inputs
    // Every input of that stage is followed by the same probability unstretched.
    for i in 0..<(ByteModel.inputCount / 2) { x[i] = stage.mixer.inputs[2 * i] }
    x += ByteModel.inputCount / 2
    for i in 0..<tokenContexts { x[i] = model.tokenInputs[i] }
  }

  @inline(__always)
  mutating func update(_ bit: Int) {
    mixer.update(bit)
    if version >= .fourth {
      learned += 1
      mixer.rate = Self.rate(after: learned)
    }
    refinement.update(bit)
  }
}
