import CKernels
import Foundation

// Elementwise training arithmetic on buffers. Every range is checked here, once per call.
//
// Legend: R rows, D width, H heads, E head size, F hidden.

extension Buffer where Element == Float {
  /// Sets all elements of `range` to `value`.
  public func fill(_ range: Range<Int>, _ value: Float) {
    pointer(at: range.lowerBound, length: range.count).update(repeating: value, count: range.count)
  }

  /// self = a · x + b · self over `count` elements.
  public func combine(at: Int, b: Float, _ a: Float, _ x: Buffer<Float>, at xAt: Int, count: Int) {
    lmz_combine(
      count, a, x.pointer(at: xAt, length: count), b, pointer(at: at, length: count))
  }

  /// self += x at `count` elements, x as a row of a table of four bits is rounded in training.
  public func addRounded(at: Int, _ x: Buffer<Float>, at xAt: Int, count: Int) {
    lmz_add_rounded_row(
      count, x.pointer(at: xAt, length: count), pointer(at: at, length: count))
  }

  /// Σ self · y over `count` elements.
  public func dot(at: Int, _ y: Buffer<Float>, at yAt: Int, count: Int) -> Float {
    lmz_dot(count, pointer(at: at, length: count), y.pointer(at: yAt, length: count))
  }

  /// RMSNorm of R rows of `width` elements from `x`, and its factor for each.
  public func setNormalised(
    rows: Int, width: Int, at: Int = 0, _ x: Buffer<Float>, at xAt: Int = 0, factors: Buffer<Float>,
    at factorsAt: Int = 0
  ) {
    lmz_rms_norm(
      rows, width, x.pointer(at: xAt, length: rows * width), pointer(at: at, length: rows * width),
      factors.pointer(at: factorsAt, length: rows))
  }

  /// The gradient by the input of RMSNorm from its result `y`; added where `adding`.
  public func setNormalisedGradient(
    rows: Int, width: Int, y: Buffer<Float>, at yAt: Int = 0, factors: Buffer<Float>,
    at factorsAt: Int = 0, dy: Buffer<Float>, adding: Bool
  ) {
    let count = rows * width
    lmz_rms_norm_backward(
      rows, width, y.pointer(at: yAt, length: count),
      factors.pointer(at: factorsAt, length: rows), dy.pointer(at: 0, length: count),
      pointer(at: 0, length: count), adding ? 1 : 0)
  }

  /// SwiGLU of R rows [2F] of `x` into rows [F] of self.
  public func setGated(rows: Int, hidden: Int, at: Int, _ x: Buffer<Float>, at xAt: Int) {
    lmz_swiglu(
      rows, hidden, x.pointer(at: xAt, length: 2 * rows * hidden),
      pointer(at: at, length: rows * hidden))
  }

  /// The gradient by the input `x` of SwiGLU, rows [2F].
  public func setGatedGradient(
    rows: Int, hidden: Int, x: Buffer<Float>, at xAt: Int, dy: Buffer<Float>
  ) {
    lmz_swiglu_backward(
      rows, hidden, x.pointer(at: xAt, length: 2 * rows * hidden),
      dy.pointer(at: 0, length: rows * hidden), pointer(at: 0, length: 2 * rows * hidden))
  }

  /// Adds every row [columns] of `x` to self.
  public func addRows(_ x: Buffer<Float>, rows: Int, columns: Int, at: Int) {
    lmz_sum_rows(
      rows, columns, x.pointer(at: 0, length: rows * columns), pointer(at: at, length: columns))
  }

  /// Drops elements with `probability` and scales the others up; the same ones for the same seed.
  public func dropOut(count: Int, probability: Float, seed: UInt64) {
    lmz_dropout(count, probability, seed, pointer(at: 0, length: count))
  }
}

/// Heads [H, E] of a row and the angles of its position, for `rotate` and its gradient.
public struct HeadRows {
  public let heads: Int
  public let size: Int
  /// Where the first head begins.
  public let offset: Int
  /// Where its factors [H] lie.
  public let factorsAt: Int
  /// Where the position's angles [E/2] lie.
  public let anglesAt: Int

  public init(heads: Int, size: Int, offset: Int, factorsAt: Int, anglesAt: Int) {
    self.heads = heads
    self.size = size
    self.offset = offset
    self.factorsAt = factorsAt
    self.anglesAt = anglesAt
  }
}

/// Gains [H] of the query heads, or of nothing.
public struct HeadGains {
  public let values: Buffer<Float>
  public let offset: Int

  public init(_ values: Buffer<Float>, at offset: Int) {
    self.values = values
    self.offset = offset
  }
}

