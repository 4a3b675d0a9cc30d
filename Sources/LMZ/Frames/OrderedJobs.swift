import Foundation
import Kernels

/// Jobs that threads of their own do side by side; the thread that begins them takes their results in the same
/// order. Where one fails, those behind it go on for nobody.
final class OrderedJobs<Value>: @unchecked Sendable {
  private struct Job: @unchecked Sendable {
    let body: () throws -> Value
  }

  private let condition = NSCondition()
  private let most: Int
  private var begun = 0
  private var running = 0
  private var taken = 0
  /// Of jobs that are done and not taken.
  private var results: [Int: Result<Value, any Error>] = [:]

  /// - Parameter most: jobs at a time; as many again may wait to be taken.
  init(most: Int) { self.most = most }

  /// Begins a job, where there is no thread for it by doing it.
  ///
  /// - Parameter take: is given results for as long as there are too many jobs.
  /// - Throws: what an earlier job or `take` threw.
  func begin(_ body: @escaping () throws -> Value, take: (Value) throws -> Void) throws {
    while let value = try next(unless: { running < most && begun - taken < 2 * most }) {
      try take(value)
    }
    let number = begun
    begun += 1
    condition.withLock { running += 1 }
    let job = Job(body: body)
    let work: @Sendable () -> Void = { [self] in finish(number, Result(catching: job.body)) }
    if !detachThread(work) { work() }
  }

  /// Gives `take` all that is left.
  func finish(take: (Value) throws -> Void) throws {
    while let value = try next(unless: { begun == taken }) { try take(value) }
  }

  /// The next result, for which it waits.
  ///
  /// - Parameter isEnough: whether none is needed, where there is none yet.
  private func next(unless isEnough: () -> Bool) throws -> Value? {
    condition.lock()
    defer { condition.unlock() }
    while true {
      if let result = results.removeValue(forKey: taken) {
        taken += 1
        return try result.get()
      }
      if isEnough() { return nil }
      condition.wait()
    }
  }

  private func finish(_ number: Int, _ result: Result<Value, any Error>) {
    condition.withLock {
      results[number] = result
      running -= 1
      condition.broadcast()
    }
  }
}
