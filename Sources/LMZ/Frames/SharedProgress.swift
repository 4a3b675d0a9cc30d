import Kernels

/// Tells of progress from several threads, until the caller has what it wants.
final class SharedProgress: Sendable {
  private let receiver: Guarded<((Int) -> Void)?>

  init(_ receiver: @escaping (Int) -> Void) { self.receiver = Guarded(receiver) }

  func report(_ bytes: Int) { receiver.withLock { $0?(bytes) } }

  /// Nothing is told any more when this returns.
  func end() { receiver.withLock { $0 = nil } }
}
