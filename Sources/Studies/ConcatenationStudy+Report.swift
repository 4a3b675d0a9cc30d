import Figures
import Foundation
import LM

extension ConcatenationStudy {
  /// Mean of a gap over pairs, and a 95 % interval by resampling the pairs.
  struct Mean: Sendable, CustomStringConvertible {
    let value: Double
    let low: Double
    let high: Double

    init(_ values: [Double], seed: UInt64) {
      let total = values.reduce(0, +)
      value = total / Double(max(1, values.count))
      var generator = SeededGenerator(seed: seed)
      let means = (0..<500).map { _ in
        values.reduce(0.0) { sum, _ in sum + (values.randomElement(using: &generator) ?? 0) }
          / Double(max(1, values.count))
      }.sorted()
      (low, high) = (means[12], means[487])
    }

    var description: String { String(format: "%.0f (%.0f…%.0f)", value, low, high) }
  }

  func report(
    _ measurements: [Measurement], _ matrix: MatrixChart?, _ adapted: [String]
  ) -> StudyReport {
    func gaps(_ relation: Relation, _ length: Int, _ compressor: Int) -> [(pair: Int, gap: Double)]
    {
      measurements.filter {
        $0.relation == relation && $0.length == length && $0.compressor == compressor
      }.sorted { $0.pair < $1.pair }.map { ($0.pair, Double($0.sizes.gap)) }
    }
    func mean(_ relation: Relation, _ length: Int, _ compressor: Int) -> Mean {
      Mean(gaps(relation, length, compressor).map(\.gap), seed: settings.seed)
    }
    // The same Y with both, so that what differs between texts falls out.
    func lead(_ relation: Relation, over control: Relation, _ length: Int) -> Mean {
      let other = Dictionary(
        uniqueKeysWithValues: gaps(control, length, 0).map { ($0.pair, $0.gap) })
      let leads = gaps(relation, length, 0).compactMap { pair, gap in other[pair].map { gap - $0 } }
      return Mean(leads, seed: settings.seed)
    }
    let relations = Relation.allCases.filter { relation in
      measurements.contains { $0.relation == relation }
    }
    var sections = [introduction]
    for (c, compressor) in compressors.enumerated() {
      let rows = relations.map { relation in
        [relation.rawValue]
          + lengths.map { mean(relation, $0, c).description }
      }
      let sizes = lengths.map { length -> String in
        let alone = measurements.filter {
          $0.relation == .empty && $0.length == length && $0.compressor == c
        }.map { Double($0.sizes.y) }
        return String(format: "%.0f", alone.reduce(0, +) / Double(max(1, alone.count)))
      }
      sections.append(
        "## \(compressor.name)\n\n"
          + markdownTable(
            [["gap in bytes"] + lengths.map { "\($0 >> 10) KB" }] + rows
              + [["C(Y) alone"] + sizes]))
    }
    sections += adapted
    let controls = relations.filter(\.isControl)
    sections.append(
      "## Same source before controls\n\n"
        + "The gap of \(compressors[0].name) where X is of Y's source, less the gap with a control for X, of the same Y.\n\n"
        + markdownTable(
          [["bytes"] + lengths.map { "\($0 >> 10) KB" }]
            + controls.map { control in
              [control.rawValue]
                + lengths.map { lead(.sameSource, over: control, $0).description }
            }))
    sections.append(
      verdict(relations, controls) { lead($0, over: $1, lengths[lengths.count - 1]) })
    var figures = [("gap", chart(relations) { mean($0, $1, 0) }.svg)]
    if compressors.count > 1 { figures.append(("compressors", peers(mean).svg)) }
    if let matrix { figures.append(("distance", matrix.svg)) }
    return StudyReport(
      "concat", title: "What one text teaches about another", sections: sections, figures: figures)
  }

  private var introduction: String {
    """
    The gap C(X) + C(Y) − C(X‖Y) in bytes: the mean of \(settings.pairs) texts Y and, in brackets, 95 % of the \
    means of resampled texts. X and Y are equally long; the table's columns say how long. \(sources.count) \
    texts, \(Set(sources.map(\.kind)).count) kinds; kinds are of one group where their names begin alike \
    (ja_docs, ja_wiki). Every size is that of a real archive in one lane, headers included; lmz's archives \
    were decoded and compared.
    """
  }

  /// Whether what is related beats every control by more than chance.
  private func verdict(
    _ relations: [Relation], _ controls: [Relation], _ lead: (Relation, Relation) -> Mean
  ) -> String {
    let lines = relations.filter { [.sameSource, .sameKind].contains($0) }.map {
      relation -> String in
      let nearest = controls.min { lead(relation, $0).value < lead(relation, $1).value }
      guard let nearest else { return "" }
      let lead = lead(relation, nearest)
      return
        "\(relation.rawValue): \(lead) bytes before the nearest control (\(nearest.rawValue)), "
        + (lead.low > 0 ? "more than chance." : "not more than chance.")
    }
    return "At \(settings.longest >> 10) KB, \(compressors[0].name): "
      + lines.joined(separator: " ")
  }

  private func chart(_ relations: [Relation], _ mean: (Relation, Int) -> Mean) -> LineChart {
    var chart = LineChart(
      title: "Gap by length: \(compressors[0].name)", xLabel: "bytes of X and of Y",
      yLabel: "C(X) + C(Y) − C(X‖Y), bytes")
    chart.xScale = .logarithmic
    chart.series = relations.filter { $0 != .same }.map { relation in
      let means = lengths.map { mean(relation, $0) }
      return .init(
        relation.rawValue, zip(lengths, means).map { (x: Double($0), y: $1.value) },
        errors: means.map { ($0.high - $0.low) / 2 })
    }
    return chart
  }

  /// The gap of texts of one source, for every compressor.
  private func peers(_ mean: (Relation, Int, Int) -> Mean) -> LineChart {
    var chart = LineChart(
      title: "Gap of two parts of one source", xLabel: "bytes of X and of Y",
      yLabel: "C(X) + C(Y) − C(X‖Y), bytes")
    chart.xScale = .logarithmic
    chart.series = compressors.enumerated().map { c, compressor in
      let means = lengths.map { mean(.sameSource, $0, c) }
      return .init(
        compressor.name, zip(lengths, means).map { (x: Double($0), y: $1.value) },
        errors: means.map { ($0.high - $0.low) / 2 })
    }
    return chart
  }
}
