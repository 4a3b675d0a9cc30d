import Foundation
import Synchronization

/// Runs `body(0)`, …, `body(count - 1)` at the same time, one on the calling thread, and returns when all
/// are done.
///
/// - Throws: the error of the lowest-numbered body that threw.
package func runTeam<Failure: Error>(
  _ count: Int, _ body: @escaping @Sendable (Int) throws(Failure) -> Void
) throws(Failure) {
  let failures = Failures<Failure>()
  let group = DispatchGroup()
  let run: @Sendable (Int) -> Void = { i in
    do throws(Failure) { try body(i) } catch { failures.byMember.withLock { $0[i] = error } }
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
  if let error = failures.byMember.withLock({ $0.min { $0.key < $1.key }?.value }) { throw error }
}

private final class Failures<Failure: Error>: Sendable {
  let byMember = Mutex<[Int: Failure]>([:])
}
