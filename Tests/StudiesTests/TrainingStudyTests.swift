import Foundation
import LM
import LMZ
import TestSupport
import Testing

@testable import Studies

@Suite struct TrainingStudyTests {
  static func study() throws -> TrainingStudy {
    var settings = TrainingStudy.Settings()
    settings.threads = 2
    return try TrainingStudy(
      [Golden.sample("english.txt")], base: Golden.bytes("tiny.safetensors"), settings: settings)
  }

  @Test func powerLawIsFound() throws {
    let points = [1e4, 1e5, 1e6, 1e7].map { (x: $0, y: pow(3e8 / $0, 0.076)) }
    let law = try #require(PowerLaw(points))
    #expect(abs(law.exponent - 0.076) < 1e-9 && law.interval < 1e-9)
    #expect(abs(law.constant / 3e8 - 1) < 1e-6)
    #expect(abs(law(1e5) - points[1].y) < 1e-9)
    var bent = points
    bent[1].y *= 1.05
    let other = try #require(PowerLaw(bent))
    #expect(abs(other.exponent - 0.076) < other.interval)
    #expect(PowerLaw([(1, 1)]) == nil)
    #expect(PowerLaw([(1, 1), (1, 2)]) == nil)
    #expect(PowerLaw([(1, 1), (2, -1)]) == nil)
  }

  /// The size of the text falls while the model learns.
  @Test func learningMakesTheTextSmaller() throws {
    let study = try Self.study()
    let report = try study.learning(
      tokens: 40_000, text: Array(Golden.sample("english.txt").prefix(3000)),
      peers: [MeasuredCompressor("count") { $0.count }], progress: { _ in })
    let sizes = report.markdown.split(separator: "\n").compactMap { line -> Int? in
      let cells = line.split(separator: "|").map { $0.trimmingPrefix(" ").prefix { $0 != " " } }
      return cells.count == 4 && Int(cells[0]) != nil ? Int(cells[1]) : nil
    }
    #expect(sizes.count >= 4)
    #expect(Double(try #require(sizes.last)) < 0.9 * Double(try #require(sizes.first)))
    #expect(report.markdown.contains("count 3000"))
  }

  /// More parameters than text: the training text becomes much smaller than held-out text.
  @Test func littleTextIsLearnedByHeart() throws {
    let report = try Self.study().overfit(
      epochs: 12, sizes: [4 << 10], progress: { _ in })
    let row = try #require(report.markdown.split(separator: "\n").first { $0.contains("| none |") })
    let cells = row.split(separator: "|").map { $0.trimmingPrefix(" ").prefix { $0 != " " } }
    let (heldOut, training) = (try #require(Double(cells[4])), try #require(Double(cells[5])))
    #expect(training < heldOut)
    #expect(!report.figures.isEmpty)
  }
}
