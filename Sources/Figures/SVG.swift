import Foundation

/// Text of SVG documents.
public enum SVG {
  public static func escaped(_ text: String) -> String {
    text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
      .replacing("\"", with: "&quot;")
  }

  /// A coordinate with one decimal.
  static func number(_ value: Double) -> String { String(format: "%.1f", value) }

  static func point(_ x: Double, _ y: Double) -> String { "\(number(x)),\(number(y))" }

  /// A value at an axis, short: 1500000 is 1.5M.
  static func label(_ value: Double) -> String {
    let size = value.magnitude
    func short(_ value: Double) -> String { String(format: "%.4g", value) }
    if size >= 1e9 { return short(value / 1e9) + "G" }
    if size >= 1e6 { return short(value / 1e6) + "M" }
    if size >= 1e4 { return short(value / 1e3) + "k" }
    return short(abs(value) < 1e-12 ? 0 : value)
  }

  /// Colours that follow the reader's light or dark page.
  static let style = """
    <style>
    .page { fill: #fff } text { fill: #222 } .grid { stroke: #888; stroke-opacity: 0.25 }
    @media (prefers-color-scheme: dark) { .page { fill: #161616 } text { fill: #ddd } }
    </style>
    """
}
