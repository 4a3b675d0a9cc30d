import Foundation
import Kernels
import TestSupport
import Testing

@testable import LM

@Suite struct TrainerTests {
  let base: Safetensors
  let model: Model
  let text: [UInt8]

  init() throws {
    base = try Safetensors(Golden.bytes("parity.safetensors"))
    model = try Model(file: base.bytes)
    text = try Array(Golden.sample("english.txt").prefix(12_000))
  }

  func settings(_ tokens: Int, workers: Int = 2) -> TrainingSettings {
    var settings = TrainingSettings(budget: .tokens(tokens))
    settings.tokensPerStep = 256
    settings.length = 64
    settings.workers = workers
    settings.dropout = 0.1
    return settings
  }

  func trainer(_ settings: TrainingSettings, text: [UInt8]? = nil) throws -> Trainer {
    var generator = SeededGenerator(seed: 4)
    let start = try TrainableModel(
      random: model.configuration, tokenizer: model.tokenizer, using: &generator)
    let split = HeldOutSplit([text ?? self.text], seed: 1)
    return try Trainer(
      start.weights, rotary: start.rotary,
      corpus: TrainingCorpus(split.training, merges: model.merges),
      heldOut: TrainingCorpus(split.heldOut, merges: model.merges), settings: settings)
  }

  func run(_ trainer: Trainer, steps: Int = .max) throws -> Trainer.Outcome {
    try trainer.run(
      isStopped: { trainer.state.steps >= steps }, report: { _ in }, save: { _ in })
  }

  @Test func learns() throws {
    let trainer = try trainer(settings(30_000))
    let before = trainer.heldOutBitsPerByte()
    #expect(try run(trainer) == .finished)
    let best = try #require(trainer.state.best)
    #expect(best < 0.7 * before, "\(before) to \(best)")
    #expect(trainer.epochs >= 2)
  }

  /// Interrupted, saved, restored and finished: the same bits as without interruption.
  @Test func resumesExactly() throws {
    let whole = try trainer(settings(4_000))
    _ = try run(whole)
    let first = try trainer(settings(4_000))
    #expect(try run(first, steps: 7) == .interrupted)
    let checkpoint = try TrainingCheckpoint.file(first)
    let second = try trainer(settings(4_000))
    try TrainingCheckpoint.restore(checkpoint, to: second)
    #expect(second.state.steps == 7)
    #expect(try run(second) == .finished)
    let count = whole.layout.count
    #expect(whole.weights.values.array(0..<count) == second.weights.values.array(0..<count))
    #expect(whole.best.values.array(0..<count) == second.best.values.array(0..<count))
    #expect(whole.state.best == second.state.best)
  }

  @Test func foreignAndDamagedCheckpointsAreRefused() throws {
    let first = try trainer(settings(600))
    _ = try run(first)
    let file = try TrainingCheckpoint.file(first)
    var other = settings(600)
    other.optimizer.adamRate = 1e-3
    let others = [
      try trainer(other), try trainer(settings(600, workers: 1)),
      try trainer(settings(600), text: Array(text.dropLast(100))),
    ]
    for trainer in others {
      #expect(throws: TrainingError.self) { try TrainingCheckpoint.restore(file, to: trainer) }
    }
    #expect(throws: ModelFileError.self) {
      try TrainingCheckpoint.restore(Array(file.dropLast(5)), to: first)
    }
    #expect(throws: ModelFileError.self) { try TrainingCheckpoint.restore(base.bytes, to: first) }
    // A longer run of the same kind goes on.
    let longer = try trainer(settings(1200))
    try TrainingCheckpoint.restore(file, to: longer)
    #expect(try run(longer) == .finished && longer.state.steps > first.state.steps)
  }

  @Test func lossThatIsNoNumberEndsTheRun() throws {
    var settings = settings(4_000)
    settings.optimizer.adamRate = 1e30
    let trainer = try trainer(settings)
    #expect(throws: TrainingError.self) { try run(trainer) }
  }

  @Test func stopsWhereHeldOutTextGetsWorse() throws {
    // Very little text, seen very often.
    var settings = settings(400_000)
    settings.patience = 2
    settings.dropout = 0
    settings.evaluateEvery = 0.01
    let trainer = try trainer(settings, text: Array(text.prefix(3000)))
    #expect(try run(trainer) == .stoppedEarly)
    let best = try #require(trainer.state.best)
    trainer.weights.values.copyRow(
      0, from: trainer.best.values, at: 0, count: trainer.layout.count)
    #expect(trainer.heldOutBitsPerByte() == best, "the best weights are kept")
  }

  @Test func noTextIsAnError() throws {
    #expect(throws: TrainingError.self) { try trainer(settings(100), text: []) }
  }

  /// A model file of trained weights is read back as what quantisation made of them.
  @Test func modelFileHoldsTheWeights() throws {
    var generator = SeededGenerator(seed: 5)
    let start = try TrainableModel(
      random: model.configuration, tokenizer: model.tokenizer, using: &generator)
    for i in 0..<start.weights.layout.count {
      start.weights.values[i] += 0.05 * generator.normal()
    }
    let bytes = try start.file(named: "a \"name\"", weights: start.weights, provenance: "{}")
    let again = try Model(file: bytes)
    #expect(again.name == "a \"name\"" && again.configuration == model.configuration)
    #expect(again.vocabulary.bytes == model.vocabulary.bytes)
    let read = try FloatWeights(Safetensors(bytes), start.weights.layout)
    let rounded = start.weights.roundedToFile()
    for parameter in start.weights.layout.all {
      #expect(
        read.values.array(parameter.range) == rounded.values.array(parameter.range),
        "\(parameter.name)")
    }
  }

  /// The same quantisation as pretraining/export.py, up to ties between scales.
  @Test func quantisationIsTheTwins() throws {
    let layout = ParameterLayout(model.configuration)
    let floats = try base.floats("float", layout)
    let twin = try FloatWeights(base, layout)
    let ours = floats.roundedToFile()
    for parameter in layout.all {
      func error(_ weights: FloatWeights) -> Float {
        parameter.range.reduce(0) {
          let d = weights.values[$1] - floats.values[$1]
          return $0 + d * d
        }
      }
      #expect(abs(error(ours) - error(twin)) <= 1e-3 * error(twin) + 1e-12, "\(parameter.name)")
    }
  }
}

