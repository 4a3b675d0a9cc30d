import Foundation

/// y = (c / x)^α, fitted to points on logarithmic axes by least squares.
public struct PowerLaw: Sendable {
  public let exponent: Double
  /// Half of a 95 % interval of the exponent; infinite for two points.
  public let interval: Double
  public let constant: Double

  /// - Returns: nil for fewer than two different x, or for numbers that are not positive.
  public init?(_ points: [(x: Double, y: Double)]) {
    guard points.count > 1, points.allSatisfy({ $0.x > 0 && $0.y > 0 }) else { return nil }
    let logs = points.map { (x: log($0.x), y: log($0.y)) }
    let n = Double(points.count)
    let mean = (x: logs.reduce(0) { $0 + $1.x } / n, y: logs.reduce(0) { $0 + $1.y } / n)
    let square = logs.reduce(0) { $0 + ($1.x - mean.x) * ($1.x - mean.x) }
    guard square > 0 else { return nil }
    let slope = logs.reduce(0) { $0 + ($1.x - mean.x) * ($1.y - mean.y) } / square
    let residuals = logs.reduce(0) {
      let e = $1.y - mean.y - slope * ($1.x - mean.x)
      return $0 + e * e
    }
    exponent = -slope
    constant = exp(mean.x + mean.y / -slope)
    let freedom = points.count - 2
    interval =
      freedom > 0
      ? Self.quantile(freedom) * (residuals / Double(freedom) / square).squareRoot() : .infinity
  }

  public func callAsFunction(_ x: Double) -> Double { pow(constant / x, exponent) }

  /// The 0.975 quantile of Student's t.
  private static func quantile(_ freedom: Int) -> Double {
    let table = [12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228]
    return freedom <= table.count ? table[freedom - 1] : 1.96 + 2.4 / Double(freedom)
  }
}
