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
  /// Whether the blocks together keep as many numbers as one block would, and not more.
  package var isMatched = false

  package var description: String {
    "\(matrix) K=\(blocks) ρ=\(rankFraction)" + (isMatched ? " at matched size" : "")
  }

  /// Kept shares of the search, as LASER has them.
  static let rankFractions = [0.9, 0.8, 0.6, 0.4, 0.2, 0.1, 0.05, 0.01, 0.005]
  static let blockCounts = [1, 2, 4, 8]

  /// Components that each block of a matrix keeps.
  func rank(rows: Int, columns: Int) -> Int {
    if isMatched {
      // One block of rank r has r (rows + columns) numbers, K blocks of rank r' have r' (rows + K columns).
      let whole = Int(rankFraction * Double(min(rows, columns)))
      return max(1, whole * (rows + columns) / (rows + blocks * columns))
    }
    return max(1, Int(rankFraction * Double(min(rows / blocks, columns))))
  }

  /// Rows of block `block`.
  static func rows(_ block: Int, of blocks: Int, _ parameter: ParameterLayout.Parameter)
    -> Range<Int>
  {
    (parameter.rows * block / blocks)..<(parameter.rows * (block + 1) / blocks)
  }
}
