import Kernels

/// From the models' inputs to one probability: mixing, then two refinements.
struct MixingStage {
  private(set) var mixer: Mixer
  private var byPartial: ProbabilityRefinement
  private var byPair: ProbabilityRefinement
  private let logistic: Logistic
  private let languageModelInput: Int?

  /// How sure the language model is, in steps.
  private static let confidenceSteps = 32

  /// - Parameter withLanguageModel: whether the language model's probability is one of the inputs.
  init(withLanguageModel: Bool, _ logistic: Logistic, instructionSet: InstructionSet) {
    self.logistic = logistic
    let inputs = ByteModel.inputCount + (withLanguageModel ? 2 : 1)
    let last = withLanguageModel ? Self.confidenceSteps * 8 : 64
    mixer = Mixer(
      inputs: inputs, contexts: [MatchModel.buckets * 2, 256, 256, 64, last], finalContexts: 256,
      initial: withLanguageModel ? 0 : 0.16, rate: withLanguageModel ? 0.0015 : 0.004,
      finalRate: 0.002, logistic, instructionSet: instructionSet)
    if withLanguageModel { mixer.setInitial(input: ByteModel.inputCount, to: 1) }
    languageModelInput = withLanguageModel ? ByteModel.inputCount : nil
    byPartial = ProbabilityRefinement(contexts: 512, rate: 7, logistic)
    byPair = ProbabilityRefinement(contexts: 65536, rate: 6, logistic)
  }

  func visit(_ walk: inout ParameterWalk) {
    mixer.visit(&walk)
    byPartial.visit(&walk)
  }

  /// The probability of 1 in 0...1.
  ///
  /// - Parameter languageModel: its probability of 1 in 1...65535; only where it is an input.
  @inline(__always)
  mutating func probability(_ model: inout ByteModel, languageModel: UInt16) -> Float {
    let x = mixer.inputs
    model.predict(x)
    let partial = model.partial
    let c1 = Int(model.lane.recent & 0xFF)
    mixer.select(0, model.longMatch.bucket << 1 | (model.shortMatch.bucket > 0 ? 1 : 0))
    mixer.select(1, partial)
    mixer.select(2, c1)
    mixer.select(3, model.knownOrders << 3 | model.bit)
    if let input = languageModelInput {
      let stretched = logistic.stretch16(UInt32(languageModel))
      x[input] = stretched
      x[input + 1] = Float(Int(languageModel) - 32768) * (1 / 16384)
      let step = (stretched + Logistic.limit) * (Float(Self.confidenceSteps) - 0.01)
      mixer.select(4, Int(step / (2 * Logistic.limit)) << 3 | model.bit)
    } else {
      x[ByteModel.inputCount] = 0.3
      mixer.select(4, byteClass(c1) << 3 | byteClass(Int(model.lane.recent >> 8 & 0xFF)))
    }
    let mixed = mixer.mix(finalContext: partial)
    let a = byPartial.refine(mixed, context: partial | (model.longMatch.bucket > 0 ? 256 : 0))
    let b = byPair.refine(mixed, context: c1 << 8 | partial)
    let share: Float = languageModelInput == nil ? 0.25 : 0.125
    return logistic.squash(mixed) * (1 - 2 * share) + (a + b) * share
  }

  @inline(__always)
  func update(_ bit: Int) {
    mixer.update(bit)
    byPartial.update(bit)
    byPair.update(bit)
  }
}

/// Eight kinds of bytes.
@inline(__always)
private func byteClass(_ c: Int) -> Int {
  switch c {
  case 192...: 7
  case 128...: 6
  case 97...122: 5
  case 65...90: 4
  case 48...57: 3
  case 32: 2
  case ..<32: 0
  default: 1
  }
}
