import Synchronization
import Testing

@testable import Kernels

@Suite struct ThreadTeamTests {
  private struct Failure: Error, Equatable {
    let member: Int
  }

  @Test func everyMemberRunsOnce() {
    let counts = Mutex([Int](repeating: 0, count: 9))
    runTeam(9) { i in counts.withLock { $0[i] += 1 } }
    #expect(counts.withLock { $0 } == [Int](repeating: 1, count: 9))
    #expect(throws: Failure(member: 3)) {
      try runTeam(9) { i throws(Failure) in if i >= 3 { throw Failure(member: i) } }
    }
  }

  /// Members that wait for each other, as a decoder's do.
  @Test func togetherIsAtTheSameTime() {
    let turn = Atomic<Int>(0)
    let ran = runTogether(3) { i in
      for round in 0..<20 {
        while turn.load(ordering: .acquiring) != 3 * round + i {}
        turn.add(1, ordering: .releasing)
      }
    }
    #expect(ran && turn.load(ordering: .relaxed) == 60)
  }

  @Test(arguments: [1, 2]) func bothHaveTheirResults(threads: Int) throws {
    let (number, text) = try runBoth(threads: threads) {
      7
    } _: {
      "seven"
    }
    #expect(number == 7 && text == "seven")
    func fail(_ member: Int) throws -> Int { throw Failure(member: member) }
    #expect(throws: Failure(member: 1)) {
      try runBoth(threads: threads) {
        try fail(1)
      } _: {
        try fail(2)
      }
    }
    #expect(throws: Failure(member: 2)) {
      try runBoth(threads: threads) {
        1
      } _: {
        try fail(2)
      }
    }
  }
}
