import Kernels

/// From the context models' inputs to one probability: mixing, then two refinements.
struct MixingStage {
  private(set) var mixer: Mixer
  private var byPartial: ProbabilityRefinement
  private var byPair: ProbabilityRefinement
  private let logistic: Logistic

  init(_ logistic: Logistic, instructionSet: InstructionSet) {
    self.logistic = logistic
    mixer = Mixer(
      inputs: ByteModel.inputCount + 1, contexts: [MatchModel.buckets * 2, 256, 256, 64, 64],
      finalContexts: 256, initial: 0.16, rate: 0.004, finalRate: 0.002, logistic,
      instructionSet: instructionSet)
    byPartial = ProbabilityRefinement(contexts: 512, rate: 7, logistic)
    byPair = ProbabilityRefinement(contexts: 65536, rate: 6, logistic)
  }

  func visit(_ walk: inout ParameterWalk) {
    mixer.visit(&walk)
    byPartial.visit(&walk)
  }

  /// Has the context models predict, and chooses weights.
  @inline(__always)
  func predict(_ model: inout ByteModel) {
    let x = mixer.inputs
    let partial = model.partial
    let c1 = Int(model.lane.recent & 0xFF)
    byPair.prefetch(context: c1 << 8 | partial)
    mixer.select(1, partial)
    mixer.select(2, c1)
    mixer.select(4, model.lane.classes >> 3)
    model.predict(x)
    x[ByteModel.inputCount] = 0.3
    mixer.select(0, model.longMatch.bucket << 1 | (model.shortMatch.bucket > 0 ? 1 : 0))
    mixer.select(3, model.knownOrders << 3 | model.bit)
  }

  /// The probability of 1 in 0...1, from what `predict` found.
  @inline(__always)
  mutating func probability(_ model: inout ByteModel) -> Float {
    let partial = model.partial
    let pair = Int(model.lane.recent & 0xFF) << 8 | partial
    let mixed = mixer.mix(finalContext: partial)
    let a = byPartial.refine(mixed, context: partial | (model.longMatch.bucket > 0 ? 256 : 0))
    let b = byPair.refine(mixed, context: pair)
    return mixer.probability * 0.5 + (a + b) * 0.25
  }

  @inline(__always)
  func update(_ bit: Int) {
    mixer.update(bit)
    byPartial.update(bit)
    byPair.update(bit)
  }
}
