import Kernels

/// Context models and mixing without a language model.
public struct BytePredictor {
  private var model: ByteModel
  private var mixer: Mixer
  private var first: ProbabilityRefinement
  private var second: ProbabilityRefinement
  private let logistic: Logistic

  public init(log2Size: Int, instructionSet: InstructionSet) {
    let logistic = Logistic()
    self.logistic = logistic
    model = ByteModel(log2Size: log2Size, logistic)
    mixer = Mixer(
      inputs: ByteModel.inputCount + 1, contexts: [32 * 2, 256, 256, 64, 64], finalContexts: 256,
      initial: 0.16, rate: 0.004, finalRate: 0.002, logistic, instructionSet: instructionSet)
    first = ProbabilityRefinement(contexts: 1024, rate: 7, logistic)
    second = ProbabilityRefinement(contexts: 65536, rate: 6, logistic)
  }

  public mutating func beginBlock(_ starts: [Int]) { model.beginBlock(starts) }

  /// The probability of 1, 1...65535.
  @inline(__always)
  public mutating func probability() -> UInt32 {
    let x = mixer.inputs
    model.predict(x)
    x[ByteModel.inputCount] = 0.3
    let c1 = Int(model.lane.recent & 0xFF)
    let c2 = Int(model.lane.recent >> 8 & 0xFF)
    mixer.select(0, model.longMatch.bucket << 1 | (model.shortMatch.bucket > 0 ? 1 : 0))
    mixer.select(1, model.partial)
    mixer.select(2, c1)
    mixer.select(3, model.knownOrders << 3 | model.bit)
    mixer.select(4, byteClass(c1) << 3 | byteClass(c2))
    let mixed = mixer.mix(finalContext: model.partial)
    let a = first.refine(mixed, context: model.partial | (model.longMatch.bucket > 0 ? 256 : 0))
    let b = second.refine(mixed, context: Int((UInt32(c1 << 8 | model.partial) &* 0x9E37_79B1) >> 16))
    let p = (logistic.squash(mixed) * 2 + a + b) * 0.25
    return UInt32(max(1, min(65535, Int(p * 65536))))
  }

  @inline(__always)
  public mutating func update(_ answer: Bool) {
    let bit = answer ? 1 : 0
    mixer.update(bit)
    first.update(bit)
    second.update(bit)
    model.update(bit)
  }
}

/// Eight kinds of bytes.
@inline(__always)
func byteClass(_ c: Int) -> Int {
  if c >= 128 { return c >= 192 ? 7 : 6 }
  if (c | 32) - 97 < 26 && c >= 65 && (c | 32) >= 97 { return c >= 97 ? 5 : 4 }
  if c >= 48 && c < 58 { return 3 }
  if c == 32 { return 2 }
  return c < 32 ? 0 : 1
}
