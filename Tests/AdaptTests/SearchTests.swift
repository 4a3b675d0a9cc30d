import LM
import TestSupport
import Testing

@testable import Adapt

@Suite struct SearchTests {
  /// Every method either leaves the model as it is or makes windows smaller that it did not look at.
  @Test(arguments: Adaptation.Method.allCases.filter { $0 != .laser })
  func whatIsTakenIsBetter(method: Adaptation.Method) throws {
    let tiny = try TinyBench()
    let adaptation = try tiny.bench.adapt(method)
    let batch = tiny.bench.samples.confirmation
    let before = tiny.bench.bits(tiny.base, batch).reduce(0, +)
    let after = tiny.bench.bits(adaptation.weights, batch).reduce(0, +)
    let isChanged = adaptation.isConfirmed && method != .none
    #expect(isChanged ? after < before : after == before)
    #expect(adaptation.changed.isEmpty == !isChanged)
    for parameter in tiny.base.layout.all
    where !adaptation.changed.contains(where: { $0.name == parameter.name }) {
      #expect(
        adaptation.weights.values.array(parameter.range)
          == tiny.base.values.array(parameter.range))
    }
  }

  /// A log is unlike what the model was trained on: these must gain.
  @Test(arguments: [Adaptation.Method.bias, .full])
  func logsTeachSomething(method: Adaptation.Method) throws {
    let tiny = try TinyBench()
    let adaptation = try tiny.bench.adapt(method)
    #expect(adaptation.isConfirmed)
    let batch = tiny.bench.samples.confirmation
    let before = tiny.bench.bits(tiny.base, batch).reduce(0, +)
    let after = tiny.bench.bits(adaptation.weights, batch).reduce(0, +)
    #expect(after < 0.97 * before, "\(before) to \(after)")
  }

  /// Noise in a matrix is what reducing its rank removes; LASER measures every matrix and share.
  @Test func laserMeasuresEveryMatrixAndShare() throws {
    let tiny = try TinyBench(windows: 4, bytes: 1500)
    var generator = SeededGenerator(seed: 70)
    for parameter in tiny.base.layout.layers.map(\.down) {
      for i in parameter.range {
        tiny.base.values[i] += Float.random(in: -0.15...0.15, using: &generator)
      }
    }
    var search = Search(tiny.bench, seed: 1)
    let found = try #require(try search.run(.laser))
    #expect(search.candidates == 8 * RankReduction.rankFractions.count)
    #expect(search.choices.count == 1)
    let all = tiny.bench.samples.everything
    let before = tiny.bench.bits(tiny.base, all).reduce(0, +)
    #expect(tiny.bench.bits(found, all).reduce(0, +) < before)
  }

  @Test func changeOfEqualsIsZero() {
    let change = PairedChange(before: [3, 4, 5], after: [3, 4, 5], tokens: [1, 2, 3])
    #expect(change.mean == 0 && change.standardError == 0)
    let better = PairedChange(before: [10, 20, 30], after: [9, 18, 27], tokens: [1, 2, 3])
    #expect(better.mean == -1 && better.standardError == 0)
    let one = PairedChange(before: [10], after: [9], tokens: [1])
    #expect(one.standardError == .infinity)
  }

  @Test func samplesDoNotOverlap() throws {
    let samples = try TinyBench(windows: 50).bench.samples
    let gradient = Set(samples.gradient.sequences.map { $0.startIndex })
    let choice = Set(samples.choice.sequences.map { $0.startIndex })
    #expect(!gradient.isEmpty && !choice.isEmpty && gradient.isDisjoint(with: choice))
    #expect(gradient.count == samples.gradient.sequences.count)
  }

  @Test func concatenation() {
    // A compressor that counts distinct bytes.
    let sizes = Concatenation(of: Array("abc".utf8), and: Array("bcd".utf8)) { Set($0).count }
    #expect(sizes == Concatenation(x: 3, y: 3, xy: 4))
    #expect(sizes.gap == 2 && abs(sizes.distance - 1.0 / 3) < 1e-12)
    #expect(Concatenation(x: 0, y: 0, xy: 0).distance == 0)
  }
}
