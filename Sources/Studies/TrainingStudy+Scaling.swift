import Figures
import Foundation
import LM
import LMZ

extension TrainingStudy {
  /// A model of the study.
  private struct Size {
    let shape: Configuration
    /// Numbers of the layers: embedding and output are not counted, as in Kaplan et al.
    let parameters: Int
    /// Nats per token and bits per byte of held-out text.
    let nats: Double
    let bitsPerByte: Double
    let seconds: Double
  }

  /// Models of several sizes, trained alike on the same tokens, and the power law of their losses:
  /// L(N) = (N_c / N)^α, Kaplan et al., "Scaling laws for neural language models", 2020.
  ///
  /// - Parameter tokens: that each model is trained on.
  public func scaling(tokens: Int, progress: (Double) -> Void) throws -> StudyReport {
    let shapes = [(32, 2), (48, 3), (64, 4), (96, 5), (128, 6)].map {
      shape(width: $0, layers: $1)
    }
    let work = shapes.map { Double($0.multiplyAdds) }
    var sizes: [Size] = []
    for (i, shape) in shapes.enumerated() {
      let before = work[..<i].reduce(0, +) / work.reduce(0, +)
      let trainer = try trainer(try start(shape), on: training, tokens: tokens)
      _ = try trainer.run(
        isStopped: { false },
        report: { _ in progress(before + trainer.progress * work[i] / work.reduce(0, +)) },
        save: { _ in })
      let text = TrainingCorpus(heldOut, merges: tokenizer.merges)
      let bits = trainer.heldOutBitsPerByte()
      sizes.append(
        Size(
          shape: shape, parameters: shape.multiplyAdds - shape.vocabulary * shape.width,
          nats: bits * Double(text.bytes) * log(2) / Double(text.predicted), bitsPerByte: bits,
          seconds: trainer.state.seconds))
    }
    return report(sizes, tokens)
  }

  private func report(_ sizes: [Size], _ tokens: Int) -> StudyReport {
    let points = sizes.map { (x: Double($0.parameters), y: $0.nats) }
    var chart = LineChart(
      title: "Held-out loss by size of the model", xLabel: "parameters N of the layers",
      yLabel: "nats per token")
    (chart.xScale, chart.yScale) = (.logarithmic, .logarithmic)
    chart.series = [.init("measured", points)]
    var sections = [
      """
      \(sizes.count) models from random weights, each trained on the same \(Self.shown(tokens)) \
      tokens of \(Self.shown(Self.bytes(training))) bytes in the same order, with the same schedule, and \
      measured on \(Self.shown(Self.bytes(heldOut))) bytes of held-out text.
      """,
      markdownTable(
        [["width × layers", "N", "nats per token", "bits per byte", "seconds"]]
          + sizes.map {
            [
              "\($0.shape.width) × \($0.shape.layers)", "\($0.parameters)",
              String(format: "%.4f", $0.nats), String(format: "%.4f", $0.bitsPerByte),
              String(format: "%.0f", $0.seconds),
            ]
          }),
    ]
    if let law = PowerLaw(points) {
      chart.series.append(.init("(N_c / N)^α", points.map { (x: $0.x, y: law($0.x)) }))
      let first = points[0]
      chart.series.append(
        .init(
          "Kaplan's slope, α = 0.076",
          points.map { (x: $0.x, y: first.y * pow(first.x / $0.x, 0.076)) }))
      sections.append(
        String(
          format:
            "L(N) = (N_c / N)^α: α = %.3f ± %.3f (95 %%), N_c = %.2g. Kaplan et al. found α = 0.076 for models "
            + "trained until they got no better on much more text; these have seen %.1f tokens for each "
            + "parameter of the largest.",
          law.exponent, law.interval, law.constant,
          Double(tokens) / Double(sizes.last?.parameters ?? 1)))
    }
    return StudyReport(
      "scaling", title: "Loss by size of the model", sections: sections,
      figures: [("law", chart.svg)])
  }
}
