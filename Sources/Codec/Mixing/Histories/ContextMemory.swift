/// How large the tables of the context models are, as logarithms.
public struct ContextMemory: Equatable, Sendable {
  /// Bytes of bit histories.
  let log2Histories: Int
  /// Whether there is a correction of two bytes beside each history.
  let hasCorrections: Bool
  /// Bytes of the stream that are kept.
  let log2Stream: Int
  /// Places that each match model remembers.
  let log2Positions: Int

  /// - Parameters:
  ///   - memory: the most that may be used.
  ///   - firstBlock: bytes in the stream's first block. A block of less than the most is the only one and
  ///     needs no more memory than it can fill.
  ///   - primed: bytes that the model will be primed with before the first block.
  public init(
    _ memory: Memory, firstBlock: Int, primed: Int = 0, mixing version: MixingVersion
  ) {
    // A short frame does not say how much memory it may take.
    let isShort = firstBlock <= FrameFormat.longestShort
    let memory = isShort ? (primed > 0 ? Memory.large : .small) : memory
    let known = firstBlock + primed
    let isOnly = known < FrameFormat.maximumBlock
    let log2Block = Int.bitWidth - max(1, known).leadingZeroBitCount
    func sized(_ most: Int, _ needed: Int) -> Int { isOnly ? min(most, needed) : most }
    let more = 2 * Int(memory.rawValue)
    hasCorrections = version >= .seventh
    log2Histories = sized(20 + more, max(16, log2Block + 9))
    log2Stream = sized(22 + more, 22)
    log2Positions = sized(16 + more, max(10, log2Block + 1))
  }

  /// Bytes of the tables: histories, with corrections or not, the stream with a byte more for each, two match models.
  public var bytes: Int {
    (hasCorrections ? 3 : 1) << log2Histories + 2 << log2Stream
      + 2 * MemoryLayout<UInt32>.size << log2Positions
  }
}
