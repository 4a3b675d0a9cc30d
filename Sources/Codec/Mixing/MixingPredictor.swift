import Kernels

/// What the stream itself has taught, mixed with the language model where that has something to say.
///
/// The bits of bytes are mixed with the context models; where a token ends, with where tokens ended before.
public struct MixingPredictor: Predictor {
  private var model: ByteModel
  private var contexts: MixingStage
  /// In versions before the sixth; nil in later ones.
  private var languageModel: LanguageModelStage?
  /// From the sixth version on, for blocks of tokens.
  private var tokenBit: TokenBitStage?
  private var tokenEnd: TokenEndStage
  private var runs = Runs()
  /// Once a block has asked for them.
  private var lines: NumberedLines?
  private var numbersLines = false
  private var kind: UInt8 = 0
  private var isLanguageModelUsed = false
  /// Nil in versions that mix every decision.
  private var sure: SureDecisions?
  /// Whether the decision was left to its expectation.
  private var isLeft = false
  /// Bits of the current byte that the model has been told.
  private var told = 0
  /// Where the next block begins in the stream.
  private var nextPosition = 0

  /// - Parameters:
  ///   - version: of the mixing, as the frame says.
  ///   - firstBlock: bytes in the stream's first block.
  ///   - priming: text that is known to both sides before the first block.
  ///   - parameters: what to begin with, as many as `parameters` has; nil for what is known without any training.
  /// - Throws: `OutOfMemory` where `memory` is more than can be had.
  public init(
    _ version: MixingVersion, memory: Memory, firstBlock: Int, priming: Priming? = nil,
    parameters: MixingParameters?, instructionSet: InstructionSet
  ) throws(OutOfMemory) {
    let logistic = Logistic.shared
    model = try ByteModel(
      version, memory: memory, firstBlock: firstBlock, primed: priming?.bytes ?? 0, logistic,
      instructionSet: instructionSet)
    contexts = MixingStage(logistic, instructionSet: instructionSet)
    if version < .sixth {
      languageModel = LanguageModelStage(version, logistic, instructionSet: instructionSet)
    } else {
      tokenBit = TokenBitStage(version, logistic, instructionSet: instructionSet)
    }
    tokenEnd = try TokenEndStage(version, logistic, instructionSet: instructionSet)
    sure = version < .fourth ? nil : SureDecisions()
    if let parameters {
      var walk = ParameterWalk(setting: parameters)
      visit(&walk)
      precondition(walk.isAtEnd, "parameters of another way of mixing")
    }
    priming?.prime(&self)
  }

  /// What has been learned so far, to begin other streams with.
  public var parameters: MixingParameters {
    var walk = ParameterWalk()
    visit(&walk)
    return walk.parameters
  }

  /// The part of `parameters` that is the same in all versions: that of the context models.
  public var sharedParameters: MixingParameters {
    var walk = ParameterWalk()
    visitShared(&walk)
    return walk.parameters
  }

  private func visit(_ walk: inout ParameterWalk) {
    visitShared(&walk)
    model.visitTokenContexts(&walk)
    languageModel?.visit(&walk)
    tokenBit?.visit(&walk)
    tokenEnd.visit(&walk)
  }

  private func visitShared(_ walk: inout ParameterWalk) {
    model.visit(&walk)
    contexts.visit(&walk)
  }

  public mutating func beginTokens(_ lanes: [Int]) {
    beginBlock(lanes, .text, inTokens: true)
  }

  /// Starts a block of bytes.
  public mutating func beginBytes(_ count: Int, _ structure: ByteStructure) {
    beginBlock([count], structure)
    runs.repeatsLines = structure.repeatsLines
    guard let column = structure.numberedFrom else { return }
    numbersLines = true
    if lines?.column != column { lines = NumberedLines(column: column) }
  }

  private mutating func beginBlock(
    _ lanes: [Int], _ structure: ByteStructure, inTokens: Bool = false
  ) {
    runs.beginBlock()
    numbersLines = false
    var starts: [Int] = []
    for size in lanes {
      starts.append(nextPosition)
      nextPosition += size
    }
    model.beginBlock(starts, recordLength: structure.recordLength, inTokens: inTokens)
  }

  public mutating func select(lane: Int) { model.select(lane: lane) }