@Suite struct TrainingCorpusTests {
  func corpus() throws -> TrainingCorpus {
    let model = try Golden.tinyModel().model
    let text = try Golden.sample("english.txt")
    return TrainingCorpus(
      [Array(text[0..<5000]), [], Array("short".utf8), Array(text[5000..<9000])],
      merges: model.merges)
  }

  @Test func windowsPredictEveryTokenOnce() throws {
    let corpus = try corpus()
    #expect(corpus.documents == 3 && corpus.bytes == 9005)
    var generator = SeededGenerator(seed: 6)
    for _ in 0..<5 {
      let windows = corpus.windows(length: 64) { _ in Int.random(in: 0..<64, using: &generator) }
      let predicted = windows.flatMap { ($0.lowerBound + 1)..<$0.upperBound }
      let first = Set(corpus.starts.dropLast())
      #expect(predicted.sorted() == corpus.tokens.indices.filter { !first.contains($0) })
      #expect(windows.allSatisfy { $0.count <= 65 })
    }
  }

  @Test func orderGoesOnWhereItWas() throws {
    let corpus = try corpus()
    var whole = WindowOrder(corpus, length: 64, seed: 3)
    var taken: [Range<Int>] = []
    for _ in 0..<30 { taken += whole.take(tokens: 300) }
    #expect(whole.epoch > 0 && whole.seen == taken.count)
    var part = WindowOrder(corpus, length: 64, seed: 3, seen: 20)
    #expect(part.take(tokens: 300).first == taken[20])
  }

  @Test func partsAreEvenAndWhole() {
    let sequences = (0..<23).map { [UInt16](repeating: UInt16($0), count: 5 + $0 * 7 % 60)[...] }
    let batch = TrainingBatch(sequences)
    for (rows, workers) in [(64, 1), (100, 2), (1000, 2), (1000, 3), (10, 2)] {
      let parts = batch.split(rows: rows, workers: workers)
      #expect(parts.flatMap(\.sequences) == sequences)
      #expect(parts.allSatisfy { $0.rows <= rows || $0.sequences.count == 1 })
    }
    #expect(batch.split(rows: 10_000, workers: 2).count == 2)
  }

  @Test(arguments: [1500, 50_000, 400_000])
  func heldOutPiecesAreNotTrainedOn(size: Int) throws {
    let sample = try Golden.sample("english.txt")
    let text = Array((0..<(size / sample.count + 1)).flatMap { _ in sample }.prefix(size))
    // Every line is different, so that pieces can be told apart.
    let lines = text.split(separator: 0x0A).enumerated().map { Array("\($0) ".utf8) + $1 + [0x0A] }
    let document = Array(lines.joined())
    let split = HeldOutSplit([document], seed: 2)
    let held = split.heldOut.reduce(0) { $0 + $1.count }
    let trained = split.training.reduce(0) { $0 + $1.count }
    #expect(held + trained == document.count && held > 0 && trained > 0)
    #expect(held < max(4096, document.count / 5))
    let inTraining = Set(split.training.flatMap { $0.split(separator: 0x0A) })
    for piece in split.heldOut {
      for line in piece.split(separator: 0x0A).dropFirst().dropLast() {
        #expect(!inTraining.contains(line))
      }
    }
  }
}
