/// Blocks of a compressed stream that were opened.
public struct OpenedStream {
  /// What it takes to make them again.
  public let record: [UInt8]
  /// Their content.
  public let content: ArraySlice<UInt8>
  /// Where they begin, in bits, and where the last one, or the stream, ends.
  public let range: Range<Int>
  public let ending: Ending

  /// Why the blocks that were opened are all there are.
  public enum Ending {
    /// The last one is the last of its stream.
    case final
    /// The next one goes on behind the input.
    case exhausted
    /// With the next one, their content would be too large.
    case full
    /// What follows is none.
    case malformed
  }
}
