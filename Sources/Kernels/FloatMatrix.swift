/// A row-major part of a float32 buffer, the operand of training's matrix products.
///
/// The products are OpenBLAS's (see `OpenBLAS.load`): fast, and not the same in the last bits on every
/// machine. Nothing that an archive depends on may use them.
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
  public func setProduct(
    _ a: FloatMatrix, times b: FloatMatrix, scale: Float = 1, adding: Bool = false
  ) {
    precondition(a.rows == rows && b.columns == columns && a.columns == b.rows)
    product(a, .none, b, .none, inner: a.columns, scale: scale, adding: adding)
  }

  /// self = scale · a bᵀ; plus self where `adding`.
  public func setProduct(
    _ a: FloatMatrix, timesTransposed b: FloatMatrix, scale: Float = 1, adding: Bool = false
  ) {
    precondition(a.rows == rows && b.rows == columns && a.columns == b.columns)
    product(a, .none, b, .transposed, inner: a.columns, scale: scale, adding: adding)
  }

  /// self = scale · aᵀ b; plus self where `adding`.
  public func setProduct(
    transposed a: FloatMatrix, times b: FloatMatrix, scale: Float = 1, adding: Bool = false
  ) {
    precondition(a.columns == rows && b.columns == columns && a.rows == b.rows)
    product(a, .transposed, b, .none, inner: a.rows, scale: scale, adding: adding)
  }

  private func product(
    _ a: FloatMatrix, _ aOrder: OpenBLAS.Transposition, _ b: FloatMatrix,
    _ bOrder: OpenBLAS.Transposition, inner: Int, scale: Float, adding: Bool
  ) {
    guard rows > 0, columns > 0, inner > 0 else { return }
    OpenBLAS.shared.sgemm(
      OpenBLAS.rowMajor, aOrder.rawValue, bOrder.rawValue, Int32(rows), Int32(columns),
      Int32(inner), scale, a.buffer.base + a.offset, Int32(a.stride), b.buffer.base + b.offset,
      Int32(b.stride), adding ? 1 : 0, buffer.base + offset, Int32(stride))
  }
}
