import Figures
import Foundation
import FoundationXML
import Testing

@Suite struct FigureTests {
  /// What a reader of XML makes of a figure; throws where it is not well-formed.
  static func elements(_ svg: String) throws -> [XMLNode] {
    let document = try XMLDocument(data: Data(svg.utf8))
    return document.rootElement()?.children ?? []
  }

  @Test func chartHasEveryLineAndEscapesNames() throws {
    var chart = LineChart(title: "a < b & c", xLabel: "x", yLabel: "y")
    chart.xScale = .logarithmic
    chart.series = (0..<12).map { i in
      .init(
        "line \"\(i)\" with a long name", [(1, Double(i)), (10, 2), (100, 3)], errors: [1, 1, 1])
    }
    chart.series.append(.init("not drawn", [(0, 1), (.nan, 2)]))
    let elements = try Self.elements(chart.svg)
    #expect(elements.count { $0.name == "polyline" } == 13)
    #expect(elements.contains { $0.stringValue == "a < b & c" })
    #expect(elements.contains { $0.stringValue == "line \"11\" with a long name" })
  }

  /// Marks are round numbers, and enough of them, whatever the range.
  @Test(arguments: [
    (3.69, 4.70, ["3.8", "4", "4.2", "4.4", "4.6"]), (26_624, 1_204_224, ["50k", "100k", "1M"]),
    (1024, 8192, ["1024", "2048", "8192"]), (10, 1e6, ["10", "100", "1M"]),
  ])
  func logarithmicMarksAreRound(_ low: Double, _ high: Double, _ expected: [String]) throws {
    var chart = LineChart(title: "", xLabel: "", yLabel: "")
    chart.xScale = .logarithmic
    chart.series = [.init("", [(low, 0), (high, 1)])]
    let texts = try Self.elements(chart.svg).compactMap(\.stringValue)
    for label in expected { #expect(texts.contains(label), "\(texts)") }
  }

  /// Marks are multiples of their step, whatever the range, and none is outside of it.
  @Test func linearMarksAreRound() throws {
    var chart = LineChart(title: "", xLabel: "", yLabel: "")
    chart.series = [.init("", [(0, -1024), (1, 160)])]
    let texts = try Self.elements(chart.svg).compactMap(\.stringValue)
    for label in ["-1200", "-1000", "0", "200"] { #expect(texts.contains(label), "\(texts)") }
    #expect(!texts.contains("-700") && !texts.contains("300"), "\(texts)")
  }

  @Test func emptyChartIsAChart() throws {
    let chart = LineChart(title: "", xLabel: "", yLabel: "")
    #expect(try !Self.elements(chart.svg).isEmpty)
  }

  @Test func matrixShowsWhatIsFinite() throws {
    let chart = MatrixChart(
      title: "m", names: ["a", "b<"], values: [[0.25, .nan], [0.5, 1]])
    let texts = try Self.elements(chart.svg).compactMap(\.stringValue)
    for value in ["0.25", "0.50", "1.00", "b<"] { #expect(texts.contains(value)) }
    #expect(!texts.contains("nan"))
  }

  @Test func heatmapKeepsTheText() throws {
    let text = "if (a < b) & \"c\"\tかな\n"
    let page = TextHeatmap(
      title: "t", summary: [],
      tokens: [.init(text.map { ($0, Double($0.utf8.count)) }, note: "a \"note\"")])
    #expect(page.html.contains("title=\"a &quot;note&quot;\""))
    let body = try #require(
      page.html.split(separator: "<pre>").last?.split(separator: "</pre>").first)
    let plain = body.replacing(/<[^>]*>/, with: "").replacing("&lt;", with: "<")
      .replacing("&quot;", with: "\"").replacing("&amp;", with: "&")
      .replacing("↵", with: "").replacing("→", with: "")
    #expect(plain == text)
  }

  @Test func tablesAreMarkdown() {
    #expect(markdownTable([["a", "b"], ["c", "1"]]) == "| a | b |\n|---|---:|\n| c | 1 |")
    #expect(markdownTable([]) == "")
  }
}
