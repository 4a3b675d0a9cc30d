import Codec
import Foundation
import Kernels

/// How to compress and how to run.
public struct Options: Sendable {
  /// What may predict the content.
  public enum Method: Sendable {
    /// The language model mixed with what the stream teaches, or that alone: whatever suits a block.
    case mixed
    /// The language model alone, so that the size measures it.
    case languageModelOnly
    /// What the stream teaches alone: fast.
    case withoutLanguageModel
  }

  public var method: Method
  /// For what the stream teaches; an archive needs as much to be decoded.
  public var memory: Memory
  /// Whether an archive begins with the model that it needs, where that is none of the program's.
  public var embedsModel = false
  /// The most lanes in a block: 1...4. Fewer compress a little better and occupy fewer threads.
  public var lanes: Int

  /// Bytes of content in a frame; nil for one frame, whatever its length. Frames are coded side by side, and each decodes by
  /// itself; what one has taught is unknown to the next. A frame's content and what becomes of it are held in memory.
  public var frameSize: Int?

  /// The most bytes that the tables of the context models, or a model in an archive, may take.
  public var memoryLimit = Int.max

  // None of these changes a bit of what is written.
  public var threads: Int
  public var instructionSet: InstructionSet
  private var share: ThreadShare?

  /// - Parameters:
  ///   - threads: 1 or more; all processors by default.
  ///   - instructionSet: the best of this processor by default.
  public init(
    method: Method = .mixed, memory: Memory = .large, lanes: Int = 4,
    threads: Int = ProcessInfo.processInfo.activeProcessorCount,
    instructionSet: InstructionSet = .best
  ) {
    self.method = method
    self.memory = memory
    self.lanes = max(1, min(4, lanes))
    self.threads = max(1, threads)
    self.instructionSet = instructionSet
  }

  /// - Parameter requestedThreads: 0 for all processors.
  public init(requestedThreads: Int) {
    self.init()
    if requestedThreads > 0 { threads = requestedThreads }
  }

  /// Threads for a frame's next block.
  var threadsOfFrame: Int { share?.each ?? threads }

  /// Bytes for frames that are coded side by side: half of what the machine has.
  var memoryForFrames: Int {
    min(memoryLimit, Int(clamping: ProcessInfo.processInfo.physicalMemory / 2))
  }

  /// The same for frames that share the threads.
  func sharing(_ share: ThreadShare) -> Options {
    var options = self
    options.share = share
    return options
  }
}