  public mutating func beginToken() {
    model.beginToken()
    model.prepareByte()
  }

  @inline(__always)
  public mutating func probability(_ decision: Decision) -> UInt32 {
    kind = decision.kind
    if kind == Decision.run {
      return runs.probability(model.lane.position)
    }
    if kind >= Decision.named, let lines {
      return kind == Decision.named ? lines.namingProbability() : lines.bitProbability()
    }
    isLeft = sure?.leaves(decision) ?? false
    if isLeft { return UInt32(decision.expectation) }
    let p: Float
    if kind == Decision.endOfToken {
      tokenEnd.prepare(&model)
      model.prepareByte()
      p = tokenEnd.probability(&model, decision)
    } else {
      catchUp(Int(decision.partial), bits: Int(kind))
      p =
        mixesTokenBits ? tokenBit!.probability(&model, decision) : probabilityInTwoStages(decision)
    }
    return UInt32(max(1, min(65535, Int(p * 65536))))
  }

  /// Whether bits are those of tokens, in the sixth version or later.
  @inline(__always)
  private var mixesTokenBits: Bool { tokenBit != nil && model.hasTokenContexts }

  /// The probability of 1 in 0...1 where they are not.
  @inline(__always)
  private mutating func probabilityInTwoStages(_ decision: Decision) -> Float {
    isLanguageModelUsed = decision.probability != Decision.unknown
    if isLanguageModelUsed { languageModel!.prepare(&model, decision) }
    contexts.predict(&model)
    if isLanguageModelUsed { languageModel!.selectWeights(&model) }
    let q = contexts.probability(&model)
    return isLanguageModelUsed
      ? languageModel!.probability(&model, &contexts, contexts: q, decision) : q
  }

  @inline(__always)
  public mutating func update(_ answer: Bool) {
    let bit = answer ? 1 : 0
    if kind <= Decision.endOfToken {
      sure?.update(answer)
      if isLeft { return }
    }
    if kind == Decision.run {
      runs.update(bit)
    } else if kind == Decision.endOfToken {
      tokenEnd.update(bit)
    } else if kind == Decision.named {
      lines?.update(isNamed: bit)
    } else if kind == Decision.numberBit {
      lines?.update(bit: bit)
    } else {
      if mixesTokenBits { tokenBit!.learnCorrections(&model, bit) }
      // Before the stages, as it has the next four bits' slots brought near.
      model.update(bit)
      if mixesTokenBits {
        tokenBit!.update(bit)
      } else {
        if isLanguageModelUsed { languageModel!.update(bit) }
        contexts.update(bit)
      }
      told += 1
    }
  }

  public mutating func offeredRun() -> [UInt8] { runs.next(&model, isLineDue: namesLine) }

  public mutating func append(run: [UInt8]) {
    let lineStart = model.lane.lineStart
    runs.accept(run, &model)
    if numbersLines { noteLines(in: run, from: lineStart) }
  }

  @inline(__always)
  public var namesLine: Bool { numbersLines && lines!.isDue(model.lane) }

  public func number(ofLineIn content: ArraySlice<UInt8>) -> Int? {
    lines?.number(of: content, model.history)
  }

  public mutating func appendLine(_ number: Int) -> [UInt8]? {
    guard let place = lines?.place(of: number, model.history) else { return nil }
    let bytes = model.copy(place.count, from: place.lowerBound)
    let lineStart = model.lane.lineStart
    model.note(copy: bytes, of: place.lowerBound, isMatch: false)
    runs.resume()
    noteLines(in: bytes, from: lineStart)
    return bytes
  }

  /// Notes the lines that end in bytes that have just come.
  private mutating func noteLines(in bytes: [UInt8], from lineStart: Int) {
    var start = lineStart
    let first = model.lane.position - bytes.count
    for (i, byte) in bytes.enumerated() where byte == 10 {
      lines?.note(start..<(first + i + 1), model.history)
      start = first + i + 1
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
    if numbersLines && byte == 10 {
      lines?.note(model.lane.previousLineStart..<model.lane.position, model.history)
    }
  }

  /// Keeps the content for the match models to find; nothing else is learned from it.
  public mutating func note(stored content: [UInt8]) {
    beginBlock([content.count], .text)
    model.note(stored: content)
  }
}
