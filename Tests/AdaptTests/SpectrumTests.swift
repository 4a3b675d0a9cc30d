import Kernels
import TestSupport
import Testing

@testable import Adapt
@testable import LM

@Suite struct SpectrumTests {
  static func random(_ rows: Int, _ columns: Int, seed: UInt64) -> FloatMatrix {
    var generator = SeededGenerator(seed: seed)
    let buffer = Buffer<Float>(count: rows * columns)
    for i in 0..<buffer.count { buffer[i] = Float.random(in: -1...1, using: &generator) }
    return FloatMatrix(buffer, rows: rows, columns: columns)
  }

  @Test(arguments: [(12, 12), (7, 20), (20, 7), (1, 5)])
  func productOfThePartsIsTheMatrix(rows: Int, columns: Int) throws {
    let matrix = Self.random(rows, columns, seed: 60)
    let parts = try #require(SingularValues(of: matrix))
    let again = FloatMatrix(Buffer(count: rows * columns), rows: rows, columns: columns)
    parts.compose(parts.values, into: again)
    for i in 0..<(rows * columns) {
      #expect(abs(matrix.buffer[i] - again.buffer[i]) < 1e-5)
    }
    #expect(parts.values == parts.values.sorted(by: >))
    // The derivative of a matrix by its own values: uᵢᵀ W vᵢ = sᵢ.
    for (derivative, value) in zip(parts.derivatives(of: matrix), parts.values) {
      #expect(abs(derivative - value) < 1e-5 * parts.values[0])
    }
  }

  @Test func whatIsNotFiniteHasNoSpectrum() {
    let matrix = Self.random(4, 4, seed: 61)
    matrix.buffer[5] = .nan
    #expect(SingularValues(of: matrix) == nil)
  }

  /// Of all matrices of rank r the truncated one is nearest; blocks keep more and come nearer.
  @Test func reductionKeepsTheLargestComponents() throws {
    let tiny = try TinyBench()
    let weights = tiny.base
    let name = "layers.1.feed_forward.gate_up.weight"
    let parameter = try #require(weights.layout[name])
    var search = Search(tiny.bench, seed: 1)
    func reduced(_ blocks: Int, _ fraction: Double) -> FloatWeights {
      let copy = weights.copy()
      let reduction = RankReduction(matrix: name, blocks: blocks, rankFraction: fraction)
      let isApplied = search.apply(reduction, to: copy)
      #expect(isApplied)
      for other in weights.layout.all where other.name != name {
        #expect(copy.values.array(other.range) == weights.values.array(other.range))
      }
      return copy
    }
    func error(_ other: FloatWeights) -> Float {
      parameter.range.reduce(0) {
        let d = other.values[$1] - weights.values[$1]
        return $0 + d * d
      }
    }
    let one = error(reduced(1, 0.25))
    let parts = try #require(SingularValues(of: weights.matrix(parameter)))
    let rank = RankReduction(matrix: name, blocks: 1, rankFraction: 0.25)
      .rank(rows: 256, columns: 64)
    let removed = parts.values.dropFirst(rank).reduce(0) { $0 + $1 * $1 }
    #expect(abs(one - removed) < 1e-3 * removed)
    #expect(error(reduced(4, 0.25)) < one)
    let same = reduced(2, 1)
    for i in parameter.range { #expect(abs(same.values[i] - weights.values[i]) < 1e-4) }
  }

  /// Blocks at matched size keep no more numbers than one block of the same share, but nearly as many.
  @Test(arguments: [2, 4, 8])
  func matchedBlocksKeepAsManyNumbers(blocks: Int) {
    let (rows, columns) = (1280, 256)
    func numbers(_ reduction: RankReduction) -> Int {
      reduction.blocks * reduction.rank(rows: rows, columns: columns)
        * (rows / reduction.blocks + columns)
    }
    for fraction in [0.9, 0.4, 0.1] {
      let one = numbers(RankReduction(matrix: "", blocks: 1, rankFraction: fraction))
      let matched = numbers(
        RankReduction(matrix: "", blocks: blocks, rankFraction: fraction, isMatched: true))
      #expect(matched <= one && matched > one - blocks * (rows / blocks + columns))
    }
  }

  /// gᵢ is the slope of the loss along the i-th singular value.
  @Test func derivativesAreSlopes() throws {
    let tiny = try TinyBench()
    var phases = Phases()
    let spectral = try #require(SpectralGradient(tiny.bench, fisher: true, phases: &phases))
    let spectrum = try #require(spectral.spectra.last)
    let batch = tiny.bench.samples.gradient
    let tokens = Double(batch.rows)
    func nats(_ i: Int, moved: Float) -> Double {
      let copy = tiny.base.copy()
      var values = spectrum.singular.values
      values[i] += moved
      spectrum.singular.compose(values, into: copy.matrix(spectrum.parameter))
      return tiny.bench.bits(copy, batch).reduce(0, +) * 0.693_147_180_56 / tokens
    }
    for i in [0, 3, 10] {
      let step = spectrum.singular.values[i] * 0.2
      let slope = (nats(i, moved: step) - nats(i, moved: -step)) / Double(2 * step)
      let expected = Double(spectrum.derivatives[i])
      #expect(
        abs(slope - expected) < 0.1 * abs(expected) + 2e-5, "\(i): \(slope) against \(expected)")
      #expect(spectrum.fisher[i] >= spectrum.derivatives[i] * spectrum.derivatives[i] * 0.9)
    }
    // In one go, or sample by sample.
    let quick = try #require(SpectralGradient(tiny.bench, fisher: false, phases: &phases))
    for (a, b) in zip(try #require(quick.spectra.last).derivatives, spectrum.derivatives) {
      #expect(abs(a - b) < 1e-4 * abs(b) + 1e-6)
    }
  }
}

/// The tests' tiny model with windows of code, which it knows less of than of English.
struct TinyBench {
  let bench: Workbench
  var base: FloatWeights { bench.base }

  init(_ sample: String = "package.log", windows: Int = 12, bytes: Int = 20_000) throws {
    let file = try Safetensors(Golden.bytes("tiny.safetensors"))
    let trainable = try TrainableModel(file: file)
    let model = try Model(file: file.bytes)
    let text = try Golden.sample(sample)
    let samples = AdaptationSamples(
      training: TrainingCorpus([Array(text[0..<bytes])], merges: model.merges),
      confirmation: TrainingCorpus([Array(text[20_000..<30_000])], merges: model.merges),
      count: windows, length: 48, seed: 1)
    bench = try Workbench(
      trainable.weights, rotary: trainable.rotary, samples: samples, length: 48, workers: 2)
  }
}
