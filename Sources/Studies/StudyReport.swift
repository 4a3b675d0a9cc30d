/// What a study found: a text with tables, and its figures.
public struct StudyReport: Sendable {
  /// Name of the files, without extension.
  public let name: String
  public let markdown: String
  /// SVG documents by the end of their names, in the order of the text.
  public let figures: [(name: String, svg: String)]

  /// - Parameter sections: tables and sentences; the figures follow them.
  init(_ name: String, title: String, sections: [String], figures: [(name: String, svg: String)]) {
    self.name = name
    self.figures = figures
    let pictures = figures.map { "![\($0.name)](\(name)-\($0.name).svg)" }
    markdown = (["# \(title)"] + sections + pictures).joined(separator: "\n\n") + "\n"
  }
}
