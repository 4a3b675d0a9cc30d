import Foundation
import Kernels

/// How to run. None of it changes a bit of what is written.
public struct Options: Sendable {
  public var threads: Int
  public var instructionSet: InstructionSet

  /// - Parameters:
  ///   - threads: 1 or more; all processors by default.
  ///   - instructionSet: the best of this processor by default.
  public init(
    threads: Int = ProcessInfo.processInfo.activeProcessorCount,
    instructionSet: InstructionSet = .best
  ) {
    self.threads = max(1, threads)
    self.instructionSet = instructionSet
  }
}
