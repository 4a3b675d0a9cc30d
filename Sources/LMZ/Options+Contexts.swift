import Codec

extension Options {
  /// How an encoder mixes. Where nothing is mixed with a language model, programs before the second
  /// version can read what it writes. A text to begin with teaches what comes after contexts, but, as the language model
  /// is not run over it, no corrections: the sixth way makes more of it.
  func mixing(_ model: NamedModel?) -> MixingVersion {
    guard let model, method == .mixed else { return .first }
    if model.priming != nil { return model.ngrams == nil ? .sixthWithoutNGrams : .sixth }
    return model.ngrams == nil ? .seventhWithoutNGrams : .seventh
  }

  /// Context models as every stream begins with them.
  ///
  /// - Throws: `FormatError.limitExceeded`, before anything is allocated; `OutOfMemory`.
  func mixingPredictor(
    _ version: MixingVersion, _ memory: Memory, firstBlock: Int, priming: NamedModel.Priming?
  ) throws -> MixingPredictor {
    let needed = ContextMemory(
      memory, firstBlock: firstBlock, primed: priming?.contexts.bytes ?? 0, mixing: version
    ).bytes
    guard needed <= memoryLimit else {
      throw FormatError.limitExceeded(needed: needed, limit: memoryLimit)
    }
    return try MixingPredictor(
      version, memory: memory, firstBlock: firstBlock, priming: priming?.contexts,
      parameters: .shipped(version), instructionSet: instructionSet)
  }
}
