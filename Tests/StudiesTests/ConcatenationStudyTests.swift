import LM
import Testing

@testable import Studies

@Suite struct ConcatenationStudyTests {
  static func text(_ words: [String], _ count: Int, seed: UInt64) -> [UInt8] {
    var generator = SeededGenerator(seed: seed)
    return Array(
      (0..<count).map { _ in words.randomElement(using: &generator) ?? "" }.joined(separator: " ")
        .utf8)
  }

  static let sources = (0..<4).map { i in
    ConcatenationStudy.Source(
      name: "text \(i)", kind: ["en_a", "en_a", "en_b", "xx"][i],
      content: text((0..<400).map { "word\($0 * 7919 + i)" }, 1200, seed: UInt64(i)))
  }

  static var settings: ConcatenationStudy.Settings {
    var settings = ConcatenationStudy.Settings()
    settings.pairs = 4
    settings.longest = 2048
    settings.threads = 2
    return settings
  }

  /// How many different pieces of eight bytes: a compressor that finds repeats of nothing else.
  static func distinct(_ content: [UInt8]) -> Int {
    var last: UInt64 = 0
    return Set(
      content.map { byte -> UInt64 in
        last = last << 8 | UInt64(byte)
        return last
      }
    ).count
  }

  @Test func everyRelationHasItsPairs() {
    let pairs = ConcatenationPairs(Self.sources, settings: Self.settings).all
    for pair in pairs {
      let (x, y) = pair.contents(1024)
      #expect(y == Array(pair.y.prefix(1024)))
      switch pair.relation {
      case .empty: #expect(x.isEmpty)
      case .same: #expect(x == y)
      case .random: #expect(x.count == 1024)
      case let relation where relation.block != nil:
        #expect(x.sorted() == pair.x.suffix(1024).sorted(), "\(relation)")
        #expect((x == Array(pair.x.suffix(1024))) == (relation == .blocks4096))
      default: #expect(x == Array(pair.x.suffix(1024)))
      }
    }
    #expect(pairs.count { $0.relation == .sameSource } == 4)
    // Texts en_b and xx have none of their own kind; xx has no other kind in its group.
    #expect(pairs.count { $0.relation == .sameKind } == 2)
    #expect(pairs.count { $0.relation == .sameGroup } == 3)
    #expect(pairs.count { $0.relation == .otherGroup } == 4)
  }

  @Test func reportHasWhatWasMeasured() throws {
    let study = ConcatenationStudy(
      Self.sources, compressors: [MeasuredCompressor("distinct", size: Self.distinct)],
      settings: Self.settings)
    #expect(study.objection == nil)
    let report = try study.run { _ in }
    let rows = report.markdown.split(separator: "\n").filter { $0.hasPrefix("| ") }
    func gap(_ relation: Relation) throws -> Double {
      let row = try #require(rows.first { $0.hasPrefix("| \(relation.rawValue) |") })
      let cells = row.split(separator: "|").map { $0.trimmingPrefix(" ") }
      return try #require(Double(cells[2].prefix { $0 != " " }))
    }
    #expect(try gap(.empty) == 0)
    #expect(try gap(.sameSource) > gap(.otherGroup))
    #expect(try gap(.same) > gap(.sameSource))
    #expect(try gap(.bytes) < gap(.sameSource) / 2)
    #expect(report.figures.map(\.name) == ["gap", "distance"])
  }

  @Test func shortTextsAreRefused() {
    var settings = Self.settings
    settings.longest = 1 << 20
    #expect(ConcatenationStudy(Self.sources, compressors: [], settings: settings).objection != nil)
  }
}
