import Figures
import Foundation
import LM
import LMZ

extension TrainingStudy {
  /// What a text takes after so many tokens of training.
  private struct Point {
    let tokens: Int
    let heldOut: Double
    /// Bytes of the archives: the model alone, and with context models.
    let alone: Int
    let mixed: Int
  }

  /// The size of a text compressed with a model in training, against what it has seen: file size is what
  /// was learned.
  ///
  /// - Parameters:
  ///   - tokens: to train on.
  ///   - text: what is compressed; held-out text where it is nil.
  ///   - peers: sizes of the same text by other programs.
  public func learning(
    tokens: Int, text: [UInt8]?, peers: [MeasuredCompressor],
    progress: (Double) -> Void
  ) throws -> StudyReport {
    let text = text ?? Array(heldOut.joined().prefix(64 << 10))
    let others = try peers.map { ($0.name, try $0.size(text)) }
    let start = try start(model.configuration)
    let trainer = try trainer(start, on: training, tokens: tokens) {
      $0.length = 256
      $0.decay = 0.3
    }
    var points: [Point] = []
    func measure(_ trainer: Trainer) throws {
      let file = try start.file(named: "learning", weights: trainer.weights, provenance: "{}")
      let model = try NamedModel(file: file)
      func size(_ method: Options.Method) throws -> Int {
        let options = Options(method: method, lanes: 1, threads: settings.threads)
        return try Compressor(model: model, options: options).verifiedSize(of: text)
      }
      points.append(
        Point(
          tokens: trainer.state.tokens, heldOut: trainer.heldOutBitsPerByte(),
          alone: try size(.languageModelOnly), mixed: try size(.mixed)))
      progress(trainer.progress)
    }
    try measure(trainer)
    var next = 8192
    _ = try trainer.run(
      isStopped: { false }, report: { _ in },
      save: { trainer in
        if trainer.state.tokens >= next || trainer.progress >= 1 {
          try measure(trainer)
          while next <= trainer.state.tokens { next *= 2 }
        }
      })
    return report(points, text.count, others)
  }

  private func report(
    _ points: [Point], _ bytes: Int, _ peers: [(String, Int)]
  ) -> StudyReport {
    let shape = model.configuration
    var chart = LineChart(
      title: "A text of \(bytes) bytes, compressed by a model in training",
      xLabel: "tokens of training", yLabel: "bytes")
    chart.xScale = .logarithmic
    // What was not trained yet has no place on a logarithmic axis.
    let trained = points.filter { $0.tokens > 0 }
    let ends = [trained.first, trained.last].compactMap { $0 }.map { Double($0.tokens) }
    chart.series = [
      .init("model alone", trained.map { (Double($0.tokens), Double($0.alone)) }),
      .init("with context models", trained.map { (Double($0.tokens), Double($0.mixed)) }),
    ]
    chart.series += peers.map { name, size in .init(name, ends.map { ($0, Double(size)) }) }
    let rows = points.map {
      [
        "\($0.tokens)", "\($0.alone)", "\($0.mixed)",
        String(format: "%.3f", $0.heldOut),
      ]
    }
    return StudyReport(
      "learning", title: "Learning as file size",
      sections: [
        """
        One text of \(bytes) bytes, which training does not see, compressed by one model at moments of its \
        training: width \(shape.width), \(shape.layers) layers, \(Self.shown(shape.multiplyAdds)) \
        multiply-adds per token, \(Self.shown(Self.bytes(training))) bytes of training text. Archives in one \
        lane, headers included, each decoded and compared. The learning rate falls in the last 30 %.
        """,
        markdownTable(
          [["tokens", "model alone", "with context models", "held-out bits per byte"]] + rows),
        peers.isEmpty
          ? ""
          : "Other programs: " + peers.map { "\($0.0) \($0.1)" }.joined(separator: ", ")
            + " bytes.",
      ].filter { !$0.isEmpty }, figures: [("size", chart.svg)])
  }
}
