import Foundation
import Synchronization

/// Runs `body(0)`, …, `body(count - 1)` at the same time, one on the calling thread, and returns when all
/// are done.
///
/// - Throws: the error of the lowest-numbered body that threw.
func runTeam(_ count: Int, _ body: @escaping @Sendable (Int) throws -> Void) throws {
  let failures = Failures()
  let group = DispatchGroup()
  let run: @Sendable (Int) -> Void = { i in
    do { try body(i) } catch { failures.first.withLock { $0[i] = error } }
  }
  for i in 1..<max(1, count) {
    group.enter()
    let thread = Thread {
      run(i)
      group.leave()
    }
    thread.stackSize = 2 << 20
    thread.start()
  }
  run(0)
  group.wait()
  if let error = failures.first.withLock({ $0.min { $0.key < $1.key }?.value }) { throw error }
}

private final class Failures: Sendable {
  let first = Mutex<[Int: any Error]>([:])
}
