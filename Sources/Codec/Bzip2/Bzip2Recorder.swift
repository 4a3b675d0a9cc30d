/// Opens bzip2 streams: finds their content, and what it takes to make the same stream of that.
public enum Bzip2Recorder {
  /// What is known of a stream behind some of its blocks.
  public struct State {
    fileprivate var parameters: Bzip2Record.Parameters
    /// Whether a run has shown how long they may be, or it was written down.
    fileprivate var areRunsKnown = false
    /// Of the blocks.
    fileprivate var sum: UInt32 = 0
  }

  /// Bytes of a stream before its first block.
  public static let header = Bzip2Block.streamHeader.count + 1

  /// Whether a stream begins at a place, with a block.
  public static func begins(_ input: UnsafeBufferPointer<UInt8>, at start: Int, to end: Int) -> Bool
  {
    guard end - start >= header + 6, input[start..<end].starts(with: Bzip2Block.streamHeader) else {
      return false
    }
    let level = Int(input[start + 3]) - Int(UInt8(ascii: "0"))
    return Bzip2Block.levels.contains(level)
      && input[(start + header)..<(start + header + 6)].reduce(0) { $0 << 8 | Int($1) }
        == Bzip2Block.magic
  }

  /// Opens the stream that begins at a place, where `begins` says so.
  ///
  /// - Parameters:
  ///   - input: with `DeflateRecorder.padding` bytes more.
  ///   - most: bytes of content.
  /// - Returns: nil where its first block is not as bzip2 writes one; without content where that goes on behind the input, or is
  ///   too large.
  public static func begin(
    _ input: UnsafeBufferPointer<UInt8>, at start: Int, atMost most: Int
  ) -> (opened: OpenedStream, state: State)? {
    let level = Int(input[start + 3]) - Int(UInt8(ascii: "0"))
    let state = State(parameters: Bzip2Record.Parameters(level: level, runs: .usual))
    return open(
      input, from: 8 * start, blocksAt: 8 * (start + header), state, begins: true, atMost: most)
  }

  /// Opens what follows of a stream.
  ///
  /// - Parameter position: in bits.
  public static func resume(
    _ input: UnsafeBufferPointer<UInt8>, at position: Int, _ state: State, atMost most: Int
  ) -> (opened: OpenedStream, state: State)? {
    open(input, from: position, blocksAt: position, state, begins: false, atMost: most)
  }

  private static func open(
    _ input: UnsafeBufferPointer<UInt8>, from start: Int, blocksAt position: Int,
    _ state: State, begins: Bool, atMost most: Int
  ) -> (opened: OpenedStream, state: State)? {
    var opening = Opening(state: state, position: position)
    let ending = opening.read(input, atMost: most)
    if ending == .malformed, opening.content.isEmpty { return nil }
    opening.state.areRunsKnown = true
    let opened = OpenedStream(
      record: opening.record(begins: begins).bytes, content: opening.content[...],
      range: start..<opening.position, ending: ending)
    return (opened, opening.state)
  }

  /// What was opened so far.
  private struct Opening {
    var state: State
    /// Behind the last block, or the end of the stream.
    var position: Int
    var content: [UInt8] = []
    private var blocks: [(block: Bzip2Record.Block, size: Int)] = []
    private var hasEnd = false

    init(state: State, position: Int) {
      self.state = state
      self.position = position
    }

    mutating func read(_ input: UnsafeBufferPointer<UInt8>, atMost most: Int) -> OpenedStream.Ending
    {
      do {
        while true {
          var bits = HighBitInput(input, at: position)
          switch try bits.number(Bzip2Block.magicBits) {
          case Bzip2Block.magic:
            guard let block = try Bzip2Block.read(&bits, level: state.parameters.level) else {
              return .malformed
            }
            let room = most - content.count
            guard
              let more = Bzip2Runs.content(of: block.written, atMost: min(room, block.mostContent))
            else { return room < block.mostContent ? .full : .malformed }
            guard Bzip2Sum.of(more) == block.sum, takeRuns(of: more, as: block.written) else {
              return .malformed
            }
            state.sum = Bzip2Sum.joined(state.sum, block.sum)
            content += more
            blocks.append((Bzip2Record.Block(origin: block.origin, codes: block.codes), more.count))
            position = bits.position
          case Bzip2Block.endMagic:
            guard try bits.number(32) == Int(state.sum) else { return .malformed }
            let rest = -bits.position & 7
            guard try bits.number(rest) == 0 else { return .malformed }
            hasEnd = true
            position = bits.position
            return .final
          default: return .malformed
          }
        }
      } catch {
        return .exhausted
      }
    }

    /// Whether its runs are written as in the blocks before.
    private mutating func takeRuns(of content: [UInt8], as written: [UInt8]) -> Bool {
      let candidates = state.areRunsKnown ? [state.parameters.runs] : [.usual, .longer]
      let fitting = content.withUnsafeBufferPointer { content in
        candidates.filter { $0.written(content, limit: .max).bytes == written }
      }
      guard let first = fitting.first else { return false }
      state.parameters.runs = first
      if fitting.count == 1 { state.areRunsKnown = true }
      return true
    }

    /// - Parameter begins: whether the stream does.
    func record(begins: Bool) -> Bzip2Record {
      var record = Bzip2Record(parameters: begins ? state.parameters : nil)
      record.hasEnd = hasEnd
      record.size = content.count
      let limit = Bzip2Block.limit(state.parameters.level)
      var place = 0
      record.blocks = content.withUnsafeBufferPointer { content in
        blocks.map { block, size in
          var block = block
          let usual = state.parameters.runs.written(
            UnsafeBufferPointer(rebasing: content[place...]), limit: limit
          ).length
          if usual != size { block.size = size }
          place += size
          return block
        }
      }
      return record
    }
  }
}
