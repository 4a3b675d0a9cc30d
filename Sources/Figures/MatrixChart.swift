import Foundation

/// A square of numbers as coloured cells, as SVG.
public struct MatrixChart {
  public var title: String
  public var names: [String]
  /// One row per name, one column per name; what is not finite stays empty.
  public var values: [[Double]]

  public init(title: String, names: [String], values: [[Double]]) {
    self.title = title
    self.names = names
    self.values = values
  }

  public var svg: String {
    let cell = 46.0
    let (left, top) = (130.0, 130.0)
    let side = cell * Double(names.count)
    let finite = values.joined().filter(\.isFinite)
    let (low, high) = (finite.min() ?? 0, finite.max() ?? 1)
    var parts = [
      """
      <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(Int(left + side + 20)) \
      \(Int(top + side + 20))" font-family="sans-serif" font-size="12">
      \(SVG.style)
      <rect width="100%" height="100%" class="page"/>
      <text x="16" y="24" font-size="15">\(SVG.escaped(title))</text>
      """
    ]
    for (i, name) in names.enumerated() {
      let middle = cell * (Double(i) + 0.5)
      parts.append(
        "<text x=\"\(SVG.number(left - 8))\" y=\"\(SVG.number(top + middle + 4))\" "
          + "text-anchor=\"end\">\(SVG.escaped(name))</text>")
      parts.append(
        "<text transform=\"translate(\(SVG.number(left + middle + 4)) \(SVG.number(top - 8))) "
          + "rotate(-60)\">\(SVG.escaped(name))</text>")
      for (j, value) in values[i].enumerated() where value.isFinite {
        let share = high > low ? (value - low) / (high - low) : 0.5
        let (x, y) = (left + cell * Double(j), top + cell * Double(i))
        // Small values stand out: what is near is dark.
        parts.append(
          "<rect x=\"\(SVG.number(x))\" y=\"\(SVG.number(y))\" width=\"\(cell)\" height=\"\(cell)\" "
            + "fill=\"#0072B2\" fill-opacity=\"\(String(format: "%.2f", 0.95 - 0.9 * share))\"/>")
        parts.append(
          "<text x=\"\(SVG.number(x + cell / 2))\" y=\"\(SVG.number(y + cell / 2 + 4))\" "
            + "text-anchor=\"middle\"\(share < 0.4 ? " style=\"fill:#fff\"" : "")>"
            + "\(String(format: "%.2f", value))</text>")
      }
    }
    parts.append("</svg>\n")
    return parts.joined(separator: "\n")
  }
}
