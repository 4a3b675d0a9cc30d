import Figures
import Foundation
import LM
import LMZ

extension TrainingStudy {
  /// A way of keeping a model from learning its text by heart.
  private enum Remedy: String, CaseIterable {
    case none
    case weightDecay = "weight decay"
    case dropout, both

    func apply(to settings: inout TrainingSettings) {
      settings.optimizer.weightDecay = [.weightDecay, .both].contains(self) ? 1 : 0
      settings.dropout = [.dropout, .both].contains(self) ? 0.2 : 0
    }
  }

  private struct Curve {
    let bytes: Int
    let remedy: Remedy
    var points: [(epoch: Double, training: Double, heldOut: Double)] = []

    /// Where early stopping would have stopped.
    var best: (epoch: Double, training: Double, heldOut: Double) {
      points.min { $0.heldOut < $1.heldOut } ?? (0, 0, 0)
    }
  }

  /// Bits per byte of training text and of held-out text over many epochs on little text: where a model
  /// begins to learn by heart, and what helps.
  ///
  /// - Parameters:
  ///   - epochs: over the smallest text; others are trained for as many tokens, but for three epochs at
  ///     least.
  ///   - sizes: bytes of training text.
  public func overfit(
    epochs: Int, sizes: [Int] = [16 << 10, 64 << 10, 256 << 10], progress: (Double) -> Void
  ) throws -> StudyReport {
    let sizes = sizes.filter { $0 <= Self.bytes(training) }
    guard !sizes.isEmpty else { throw TrainingError.noText }
    let shape = shape(width: 96, layers: 4)
    var curves: [Curve] = []
    let runs = sizes.flatMap { size in Remedy.allCases.map { (size, $0) } }
    let smallest = TrainingCorpus(text(sizes[0]), merges: tokenizer.merges).predicted
    for (i, (size, remedy)) in runs.enumerated() {
      let documents = text(size)
      let corpus = TrainingCorpus(documents, merges: tokenizer.merges)
      let sample = TrainingCorpus(text(min(size, sizes[0])), merges: tokenizer.merges)
      var curve = Curve(bytes: Self.bytes(documents), remedy: remedy)
      let budget = max(3 * corpus.predicted, epochs * smallest)
      let trainer = try trainer(try start(shape), on: documents, tokens: budget) {
        $0.tokensPerStep = 1024
        $0.decay = 0.1
        $0.evaluateEvery = 1.0 / 24
        remedy.apply(to: &$0)
      }
      _ = try trainer.run(
        isStopped: { false },
        report: { event in
          guard case .measured(let state, let heldOut, _) = event else { return }
          curve.points.append(
            (
              Double(state.tokens) / Double(corpus.predicted), trainer.bitsPerByte(of: sample),
              heldOut
            ))
          progress((Double(i) + trainer.progress) / Double(runs.count))
        }, save: { _ in })
      curves.append(curve)
    }
    return report(curves, shape)
  }

  /// The first bytes of the training text.
  private func text(_ bytes: Int) -> [[UInt8]] {
    var left = bytes
    return training.map { document in
      let part = Array(document.prefix(left))
      left -= part.count
      return part
    }.filter { !$0.isEmpty }
  }

  private func report(_ curves: [Curve], _ shape: Configuration) -> StudyReport {
    let rows = curves.map { curve -> [String] in
      let (best, last) = (curve.best, curve.points[curve.points.count - 1])
      return [
        "\(Self.shown(curve.bytes))", curve.remedy.rawValue,
        String(format: "%.2f", best.heldOut), String(format: "%.1f", best.epoch),
        String(format: "%.2f", last.heldOut), String(format: "%.2f", last.training),
        String(format: "%.1f", last.epoch),
      ]
    }
    func chart(_ bytes: Int) -> LineChart {
      var chart = LineChart(
        title: "\(Self.shown(bytes)) bytes of training text", xLabel: "epochs",
        yLabel: "bits per byte")
      for curve in curves where curve.bytes == bytes {
        chart.series.append(
          .init("held out, \(curve.remedy.rawValue)", curve.points.map { ($0.epoch, $0.heldOut) }))
      }
      for curve in curves where curve.bytes == bytes {
        chart.series.append(
          .init("training, \(curve.remedy.rawValue)", curve.points.map { ($0.epoch, $0.training) }))
      }
      return chart
    }
    let sizes = Set(curves.map(\.bytes)).sorted()
    return StudyReport(
      "overfit", title: "Learning by heart",
      sections: [
        """
        A model of width \(shape.width) with \(shape.layers) layers \
        (\(Self.shown(shape.multiplyAdds)) multiply-adds per token) trained from random weights on little \
        text, over and over. Weight decay is 1 instead of 0 (times the learning rate), dropout 0.2. Training \
        text is measured on as much of it as the smallest text has. The best \
        held-out value is what early stopping keeps.
        """,
        markdownTable(
          [
            [
              "bytes of text", "remedy", "best held-out bpb", "at epoch", "last held-out bpb",
              "last training bpb", "epochs",
            ]
          ] + rows),
      ], figures: sizes.map { ("\($0 >> 10)k", chart($0).svg) })
  }
}
