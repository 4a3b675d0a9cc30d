import Foundation

/// A line chart as SVG, readable on light and dark pages.
public struct LineChart {
  public struct Series {
    public let name: String
    public let points: [(x: Double, y: Double)]
    /// Half the height of the band around each point; empty for none.
    public let errors: [Double]

    public init(_ name: String, _ points: [(x: Double, y: Double)], errors: [Double] = []) {
      self.name = name
      self.points = points
      self.errors = errors
    }
  }

  public enum Scale { case linear, logarithmic }

  public var title: String
  public var xLabel: String
  public var yLabel: String
  public var xScale = Scale.linear
  public var yScale = Scale.linear
  public var series: [Series] = []

  public init(title: String, xLabel: String, yLabel: String) {
    self.title = title
    self.xLabel = xLabel
    self.yLabel = yLabel
  }

  // Okabe and Ito's colours, told apart by colour-blind readers as well.
  private static let colours = [
    "#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#888888", "#B8A000",
  ]

  private static let size = (width: 720.0, height: 400.0)
  private static let frame = (left: 72.0, right: 700.0, top: 44.0, bottom: 350.0)
  private static let legendTop = 412.0

  /// The drawing. Points that are not finite, or not positive on a logarithmic axis, are left out.
  public var svg: String {
    let kept = series.map { line in line.points.indices.filter { isShown(line.points[$0]) } }
    let xs = zip(series, kept).flatMap { line, kept in kept.map { line.points[$0].x } }
    let ys = zip(series, kept).flatMap { line, kept in
      kept.flatMap { i -> [Double] in
        let e = i < line.errors.count ? line.errors[i] : 0
        let low = line.points[i].y - e
        return [yScale == .logarithmic && low <= 0 ? line.points[i].y : low, line.points[i].y + e]
      }
    }
    let x = Axis(xs, xScale, from: Self.frame.left, to: Self.frame.right)
    let y = Axis(ys, yScale, from: Self.frame.bottom, to: Self.frame.top)
    let legend = legend
    var parts = [header(height: Self.size.height + 18 * Double(legend.rows))]
    parts += x.ticks.map { tick in
      line(tick.at, Self.frame.top, tick.at, Self.frame.bottom, "grid")
        + text(tick.at, Self.frame.bottom + 18, tick.label, "middle")
    }
    parts += y.ticks.map { tick in
      line(Self.frame.left, tick.at, Self.frame.right, tick.at, "grid")
        + text(Self.frame.left - 8, tick.at + 4, tick.label, "end")
    }
    for (i, (line, kept)) in zip(series, kept).enumerated() {
      parts.append(drawing(line, kept, x, y, number: i))
    }
    parts += legend.parts
    parts.append(text((Self.frame.left + Self.frame.right) / 2, 388, xLabel, "middle"))
    let middle = (Self.frame.top + Self.frame.bottom) / 2
    parts.append(
      "<text transform=\"translate(18 \(middle)) rotate(-90)\" text-anchor=\"middle\">"
        + "\(SVG.escaped(yLabel))</text>")
    parts.append("</svg>\n")
    return parts.joined(separator: "\n")
  }

  private func isShown(_ p: (x: Double, y: Double)) -> Bool {
    p.x.isFinite && p.y.isFinite && (xScale == .linear || p.x > 0) && (yScale == .linear || p.y > 0)
  }

  private func header(height: Double) -> String {
    """
    <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(Int(Self.size.width)) \
    \(Int(height))" font-family="sans-serif" font-size="12">
    \(SVG.style)
    <rect width="100%" height="100%" class="page"/>
    <text x="\(Self.frame.left)" y="24" font-size="15">\(SVG.escaped(title))</text>
    """
  }

  private func drawing(
    _ line: Series, _ kept: [Int], _ x: Axis, _ y: Axis, number: Int
  ) -> String {
    let colour = Self.colours[number % Self.colours.count]
    let points = kept.map { (x: x.position(line.points[$0].x), y: y.position(line.points[$0].y)) }
    var parts: [String] = []
    if !line.errors.isEmpty {
      let bounds = { (sign: Double) in
        kept.map { i -> String in
          let value = line.points[i].y + sign * (i < line.errors.count ? line.errors[i] : 0)
          return SVG.point(x.position(line.points[i].x), y.position(value))
        }
      }
      let band = (bounds(1) + bounds(-1).reversed()).joined(separator: " ")
      parts.append("<polygon points=\"\(band)\" fill=\"\(colour)\" opacity=\"0.15\"/>")
    }
    let path = points.map { SVG.point($0.x, $0.y) }.joined(separator: " ")
    parts.append(
      "<polyline points=\"\(path)\" fill=\"none\" \(Self.stroke(number))/>")
    if points.count <= 40 {
      parts += points.map {
        "<circle cx=\"\(SVG.number($0.x))\" cy=\"\(SVG.number($0.y))\" r=\"3\" fill=\"\(colour)\"/>"
      }
    }
    return parts.joined(separator: "\n")
  }

  /// Below the plot, as many to a row as fit.
  private var legend: (parts: [String], rows: Int) {
    guard series.count > 1 else { return ([], 0) }
    var at = Self.frame.left
    var row = 0
    var parts: [String] = []
    for (i, line) in series.enumerated() {
      let width = 30 + 6.6 * Double(line.name.count)
      if at + width > Self.size.width && at > Self.frame.left {
        at = Self.frame.left
        row += 1
      }
      let y = Self.legendTop + 18 * Double(row)
      parts.append(
        "<line x1=\"\(SVG.number(at))\" y1=\"\(SVG.number(y - 4))\" x2=\"\(SVG.number(at + 14))\" "
          + "y2=\"\(SVG.number(y - 4))\" \(Self.stroke(i))/>"
          + text(at + 18, y, line.name, "start"))
      at += width
    }
    return (parts, row + 1)
  }

  /// Lines beyond the number of colours are dashed.
  private static func stroke(_ i: Int) -> String {
    "stroke=\"\(colours[i % colours.count])\" stroke-width=\"2\""
      + (i >= colours.count ? " stroke-dasharray=\"5 3\"" : "")
  }

  private func line(_ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double, _ style: String)
    -> String
  {
    "<line x1=\"\(SVG.number(x1))\" y1=\"\(SVG.number(y1))\" x2=\"\(SVG.number(x2))\" "
      + "y2=\"\(SVG.number(y2))\" class=\"\(style)\"/>"
  }

  private func text(_ x: Double, _ y: Double, _ content: String, _ anchor: String) -> String {
    "<text x=\"\(SVG.number(x))\" y=\"\(SVG.number(y))\" text-anchor=\"\(anchor)\">"
      + "\(SVG.escaped(content))</text>"
  }
}
