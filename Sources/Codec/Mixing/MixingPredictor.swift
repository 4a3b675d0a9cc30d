import Kernels

/// What the stream itself has taught, mixed with the language model where that has something to say.
///
/// The bits of bytes are mixed with the context models. Where a token ends is something that only the
/// language model knows; its probability is refined by what came before.
public struct MixingPredictor: Predictor {
  private var model: ByteModel
  private var withLanguageModel: MixingStage
  private var withoutLanguageModel: MixingStage
  private var endByByte: ProbabilityRefinement
  private var endByPair: ProbabilityRefinement
  private let logistic: Logistic
  private var kind: UInt8 = 0
  private var isLanguageModelUsed = false
  /// Bits of the current byte that the model has been told.
  private var told = 0
  /// Where the next block begins in the stream.
  private var nextPosition = 0

  /// - Parameters:
  ///   - firstBlock: bytes in the stream's first block. A block of less than the most is the only one and
  ///     needs no more memory than it can fill.
  ///   - parameters: what to begin with; nil for what is known without any training.
  public init(
    memory: Memory, firstBlock: Int, parameters: MixingParameters?, instructionSet: InstructionSet
  ) {
    let logistic = Logistic()
    self.logistic = logistic
    model = ByteModel(memory: memory, firstBlock: firstBlock, logistic)
    withLanguageModel = MixingStage(
      withLanguageModel: true, logistic, instructionSet: instructionSet)
    withoutLanguageModel = MixingStage(
      withLanguageModel: false, logistic, instructionSet: instructionSet)
    endByByte = ProbabilityRefinement(contexts: 256, rate: 6, logistic)
    endByPair = ProbabilityRefinement(contexts: 4096, rate: 6, logistic)
    if let parameters {
      var walk = ParameterWalk(setting: parameters)
      visit(&walk)
    }
  }

  /// What has been learned so far, to begin other streams with.
  public var parameters: MixingParameters {
    var walk = ParameterWalk()
    visit(&walk)
    return walk.parameters
  }

  /// The parameters in a file; nil where it has not the right size.
  public static func parameters(file bytes: [UInt8]) -> MixingParameters? {
    let shape = MixingPredictor(
      memory: .small, firstBlock: 1, parameters: nil, instructionSet: .best)
    return MixingParameters(bytes: bytes, like: shape.parameters)
  }

  private func visit(_ walk: inout ParameterWalk) {
    model.visit(&walk)
    withLanguageModel.visit(&walk)
    withoutLanguageModel.visit(&walk)
    endByByte.visit(&walk)
  }

  public mutating func beginBlock(_ lanes: [Int]) {
    var starts: [Int] = []
    for size in lanes {
      starts.append(nextPosition)
      nextPosition += size
    }
    model.beginBlock(starts)
  }

  public mutating func select(lane: Int) { model.select(lane: lane) }

  @inline(__always)
  public mutating func probability(_ decision: Decision) -> UInt32 {
    kind = decision.kind
    let p: Float
    if kind == Decision.endOfToken {
      let stretched = logistic.stretch16(UInt32(decision.probability))
      let pair = UInt32(truncatingIfNeeded: model.lane.recent & 0xFFFF)
      let a = endByByte.refine(stretched, context: Int(pair & 0xFF))
      let b = endByPair.refine(stretched, context: Int((pair &* 0x9E37_79B1) >> 20))
      p = Float(decision.probability) * (0.5 / 65536) + (a + b) * 0.25
    } else {
      catchUp(Int(decision.partial), bits: Int(kind))
      isLanguageModelUsed = decision.probability != Decision.unknown
      p =
        isLanguageModelUsed
        ? withLanguageModel.probability(&model, languageModel: decision.probability)
        : withoutLanguageModel.probability(&model, languageModel: 0)
    }
    return UInt32(max(1, min(65535, Int(p * 65536))))
  }

  @inline(__always)
  public mutating func update(_ answer: Bool) {
    let bit = answer ? 1 : 0
    if kind == Decision.endOfToken {
      endByByte.update(bit)
      endByPair.update(bit)
    } else {
      if isLanguageModelUsed {
        withLanguageModel.update(bit)
      } else {
        withoutLanguageModel.update(bit)
      }
      model.update(bit)
      told += 1
    }
  }

  /// Tells the model the bits that took no decision.
  @inline(__always)
  private mutating func catchUp(_ partial: Int, bits: Int) {
    while told < bits {
      model.advance(partial >> (bits - 1 - told) & 1)
      told += 1
    }
  }

  @inline(__always)
  public mutating func append(_ byte: UInt8) {
    catchUp(Int(byte), bits: 8)
    told = 0
  }

  /// Keeps the content for the match models to find; nothing else is learned from it.
  public mutating func note(stored content: [UInt8]) {
    beginBlock([content.count])
    for byte in content { model.note(byte) }
  }
}
