import COpenBLAS

/// A row-major part of a float32 buffer, the operand of training's matrix products.
///
/// The products are OpenBLAS's: fast, and not the same in the last bits on every machine. Nothing that
/// an archive depends on may use them.
public struct FloatMatrix {
  public let buffer: Buffer<Float>
  public let offset: Int
  public let rows: Int
  public let columns: Int
  /// Distance between rows, at least `columns`.
  public let stride: Int

  /// - Parameter stride: nil where rows lie one behind the other.
  public init(
    _ buffer: Buffer<Float>, offset: Int = 0, rows: Int, columns: Int, stride: Int? = nil
  ) {
    let stride = stride ?? columns
    precondition(rows >= 0 && columns >= 0 && offset >= 0 && stride >= columns)
    precondition(rows == 0 || offset + (rows - 1) * stride + columns <= buffer.count)
    self.buffer = buffer
    self.offset = offset
    self.rows = rows
    self.columns = columns
    self.stride = stride
  }

  /// The rows of `range`.
  public func rows(_ range: Range<Int>) -> FloatMatrix {
    precondition(range.upperBound <= rows)
    return FloatMatrix(
      buffer, offset: offset + range.lowerBound * stride, rows: range.count, columns: columns,
      stride: stride)
  }

  /// The columns of `range`.
  public func columns(_ range: Range<Int>) -> FloatMatrix {
    precondition(range.upperBound <= columns)
    return FloatMatrix(
      buffer, offset: offset + range.lowerBound, rows: rows, columns: range.count, stride: stride)
  }

  /// self = scale · a b; plus self where `adding`.
  ///
  /// Products run on the calling thread alone once `useOneBLASThread` was called.
  public func setProduct(
    _ a: FloatMatrix, times b: FloatMatrix, scale: Float = 1, adding: Bool = false
  ) {
    precondition(a.rows == rows && b.columns == columns && a.columns == b.rows)
    product(a, CblasNoTrans, b, CblasNoTrans, inner: a.columns, scale: scale, adding: adding)
  }

  /// self = scale · a bᵀ; plus self where `adding`.
  public func setProduct(
    _ a: FloatMatrix, timesTransposed b: FloatMatrix, scale: Float = 1, adding: Bool = false
  ) {
    precondition(a.rows == rows && b.rows == columns && a.columns == b.columns)
    product(a, CblasNoTrans, b, CblasTrans, inner: a.columns, scale: scale, adding: adding)
  }

  /// self = scale · aᵀ b; plus self where `adding`.
  public func setProduct(
    transposed a: FloatMatrix, times b: FloatMatrix, scale: Float = 1, adding: Bool = false
  ) {
    precondition(a.columns == rows && b.columns == columns && a.rows == b.rows)
    product(a, CblasTrans, b, CblasNoTrans, inner: a.rows, scale: scale, adding: adding)
  }

  private func product(
    _ a: FloatMatrix, _ aOrder: CBLAS_TRANSPOSE, _ b: FloatMatrix, _ bOrder: CBLAS_TRANSPOSE,
    inner: Int, scale: Float, adding: Bool
  ) {
    guard rows > 0, columns > 0, inner > 0 else { return }
    cblas_sgemm(
      CblasRowMajor, aOrder, bOrder, Int32(rows), Int32(columns), Int32(inner), scale,
      a.buffer.base + a.offset, Int32(a.stride), b.buffer.base + b.offset, Int32(b.stride),
      adding ? 1 : 0, buffer.base + offset, Int32(stride))
  }
}

/// Keeps OpenBLAS from starting threads of its own: training runs one product per worker thread, and
/// threads that spin against a busy processor are slower than one.
public func useOneBLASThread() { openblas_set_num_threads(1) }
