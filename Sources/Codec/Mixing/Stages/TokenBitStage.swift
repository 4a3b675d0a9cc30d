import Kernels

/// How the bits of tokens are mixed from the sixth version on: `MixingStage` and `LanguageModelStage` of those before in one.
///
/// What contexts and matches say goes into two mixers: one for these alone, and one together with its result, the language
/// model, and what n-grams expect with it and by themselves. In the seventh version, the latter has only the last of the
/// contexts, and by how much each of them would correct the expectation.
///
/// Legend: U contexts in use.
struct TokenBitStage {
  private var contexts: Mixer
  private var mixer: Mixer
  private var refinement: ProbabilityRefinement
  private var ngrams: NGramInput
  private let logistic: Logistic
  // Of the decision that was prepared.
  private var isLanguageModelUsed = false
  private var stretched: Float = 0
  private var expectation: Float = 0
  private var pair = 0
  /// Decisions learned from so far.
  private var learned = 0

  /// Contexts and matches: U + 4.
  private let shared: Int
  /// U in the seventh version, else 0.
  private let corrected: Int
  /// The first of `shared` that both mixers have: all in the sixth version, the last 15 contexts and what follows in the seventh.
  private let firstOfBoth: Int

  private static let steps = LanguageModelStage.steps

  init(_ version: MixingVersion, _ logistic: Logistic, instructionSet: InstructionSet) {
    self.logistic = logistic
    shared = version.contextsInTokens.count + 4
    corrected = version < .seventh ? 0 : shared - 4
    firstOfBoth = version < .seventh ? 0 : shared - (15 + 4)
    // Of the five inputs that only the second mixer has.
    let first = corrected + shared - firstOfBoth
    contexts = Mixer(
      inputs: shared + 1, contexts: [MatchModel.buckets * 2, 256, 64], finalContexts: 256,
      initial: 0.16, rate: 0.004, finalRate: 0.002, logistic, instructionSet: instructionSet)
    mixer = Mixer(
      inputs: first + 5,
      contexts: [
        Self.steps * Self.steps, MatchModel.buckets * 8, 256, 256, 15 * Self.steps, 256, 512,
        8 * Self.steps, 256,
      ],
      finalContexts: 256, otherFinalContexts: 256, initial: 0,
      rate: LanguageModelStage.rate(after: 0), finalRate: 0.0003, logistic,
      instructionSet: instructionSet)
    mixer.setInitial(input: first + 2, to: 1)
    refinement = ProbabilityRefinement(contexts: 65536, rate: 6, logistic)
    ngrams = NGramInput(logistic)
  }

  func visit(_ walk: inout ParameterWalk) {
    contexts.visit(&walk)
    mixer.visit(&walk)
    ngrams.visit(&walk)
  }

  /// The probability of 1 in 0...1.
  ///
  /// - Parameter decision: on a bit of a token; without the language model's probability in a text to begin with.
  @inline(__always)
  mutating func probability(_ model: inout ByteModel, _ decision: Decision) -> Float {
    isLanguageModelUsed = decision.probability != Decision.unknown
    if isLanguageModelUsed { prepare(&model, decision) }
    let context = mixContexts(&model)
    return isLanguageModelUsed ? mix(&model, decision, context) : logistic.squash(context)
  }

  /// Chooses what does not depend on what contexts and matches will say, so that it is near when it is needed.
  @inline(__always)
  private mutating func prepare(_ model: inout ByteModel, _ decision: Decision) {
    let c1 = Int(model.lane.recent & 0xFF)
    stretched = logistic.stretch16(UInt32(decision.probability))
    expectation = logistic.stretch16(UInt32(decision.expectation))
    pair = c1 << 8 | model.partial
    refinement.prefetch(context: pair)
    mixer.select(2, model.partial)
    mixer.select(3, c1)
    mixer.select(6, model.lane.classes)
    mixer.select(7, Int(decision.trust) * Self.steps + LanguageModelStage.step(expectation))
    mixer.select(8, Int(model.lane.nesting.innermost & 255))
    ngrams.prepare(decision)
  }

  /// - Returns: what contexts and matches say, stretched.
  @inline(__always)
  private mutating func mixContexts(_ model: inout ByteModel) -> Float {
    let partial = model.partial
    contexts.select(1, Int(model.lane.recent & 0xFF))
    model.predictInTokens(contexts.inputs)
    contexts.inputs[shared] = 0.3
    contexts.select(0, model.longMatch.bucket << 1 | (model.shortMatch.bucket > 0 ? 1 : 0))
    contexts.select(2, model.knownOrders << 3 | model.bit)
    return contexts.mix(finalContext: partial)
  }

  /// - Parameter context: what contexts and matches say, stretched.
  @inline(__always)
  private mutating func mix(
    _ model: inout ByteModel, _ decision: Decision, _ context: Float
  ) -> Float {
    mixer.select(
      0, LanguageModelStage.step(expectation) * Self.steps + LanguageModelStage.step(context))
    let bucket = model.longMatch.bucket
    let place = model.placeInToken
    mixer.select(1, bucket << 3 | model.knownOrders)
    mixer.select(4, model.matchExpectation * Self.steps + LanguageModelStage.step(stretched))
    mixer.select(5, place)
    model.correct(mixer.inputs)
    let ofBoth = mixer.inputs + corrected
    ofBoth.update(from: contexts.inputs + firstOfBoth, count: shared - firstOfBoth)
    let x = ofBoth + (shared - firstOfBoth)
    x[0] = stretched
    x[1] = context
    x[2] = expectation
    x[3] = ngrams.input
    x[4] = contexts.outputs[0]
    let mixed = mixer.mix(
      finalContext: Int(decision.trust) * MatchModel.buckets + bucket, otherContext: place)
    return logistic.squash(mixed) * 0.75 + refinement.refine(mixed, context: pair) * 0.25
  }

  /// Before `model` is told the bit.
  @inline(__always)
  func learnCorrections(_ model: inout ByteModel, _ bit: Int) {
    guard isLanguageModelUsed else { return }
    model.learnCorrections(mixer.inputs, bit, expectation: expectation)
  }

  @inline(__always)
  mutating func update(_ bit: Int) {
    if isLanguageModelUsed {
      mixer.update(bit)
      learned += 1
      mixer.rate = LanguageModelStage.rate(after: learned)
      refinement.update(bit)
      ngrams.update(bit)
    }
    contexts.update(bit)
  }
}
