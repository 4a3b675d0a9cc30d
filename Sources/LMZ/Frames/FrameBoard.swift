import Codec
import Foundation

/// The frames of an archive on their way from the thread that reads them to the one that writes their contents,
/// which is the caller's. That one decodes a frame that nobody has begun, as the first; others are decoded
/// ahead of it. What waits between them is bounded, whatever the frames' sizes.
final class FrameBoard: @unchecked Sendable {
  /// What is known of a frame; the board's lock protects what varies.
  final class Frame: @unchecked Sendable {
    let header: FrameHeader
    let models: ModelLibrary
    fileprivate var blocks: [Block] = []
    fileprivate var end: Result<FrameEnd, any Error>?
    fileprivate var isTaken = false
    fileprivate var contents: [[UInt8]] = []
    fileprivate var size = 0
    fileprivate var outcome: Result<Void, any Error>?

    fileprivate init(_ header: FrameHeader, _ models: ModelLibrary) {
      self.header = header
      self.models = models
    }

    /// Bytes for its context models, if its first block is a long one.
    fileprivate var memory: Int {
      ContextMemory(
        header.memory, firstBlock: FrameFormat.maximumBlock, mixing: header.mixing
      ).bytes
    }
  }

  /// Thrown in a decoder whose frame nobody wants any more.
  private struct Cancelled: Error {}

  /// What is read ahead, in bytes.
  private static let mostAhead = 32 << 20
  /// What a frame may have decoded before it is its turn, in bytes.
  private static let mostContent = 16 << 20
  /// Bytes that a frame or block takes beside what it holds, at most.
  private static let overhead = 4096

  private let condition = NSCondition()
  private let share: ThreadShare
  private let threads: Int
  private let mostMemory: Int
  /// Those that are not written.
  private var frames: [Frame] = []
  /// What follows them: the archive's end, by its position, or an error.
  private var end: Result<Int, any Error>?
  private var ahead = 0
  private var decoders = 0
  private var memory = 0
  /// Whether the caller's thread takes the next frame that nobody has begun.
  private var isCallerIdle = true
  private var isCancelled = false

  /// - Parameters:
  ///   - threads: frames at a time.
  ///   - memory: bytes for their context models; one frame may have more.
  init(threads: Int, memory: Int, share: ThreadShare) {
    self.threads = threads
    mostMemory = memory
    self.share = share
  }

  private func locked<Value>(_ body: () throws -> Value) rethrows -> Value {
    condition.lock()
    defer { condition.unlock() }
    return try body()
  }

  private func wait(while isTooEarly: () -> Bool) {
    while isTooEarly() { condition.wait() }
  }
}

/// The thread that reads.
extension FrameBoard {
  /// - Returns: nil where nobody wants more.
  func begin(_ header: FrameHeader, _ models: ModelLibrary) -> Frame? {
    let frame = Frame(header, models)
    return locked {
      guard isWanted(Self.overhead) else { return nil }
      frames.append(frame)
      condition.broadcast()
      return frame
    }
  }

  /// - Returns: false where nobody wants more.
  func append(_ block: Block, to frame: Frame) -> Bool {
    locked {
      guard isWanted(Self.weight(of: block)) else { return false }
      frame.blocks.append(block)
      condition.broadcast()
      return true
    }
  }

  /// After a frame's last block.
  func close(_ frame: Frame, _ end: Result<FrameEnd, any Error>) {
    locked {
      frame.end = end
      condition.broadcast()
    }
  }

  /// After the last frame: the thread that reads needs its source no longer.
  func close(_ end: Result<Int, any Error>) {
    locked {
      self.end = end
      condition.broadcast()
    }
  }

  /// Waits until there is room for it.
  private func isWanted(_ weight: Int) -> Bool {
    wait { ahead > Self.mostAhead && !isCancelled }
    ahead += weight
    return !isCancelled
  }

  private static func weight(of block: Block) -> Int {
    block.leaves.reduce(overhead) { $0 + overhead + $1.payload.count }
  }
}

