/// Seconds of the parts of a piece of work, in the order in which they came first.
package struct Phases: Sendable, CustomStringConvertible {
  package private(set) var seconds: [(name: String, seconds: Double)] = []

  /// Adds the time that `body` takes to phase `name`.
  mutating func time<R>(_ name: String, _ body: () throws -> R) rethrows -> R {
    let start = ContinuousClock.now
    defer { add(name, (ContinuousClock.now - start) / .seconds(1)) }
    return try body()
  }

  private mutating func add(_ name: String, _ more: Double) {
    if let i = seconds.firstIndex(where: { $0.name == name }) {
      seconds[i].seconds += more
    } else {
      seconds.append((name, more))
    }
  }

  package var description: String {
    seconds.map { "\($0.name) \(($0.seconds * 10).rounded() / 10) s" }.joined(separator: ", ")
  }
}
