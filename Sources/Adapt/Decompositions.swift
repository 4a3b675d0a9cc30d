import Kernels
import LM

/// Decompositions of the matrices of a model in blocks of rows, each made when it is first needed.
struct Decompositions {
  private struct Key: Hashable { let matrix: String, blocks: Int }
  private var known: [Key: [SingularValues]] = [:]

  /// - Returns: nil where the matrix holds numbers that are not finite.
  mutating func callAsFunction(
    _ parameter: ParameterLayout.Parameter, blocks: Int, of weights: FloatWeights
  ) -> [SingularValues]? {
    let key = Key(matrix: parameter.name, blocks: blocks)
    if let found = known[key] { return found }
    var parts: [SingularValues] = []
    for block in 0..<blocks {
      let rows = RankReduction.rows(block, of: blocks, parameter)
      guard let part = SingularValues(of: weights.matrix(parameter).rows(rows)) else { return nil }
      parts.append(part)
    }
    known[key] = parts
    return parts
  }

  mutating func remember(_ singular: SingularValues, of matrix: String) {
    known[Key(matrix: matrix, blocks: 1)] = [singular]
  }
}