/// Threads that decode.
extension FrameBoard {
  /// The next frame to decode ahead of the caller; nil where there is none or no thread or memory for it.
  func take() -> Frame? {
    locked {
      // The caller's thread is about to take the first one.
      let own = isCallerIdle ? frames.first.flatMap { $0.isTaken ? nil : $0 } : nil
      let busy = decoders + (own == nil ? 0 : 1)
      let memory = memory + (own?.memory ?? 0)
      guard !isCancelled, busy < threads,
        let frame = frames.first(where: { !$0.isTaken && $0 !== own }),
        busy == 0 || memory + frame.memory <= mostMemory
      else { return nil }
      enter(frame)
      return frame
    }
  }

  /// For another thread to take, where the one that was to decode it could not be started.
  func putBack(_ frame: Frame) {
    locked {
      leave(frame)
      frame.isTaken = false
      condition.broadcast()
    }
  }

  /// - Throws: what went wrong where it was read.
  func nextBlock(of frame: Frame) throws -> Block? {
    try locked {
      wait { frame.blocks.isEmpty && frame.end == nil && !isCancelled }
      if isCancelled { throw Cancelled() }
      guard !frame.blocks.isEmpty else {
        _ = try frame.end?.get()
        return nil
      }
      let block = frame.blocks.removeFirst()
      ahead -= Self.weight(of: block)
      condition.broadcast()
      return block
    }
  }

  func end(of frame: Frame) throws -> FrameEnd {
    try locked {
      wait { frame.end == nil && !isCancelled }
      guard let end = frame.end else { throw Cancelled() }
      return try end.get()
    }
  }

  func deliver(_ content: [UInt8], of frame: Frame) throws {
    try locked {
      wait { frame.size > Self.mostContent && !isCancelled }
      if isCancelled { throw Cancelled() }
      frame.contents.append(content)
      frame.size += content.count
      condition.broadcast()
    }
  }

  /// To be called by whoever decoded a frame.
  func finish(_ frame: Frame, _ outcome: Result<Void, any Error>) {
    locked {
      frame.outcome = outcome
      leave(frame)
      condition.broadcast()
    }
  }

  private func enter(_ frame: Frame) {
    frame.isTaken = true
    decoders += 1
    memory += frame.memory
    share.enter()
  }

  private func leave(_ frame: Frame) {
    decoders -= 1
    memory -= frame.memory
    share.leave()
  }
}

/// The caller's thread.
extension FrameBoard {
  /// The next frame to write; nil at the end of the archive.
  ///
  /// - Returns: also whether it is to be decoded by this thread, as no other has begun to.
  func first() throws -> (frame: Frame, isOwn: Bool)? {
    try locked {
      isCallerIdle = true
      wait { frames.isEmpty && end == nil }
      isCallerIdle = false
      guard let frame = frames.first else {
        _ = try end?.get()
        return nil
      }
      let isOwn = !frame.isTaken
      if isOwn { enter(frame) }
      return (frame, isOwn)
    }
  }

  /// More of a frame that another thread decodes; nil at its end, or where that thread could not be started.
  func nextContent(of frame: Frame) throws -> [UInt8]? {
    try locked {
      wait { frame.contents.isEmpty && frame.outcome == nil && frame.isTaken }
      guard !frame.contents.isEmpty else {
        try frame.outcome?.get()
        return nil
      }
      let content = frame.contents.removeFirst()
      frame.size -= content.count
      condition.broadcast()
      return content
    }
  }

  /// To be called behind `nextContent`: removes the first frame, unless nobody has decoded it.
  func removeFirst() {
    locked {
      guard frames.first?.outcome != nil else { return }
      frames.removeFirst()
      ahead -= Self.overhead
      condition.broadcast()
    }
  }

  /// Where the archive ends, once all frames are written.
  func position() throws -> Int {
    try locked { try end?.get() ?? 0 }
  }

  /// Stops the others as soon as they can be, and waits for the one that reads. Those that decode end with their block and touch nothing
  /// of the caller's.
  func cancel() {
    locked {
      isCancelled = true
      condition.broadcast()
      wait { end == nil }
    }
  }
}
