import Codec
import Foundation
import Kernels

/// Decodes frames side by side: the caller's thread the first, and others what is read ahead meanwhile.
struct FramesAhead: Sendable {
  private let decompressor: Decompressor
  private let options: Options
  private let board: FrameBoard
  private let progress: SharedProgress

  init(_ decompressor: Decompressor, _ options: Options, _ progress: @escaping (Int) -> Void) {
    let share = ThreadShare(options.threads)
    self.decompressor = decompressor
    self.options = options.sharing(share)
    self.progress = SharedProgress(progress)
    board = FrameBoard(
      threads: options.threads, memory: options.memoryForFrames, share: share)
  }

  /// - Returns: nil where there is no thread to read; then nothing was read.
  func decompress(from source: any ByteSource, to sink: any ByteSink) throws -> StreamSizes? {
    let owned = OwnedSource(source: source)
    guard detachThread({ read(owned.source) }) else { return nil }
    defer { progress.end() }
    do {
      return try write(to: sink)
    } catch {
      board.cancel()
      throw error
    }
  }

  /// Belongs to the thread that reads.
  private struct OwnedSource: @unchecked Sendable {
    let source: any ByteSource
  }

  private func read(_ source: any ByteSource) {
    var reader = FrameReader(source)
    do {
      try decompressor.forEachFrame(of: &reader) { header, models, reader in
        guard let frame = board.begin(header, models) else { throw CancellationError() }
        decodeAhead()
        do {
          while let block = try reader.nextBlock() {
            guard board.append(block, to: frame) else { throw CancellationError() }
          }
          board.close(frame, .success(try reader.finishFrame()))
        } catch {
          board.close(frame, .failure(error))
          throw error
        }
      }
      board.close(.success(reader.position))
    } catch {
      board.close(.failure(error))
    }
  }

  /// Starts threads for frames that can be decoded ahead.
  private func decodeAhead() {
    while let frame = board.take() {
      let isStarted = detachThread {
        var next: FrameBoard.Frame? = frame
        while let frame = next {
          decode(frame) { try board.deliver($0, of: frame) }
          next = board.take()
        }
      }
      if !isStarted {
        board.putBack(frame)
        return
      }
    }
  }

  private func decode(_ frame: FrameBoard.Frame, write: ([UInt8]) throws -> Void) {
    var blocks = ReadBlocks(board: board, frame: frame)
    board.finish(
      frame,
      Result {
        try decompressor.decode(
          frame.header, frame.models, from: &blocks, options, progress: progress.report,
          write: write)
      })
  }

  private struct ReadBlocks: FrameBlocks {
    let board: FrameBoard
    let frame: FrameBoard.Frame

    func nextBlock() throws -> Block? { try board.nextBlock(of: frame) }
    func finishFrame() throws -> FrameEnd { try board.end(of: frame) }
  }

  private func write(to sink: any ByteSink) throws -> StreamSizes {
    var sink = sink
    var size = 0
    func write(_ content: [UInt8]) throws {
      size += content.count
      try sink.write(content)
    }
    while let (frame, isOwn) = try board.first() {
      if isOwn {
        decode(frame, write: write)
        decodeAhead()
      }
      while let content = try board.nextContent(of: frame) { try write(content) }
      board.removeFirst()
    }
    return StreamSizes(content: size, archive: try board.position())
  }
}
