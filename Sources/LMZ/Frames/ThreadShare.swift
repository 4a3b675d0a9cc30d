import Synchronization

/// Threads that frames divide among themselves while they are coded side by side. A frame that is left alone
/// gets all of them from its next block on.
final class ThreadShare: Sendable {
  private let threads: Int
  private let frames = Atomic<Int>(0)

  init(_ threads: Int) { self.threads = threads }

  /// To be called before a frame's first block, and after its last.
  func enter() { frames.add(1, ordering: .relaxed) }
  func leave() { frames.subtract(1, ordering: .relaxed) }

  /// Threads of each frame: 1 or more.
  var each: Int { max(1, threads / max(1, frames.load(ordering: .relaxed))) }
}
