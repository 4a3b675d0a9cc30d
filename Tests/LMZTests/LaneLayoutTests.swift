import TestSupport
import Testing

@testable import LMZ

@Suite struct LaneLayoutTests {
  @Test func runsCoverAllTokensAndNoneIsEmpty() {
    var random = SeededGenerator(seed: 40)
    for _ in 0..<500 {
      let lengths = (0..<Int.random(in: 1...40, using: &random)).map { _ in
        Int.random(in: 1...64, using: &random)
      }
      let count = Int.random(in: 1...4, using: &random)
      let ranges = LaneLayout.cut(lengths, into: count)
      #expect(ranges.count <= count && ranges.allSatisfy { !$0.isEmpty }, "seed 40: \(lengths)")
      #expect(ranges.flatMap { Array($0) } == Array(lengths.indices), "seed 40: \(lengths)")
    }
  }

  @Test func runsAreNearlyEqual() {
    let lengths = (0..<1000).map { $0 % 7 + 1 }
    let sizes = LaneLayout.cut(lengths, into: 4).map { $0.reduce(0) { $0 + lengths[$1] } }
    #expect(sizes.count == 4 && sizes.max()! - sizes.min()! <= 14)
  }

  @Test func oneLongTokenLeavesOneRun() {
    #expect(LaneLayout.cut([1, 1, 1, 1, 60], into: 4) == [0..<5])
  }
}
