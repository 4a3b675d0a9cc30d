import Foundation

/// Runs `body(0)`, …, `body(count - 1)`, none of which waits for another, one on the calling thread and each
/// other on its own, and returns when all are done. Where the system has no threads for them they run one
/// after the other.
///
/// - Throws: the error of the lowest-numbered body that threw.
package func runTeam<Failure: Error>(
  _ count: Int, _ body: @escaping @Sendable (Int) throws(Failure) -> Void
) throws(Failure) {
  let failures = Guarded<[Int: Failure]>([:])
  let run: @Sendable (Int) -> Void = { i in
    do throws(Failure) { try body(i) } catch { failures.withLock { $0[i] = error } }
  }
  if !runTogether(count, run) {
    for i in 0..<count { run(i) }
  }
  if let error = failures.withLock({ $0.min { $0.key < $1.key }?.value }) { throw error }
}

/// Runs two bodies that share nothing, at the same time where there are `threads` for it.
///
/// - Throws: what the first one threw, else what the second one did.
package func runBoth<First, Second>(
  threads: Int, _ first: @escaping () throws -> First, _ second: @escaping () throws -> Second
) throws -> (First, Second) {
  guard threads > 1 else { return (try first(), try second()) }
  let both = Both(first, second)
  runTeam(2) { member in
    if member == 0 { both.first.run() } else { both.second.run() }
  }
  return (try both.first.result.get(), try both.second.result.get())
}

/// Two bodies, each of which one thread runs.
private struct Both<First, Second>: @unchecked Sendable {
  final class Member<Value> {
    private let body: () throws -> Value
    private(set) var result: Result<Value, any Error>!

    init(_ body: @escaping () throws -> Value) { self.body = body }

    func run() { result = Result(catching: body) }
  }

  let first: Member<First>
  let second: Member<Second>

  init(_ first: @escaping () throws -> First, _ second: @escaping () throws -> Second) {
    self.first = Member(first)
    self.second = Member(second)
  }
}

/// Runs `body(0)`, …, `body(count - 1)` at the same time, one on the calling thread, and returns when all are
/// done.
///
/// - Returns: false where the system has no threads for all of them; then none has run.
package func runTogether(_ count: Int, _ body: @escaping @Sendable (Int) -> Void) -> Bool {
  let gate = Guarded(false)
  var threads: [pthread_t] = []
  // Nobody passes the gate before it is known whether all can.
  let isOpen = gate.withLock { isOpen in
    while threads.count < count - 1 {
      let member = threads.count + 1
      guard let thread = startThread({ if gate.withLock({ $0 }) { body(member) } }) else {
        return false
      }
      threads.append(thread)
    }
    isOpen = true
    return true
  }
  if isOpen { body(0) }
  for thread in threads { pthread_join(thread, nil) }
  return isOpen
}

/// Runs a body on a thread of its own, for which nobody waits.
///
/// - Returns: false where the system has no thread for it; then it does not run.
package func detachThread(_ body: @escaping @Sendable () -> Void) -> Bool {
  guard let thread = startThread(body) else { return false }
  pthread_detach(thread)
  return true
}

/// Foundation's threads do not tell when they cannot be started.
private func startThread(_ body: @escaping @Sendable () -> Void) -> pthread_t? {
  var attributes = pthread_attr_t()
  guard pthread_attr_init(&attributes) == 0 else { return nil }
  defer { pthread_attr_destroy(&attributes) }
  pthread_attr_setstacksize(&attributes, 2 << 20)
  let start = Unmanaged.passRetained(ThreadBody(run: body))
  var thread = pthread_t()
  let code = pthread_create(
    &thread, &attributes,
    { argument in
      argument.map { Unmanaged<ThreadBody>.fromOpaque($0).takeRetainedValue().run() }
      return nil
    }, start.toOpaque())
  guard code == 0 else {
    start.release()
    return nil
  }
  return thread
}

private final class ThreadBody: Sendable {
  let run: @Sendable () -> Void

  init(run: @escaping @Sendable () -> Void) { self.run = run }
}
