import Kernels
import LM

/// One matrix with fewer components: each of `blocks` groups of its rows keeps a share of its singular
/// values.
///
/// LASER (Sharma et al., 2024) has one block; Compress to Impress several, as rows may cluster around
/// different subspaces.
package struct RankReduction: Equatable, Sendable, CustomStringConvertible {
  package let matrix: String
  package let blocks: Int
  package let rankFraction: Double

  package var description: String { "\(matrix) K=\(blocks) ρ=\(rankFraction)" }

  /// Kept shares of the search, as LASER has them.
  static let rankFractions = [0.9, 0.8, 0.6, 0.4, 0.2, 0.1, 0.05, 0.01, 0.005]
  static let blockCounts = [1, 2, 4, 8]

  /// Components that a block of `rows` keeps.
  func rank(rows: Int, columns: Int) -> Int {
    max(1, Int(rankFraction * Double(min(rows, columns))))
  }

  /// The weights with this matrix reduced; the others share nothing with `weights`.
  ///
  /// - Returns: nil where the matrix holds numbers that are not finite.
  func applied(to weights: FloatWeights) -> FloatWeights? {
    guard let parameter = weights.layout[matrix] else { return nil }
    let reduced = weights.copy()
    for block in 0..<blocks {
      let rows = (parameter.rows * block / blocks)..<(parameter.rows * (block + 1) / blocks)
      let part = weights.matrix(parameter).rows(rows)
      guard let singular = SingularValues(of: part) else { return nil }
      let rank = rank(rows: rows.count, columns: parameter.columns)
      singular.compose(
        Array(singular.values.prefix(rank)), into: reduced.matrix(parameter).rows(rows))
    }
    return reduced
  }
}
