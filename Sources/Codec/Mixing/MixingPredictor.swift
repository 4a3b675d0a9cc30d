import Kernels

/// What the stream itself has taught, mixed with the language model where that has something to say.
///
/// The bits of bytes are mixed with the context models; where a token ends, with where tokens ended before.
public struct MixingPredictor: Predictor {
  private var model: ByteModel
  private var contexts: MixingStage
  private var languageModel: LanguageModelStage
  private var tokenEnd: TokenEndStage
  private var runs = Runs()
  private var kind: UInt8 = 0
  private var isLanguageModelUsed = false
  /// Bits of the current byte that the model has been told.
  private var told = 0
  /// Where the next block begins in the stream.
  private var nextPosition = 0

  /// - Parameters:
  ///   - firstBlock: bytes in the stream's first block.
  ///   - priming: text that is known to both sides before the first block.
  ///   - parameters: what to begin with; nil for what is known without any training.
  /// - Throws: `OutOfMemory` where `memory` is more than can be had.
  public init(
    memory: Memory, firstBlock: Int, priming: Priming? = nil, parameters: MixingParameters?,
    instructionSet: InstructionSet
  ) throws(OutOfMemory) {
    let logistic = Logistic()
    model = try ByteModel(
      memory: memory, firstBlock: firstBlock, primed: priming?.bytes ?? 0, logistic)
    contexts = MixingStage(logistic, instructionSet: instructionSet)
    languageModel = LanguageModelStage(logistic, instructionSet: instructionSet)
    tokenEnd = TokenEndStage(logistic, instructionSet: instructionSet)
    if let parameters {
      var walk = ParameterWalk(setting: parameters)
      visit(&walk)
    }
    priming?.prime(&self)
  }

  /// What has been learned so far, to begin other streams with.
  public var parameters: MixingParameters {
    var walk = ParameterWalk()
    visit(&walk)
    return walk.parameters
  }

  /// The parameters in a file; nil where it has not the right size.
  public static func parameters(file bytes: [UInt8]) throws(OutOfMemory) -> MixingParameters? {
    let shape = try MixingPredictor(
      memory: .small, firstBlock: 1, parameters: nil, instructionSet: .best)
    return MixingParameters(bytes: bytes, like: shape.parameters)
  }

  private func visit(_ walk: inout ParameterWalk) {
    model.visit(&walk)
    contexts.visit(&walk)
    languageModel.visit(&walk)
    tokenEnd.visit(&walk)
  }

  public mutating func beginTokens(_ lanes: [Int]) {
    model.recordLength = ByteStructure.text.recordLength
    beginBlock(lanes)
  }

  /// Starts a block of bytes.
  public mutating func beginBytes(_ count: Int, _ structure: ByteStructure) {
    model.recordLength = structure.recordLength
    beginBlock([count])
    runs.repeatsLines = structure.repeatsLines
  }

  private mutating func beginBlock(_ lanes: [Int]) {
    runs.beginBlock()
    var starts: [Int] = []
    for size in lanes {
      starts.append(nextPosition)
      nextPosition += size
    }
    model.beginBlock(starts)
  }

  public mutating func select(lane: Int) { model.select(lane: lane) }

  public mutating func beginToken() { model.beginToken() }

  @inline(__always)
  public mutating func probability(_ decision: Decision) -> UInt32 {
    kind = decision.kind
    if kind == Decision.run {
      return runs.probability(model.lane.position)
    }
    let p: Float
    if kind == Decision.endOfToken {
      p = tokenEnd.probability(model, languageModel: decision.probability)
    } else {
      catchUp(Int(decision.partial), bits: Int(kind))
      isLanguageModelUsed = decision.probability != Decision.unknown
      let q = contexts.probability(&model)
      p =
        isLanguageModelUsed
        ? languageModel.probability(
          model, contexts, contexts: q, languageModel: decision.probability)
        : q
    }
    return UInt32(max(1, min(65535, Int(p * 65536))))
  }

  @inline(__always)
  public mutating func update(_ answer: Bool) {
    let bit = answer ? 1 : 0
    if kind == Decision.run {
      runs.update(bit)
    } else if kind == Decision.endOfToken {
      tokenEnd.update(bit)
    } else {
      if isLanguageModelUsed { languageModel.update(bit) }
      contexts.update(bit)
      model.update(bit)
      told += 1
    }
  }

  public mutating func offeredRun() -> [UInt8] { runs.next(model) }

  public mutating func append(run: [UInt8]) { runs.accept(run, &model) }

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
    model.note(stored: content)
  }
}