extension Buffer where Element == Float {
  /// Normalises heads, multiplies them by their gains and rotates them, in place.
  public func rotate(
    _ rows: HeadRows, gains: HeadGains?, factors: Buffer<Float>, cosines: Buffer<Float>,
    sines: Buffer<Float>
  ) {
    lmz_rotate_heads(
      rows.heads, rows.size, pointer(at: rows.offset, length: rows.heads * rows.size),
      factors.pointer(at: rows.factorsAt, length: rows.heads),
      gains.map { UnsafePointer($0.values.pointer(at: $0.offset, length: rows.heads)) },
      cosines.pointer(at: rows.anglesAt, length: rows.size / 2),
      sines.pointer(at: rows.anglesAt, length: rows.size / 2))
  }

  /// Turns the gradient by the result of `rotate`, kept in `y` at the same place, into the one by its
  /// input, in place; adds to the gradients of the gains.
  public func rotateGradient(
    _ rows: HeadRows, y: Buffer<Float>, at yOffset: Int, gains: HeadGains?,
    gainGradients: HeadGains?, factors: Buffer<Float>, cosines: Buffer<Float>, sines: Buffer<Float>
  ) {
    let count = rows.heads * rows.size
    lmz_rotate_heads_backward(
      rows.heads, rows.size, y.pointer(at: yOffset, length: count),
      factors.pointer(at: rows.factorsAt, length: rows.heads),
      gains.map { UnsafePointer($0.values.pointer(at: $0.offset, length: rows.heads)) },
      cosines.pointer(at: rows.anglesAt, length: rows.size / 2),
      sines.pointer(at: rows.anglesAt, length: rows.size / 2),
      pointer(at: rows.offset, length: count),
      gainGradients.map { $0.values.pointer(at: $0.offset, length: rows.heads) })
  }
}

extension FloatMatrix {
  /// Softmax of scale · self by rows; row r is position `first` + r, columns are positions from 0, of
  /// which the last `window` up to its own count. The matrix must be without gaps.
  public func causalSoftmax(first: Int, window: Int, scale: Float) {
    precondition(stride == columns && first + rows <= columns && window >= 1)
    lmz_attention_softmax(rows, columns, first, window, scale, buffer.base + offset)
  }

  /// Turns the gradient by `probabilities` into the one by the scores.
  public func softmaxGradient(probabilities p: FloatMatrix, scale: Float) {
    precondition(stride == columns && p.stride == columns && p.rows == rows && p.columns == columns)
    lmz_softmax_backward(
      rows, columns, p.buffer.base + p.offset, scale, buffer.base + offset)
  }

  /// Turns products with the output embedding [R, V] into losses in nats, and, where `weights` has one
  /// factor per row, into the gradient by the logits `scale` · self + bias.
  ///
  /// Precondition: targets below V.
  public func crossEntropy(
    scale: Float, bias: Buffer<Float>, at biasAt: Int, targets: Buffer<UInt16>, at row: Int,
    weights: Buffer<Float>?, losses: Buffer<Float>
  ) {
    precondition(stride == columns)
    lmz_cross_entropy(
      rows, columns, scale, bias.pointer(at: biasAt, length: columns),
      targets.pointer(at: row, length: rows),
      weights.map { UnsafePointer($0.pointer(at: row, length: rows)) }, buffer.base + offset,
      losses.pointer(at: row, length: rows))
  }
}

extension Buffer where Element == Float {
  /// One step of AdamW on `range`: Loshchilov and Hutter, "Decoupled weight decay regularization", 2019.
  public func adamW(
    _ range: Range<Int>, gradient: Buffer<Float>, moments: (Buffer<Float>, Buffer<Float>),
    rate: Float, betas: (Float, Float), step: Int, decay: Float
  ) {
    func correction(_ beta: Float) -> Float { Float(1 / (1 - pow(Double(beta), Double(step)))) }
    let (at, count) = (range.lowerBound, range.count)
    lmz_adamw(
      count, rate, betas.0, betas.1, correction(betas.0), correction(betas.1), decay,
      gradient.pointer(at: at, length: count), moments.0.pointer(at: at, length: count),
      moments.1.pointer(at: at, length: count), pointer(at: at, length: count))
  }
}

extension Buffer where Element == Int8 {
  /// Quantises `count` floats to integers of 8 or 4 bits and returns the scale that brings them back.
  public func setQuantised(at: Int, count: Int, bits: Int, _ x: Buffer<Float>, at xAt: Int) -> Float
  {
    let quantise = bits == 8 ? lmz_quantise_row : lmz_quantise_row_4
    return quantise(count, x.pointer(at: xAt, length: count), pointer(at: at, length: count))
  }
}
