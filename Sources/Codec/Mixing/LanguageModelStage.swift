import Kernels

/// The language model's probability mixed with what the context models say.
struct LanguageModelStage {
  private var mixer: Mixer
  private var refinement: ProbabilityRefinement
  private let logistic: Logistic

  /// Steps of confidence.
  private static let steps = 24

  init(_ logistic: Logistic, instructionSet: InstructionSet) {
    self.logistic = logistic
    mixer = Mixer(
      inputs: 9, contexts: [Self.steps * Self.steps, MatchModel.buckets * 8, 256, 256],
      finalContexts: 256, initial: 0, rate: 0.002, finalRate: 0.002, logistic,
      instructionSet: instructionSet)
    mixer.setInitial(input: 0, to: 1)
    refinement = ProbabilityRefinement(contexts: 65536, rate: 6, logistic)
  }

  func visit(_ walk: inout ParameterWalk) { mixer.visit(&walk) }

  private static func step(_ x: Float) -> Int {
    Int((max(-8, min(8, x)) + 8) * (Float(steps) - 0.01) / 16)
  }

  /// The probability of 1 in 0...1.
  ///
  /// - Parameters:
  ///   - contexts: the context models' probability of 1 in 0...1.
  ///   - languageModel: the language model's in 1...65535.
  @inline(__always)
  mutating func probability(
    _ model: ByteModel, _ stage: MixingStage, contexts: Float, languageModel: UInt16
  ) -> Float {
    let x = mixer.inputs
    let stretched = logistic.stretch16(UInt32(languageModel))
    let context = logistic.stretch16(UInt32(max(1, min(65535, contexts * 65536))))
    x[0] = stretched
    x[1] = context
    for s in 0..<stage.mixer.sets { x[2 + s] = stage.mixer.outputs[s] }
    x[7] = Float(Int(languageModel) - 32768) * (1 / 16384)
    x[8] = contexts * 4 - 2
    mixer.select(0, Self.step(stretched) * Self.steps + Self.step(context))
    mixer.select(1, model.longMatch.bucket << 3 | model.knownOrders)
    mixer.select(2, model.partial)
    let c1 = Int(model.lane.recent & 0xFF)
    mixer.select(3, c1)
    let mixed = mixer.mix(finalContext: model.partial)
    let a = refinement.refine(mixed, context: c1 << 8 | model.partial)
    return logistic.squash(mixed) * 0.75 + a * 0.25
  }

  @inline(__always)
  func update(_ bit: Int) {
    mixer.update(bit)
    refinement.update(bit)
  }
}
