import Foundation

/// Values along one side of a chart.
struct Axis {
  let ticks: [(at: Double, label: String)]
  private let low: Double
  private let high: Double
  private let scale: LineChart.Scale
  private let from: Double
  private let to: Double

  /// - Parameters:
  ///   - values: what must be shown; 0...1 where there is nothing.
  ///   - from: where the lowest value lies in the drawing.
  init(_ values: [Double], _ scale: LineChart.Scale, from: Double, to: Double) {
    var low = values.min() ?? (scale == .linear ? 0 : 1)
    var high = values.max() ?? (scale == .linear ? 1 : 10)
    var step = 1.0
    if scale == .linear {
      if low == high { (low, high) = (low - 0.5, high + 0.5) }
      step = Self.step(for: high - low)
      low = (low / step).rounded(.down) * step
      high = (high / step).rounded(.up) * step
    } else if low == high {
      (low, high) = (low / 2, high * 2)
    }
    self.low = low
    self.high = high
    self.scale = scale
    self.from = from
    self.to = to
    let marks =
      scale == .linear ? Self.linearMarks(low, high, step) : Self.logarithmicMarks(low, high)
    ticks = marks.map {
      (Self.position($0, low, high, scale, from, to), SVG.label($0))
    }
  }

  func position(_ value: Double) -> Double { Self.position(value, low, high, scale, from, to) }

  private static func position(
    _ value: Double, _ low: Double, _ high: Double, _ scale: LineChart.Scale, _ from: Double,
    _ to: Double
  ) -> Double {
    let share =
      scale == .linear ? (value - low) / (high - low) : log(value / low) / log(high / low)
    return from + (to - from) * share
  }

  /// 1, 2 or 5 times a power of ten, so that about six steps cover the range.
  private static func step(for range: Double) -> Double {
    let raw = range / 6
    let power = pow(10, log10(raw).rounded(.down))
    return power * ([1, 2, 5, 10].first { power * $0 >= raw } ?? 10)
  }

  private static func linearMarks(_ low: Double, _ high: Double, _ step: Double) -> [Double] {
    let count = Int(((high - low) / step).rounded())
    return (0...count).map { low + Double($0) * step }
  }

  /// Powers of two where the range ends with such; else powers of ten, with 2 and 5 times these where there
  /// would be fewer than three; and steps of one length in a range that has no three of these, either.
  private static func logarithmicMarks(_ low: Double, _ high: Double) -> [Double] {
    func powers(_ base: Double) -> [Double] {
      let first = Int((log(low) / log(base) - 1e-9).rounded(.up))
      let last = Int((log(high) / log(base) + 1e-9).rounded(.down))
      guard first <= last else { return [] }
      let skip = max(1, (last - first) / 8)
      return stride(from: first, through: last, by: skip).map { pow(base, Double($0)) }
    }
    let range = (low * (1 - 1e-9))...(high * (1 + 1e-9))
    let isBinary = [low, high].allSatisfy { log2($0) == log2($0).rounded() } && high > low * 2
    let decades = powers(isBinary ? 2 : 10)
    if decades.count >= 3 { return decades }
    let first = pow(10, log10(low).rounded(.down))
    let parts = (0...3).flatMap { i in [1.0, 2, 5].map { $0 * first * pow(10, Double(i)) } }
      .filter(range.contains)
    if parts.count >= 3 { return parts }
    let step = step(for: high - low)
    let start = (low / step).rounded(.up)
    return stride(from: start * step, through: range.upperBound, by: step).map { $0 }
  }
}
