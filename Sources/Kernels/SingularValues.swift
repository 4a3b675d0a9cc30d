/// The thin singular value decomposition W = U diag(s) Vᵀ, by LAPACK's sgesdd.
///
/// Needs OpenBLAS; see `OpenBLAS.load`.
///
/// Legend: M rows, N columns, R = min(M, N).
public struct SingularValues {
  /// Left singular vectors as rows. [R, M]
  public let left: FloatMatrix
  /// Descending. [R]
  public let values: [Float]
  /// Right singular vectors as rows. [R, N]
  public let right: FloatMatrix

  /// - Returns: nil where the matrix holds numbers that are not finite.
  public init?(of matrix: FloatMatrix) {
    let (rows, columns) = (matrix.rows, matrix.columns)
    let rank = min(rows, columns)
    precondition(rank > 0)
    // Read column by column the row-major matrix is its transpose, V diag(s) Uᵀ.
    let a = Buffer<Float>(count: rows * columns)
    for row in 0..<rows {
      a.copyRow(
        row * columns, from: matrix.buffer, at: matrix.offset + row * matrix.stride,
        count: columns)
    }
    for i in 0..<a.count where !a[i].isFinite { return nil }
    let s = Buffer<Float>(count: rank)
    // V, column-major [N, R]: its columns are rows when it is read row by row.
    let u = Buffer<Float>(count: columns * rank)
    let vt = Buffer<Float>(count: rank * rows)  // column-major [R, M]
    let integers = Buffer<Int32>(count: 8 * rank)
    var (m, n, r) = (Int32(columns), Int32(rows), Int32(rank))
    var info: Int32 = 0
    var size: Int32 = -1
    var wanted: Float = 0
    OpenBLAS.shared.sgesdd(
      "S", &m, &n, a.base, &m, s.base, u.base, &m, vt.base, &r, &wanted, &size, integers.base, &info
    )
    guard info == 0 else { return nil }
    size = Int32(wanted)
    let work = Buffer<Float>(count: Int(size))
    OpenBLAS.shared.sgesdd(
      "S", &m, &n, a.base, &m, s.base, u.base, &m, vt.base, &r, work.base, &size, integers.base,
      &info)
    guard info == 0 else { return nil }
    values = s.array(0..<rank)
    right = FloatMatrix(u, rows: rank, columns: columns)
    // vt is Uᵀ in column-major order [R, M], that is, row-major [M, R].
    let left = Buffer<Float>(count: rank * rows)
    for i in 0..<rows {
      for j in 0..<rank { left[j * rows + i] = vt[i * rank + j] }
    }
    self.left = FloatMatrix(left, rows: rank, columns: rows)
  }

  /// Sets `target` to Σ_{i < factors.count} factors[i] uᵢ vᵢᵀ.
  public func compose(_ factors: [Float], into target: FloatMatrix) {
    let rank = factors.count
    precondition(rank <= values.count)
    let scaled = Buffer<Float>(count: max(1, rank) * right.columns)
    for (i, factor) in factors.enumerated() {
      scaled.combine(
        at: i * right.columns, b: 0, factor, right.buffer, at: i * right.columns,
        count: right.columns)
    }
    target.setProduct(
      transposed: left.rows(0..<rank),
      times: FloatMatrix(scaled, rows: rank, columns: right.columns))
  }

  /// uᵢᵀ G vᵢ for every i: the derivative by each singular value where G is the one by the matrix.
  public func derivatives(of gradient: FloatMatrix) -> [Float] {
    let product = FloatMatrix(
      Buffer(count: left.rows * right.columns), rows: left.rows, columns: right.columns)
    product.setProduct(left, times: gradient)
    return (0..<left.rows).map {
      product.buffer.dot(
        at: $0 * right.columns, right.buffer, at: $0 * right.columns, count: right.columns)
    }
  }
}
