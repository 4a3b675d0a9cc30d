import Codec

extension Options {
  /// Context models as every stream begins with them.
  ///
  /// - Throws: `FormatError.limitExceeded`, before anything is allocated; `OutOfMemory`.
  func mixingPredictor(_ memory: Memory, firstBlock: Int, priming: NamedModel.Priming?) throws
    -> MixingPredictor
  {
    let needed = ContextMemory(
      memory, firstBlock: firstBlock, primed: priming?.contexts.bytes ?? 0
    ).bytes
    guard needed <= memoryLimit else {
      throw FormatError.limitExceeded(needed: needed, limit: memoryLimit)
    }
    return try MixingPredictor(
      memory: memory, firstBlock: firstBlock, priming: priming?.contexts, parameters: .shipped,
      instructionSet: instructionSet)
  }
}
