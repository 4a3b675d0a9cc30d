import CKernels

// Elementwise steps of the transformer on rows of float32, and the sums that have one fixed order.
// Every row's length is a multiple of 8.

/// Largest magnitude of a quantised activation: 12 bits with the sign.
public let activationLimit: Float = 2047

extension Buffer where Element == Float {
  /// Row `row` of an int8 table with `width` columns, times its scale, written to or added to
  /// self[offset...].
  public func setRow(
    _ offset: Int, from table: Buffer<Int8>, row: Int, scale: Float, width: Int, adding: Bool
  ) {
    let source = table.pointer(at: row * width, length: width)
    let y = pointer(at: offset, length: width)
    for i in stride(from: 0, to: width, by: 8) {
      let v = loadFloats(source + i) * scale
      store(adding ? load(y + i) + v : v, y + i)
    }
  }

  /// The same for a table of four bits: two numbers a byte, 8 added to each, the first in the lower half.
  public func setRow(
    _ offset: Int, fromNibbles table: Buffer<UInt8>, row: Int, scale: Float, width: Int,
    adding: Bool
  ) {
    let source = table.pointer(at: row * width / 2, length: width / 2)
    let y = pointer(at: offset, length: width)
    for i in stride(from: 0, to: width, by: 8) {
      let v = loadNibbles(source + i / 2) * scale
      store(adding ? load(y + i) + v : v, y + i)
    }
  }

  /// self[offset...] = other[from...], `count` elements.
  public func copyRow(_ offset: Int, from other: Buffer<Float>, at from: Int, count: Int) {
    pointer(at: offset, length: count).update(
      from: other.pointer(at: from, length: count), count: count)
  }

  /// self[target...] = x / sqrt(mean(x²) + 1e-6) for x = self[offset...] of `count` elements.
  public func normaliseRow(_ set: InstructionSet, _ offset: Int, count: Int, to target: Int) {
    let x = pointer(at: offset, length: count)
    let y = pointer(at: target, length: count)
    let factor = set.inverseRootMeanSquare(x, count)
    for i in stride(from: 0, to: count, by: 8) { store(load(x + i) * factor, y + i) }
  }

  /// The row divided by its root mean square, in 12-bit integers.
  ///
  /// - Returns: the scale that turns the integers back into the normalised row.
  public func quantiseNormalisedRow(
    _ set: InstructionSet, _ offset: Int, count: Int, to target: Int, of integers: Buffer<Int16>
  ) -> Float {
    let x = pointer(at: offset, length: count)
    let y = integers.pointer(at: target, length: count)
    // The norm only changes the scale: the integers of x and of its multiple are the same.
    return set.quantise(x, count, limit: activationLimit, y) * set.inverseRootMeanSquare(x, count)
  }

  /// The row in 12-bit integers.
  ///
  /// - Returns: the scale that turns the integers back.
  public func quantiseRow(
    _ set: InstructionSet, _ offset: Int, count: Int, to target: Int, of integers: Buffer<Int16>
  ) -> Float {
    set.quantise(
      pointer(at: offset, length: count), count, limit: activationLimit,
      integers.pointer(at: target, length: count))
  }

  /// self[offset + i] = (or +=) sums[from + i] · (scale · weightScales[i]).
  public func setRow(
    _ set: InstructionSet, _ offset: Int, fromSums sums: Buffer<Int32>, at from: Int, count: Int,
    scale: Float, weightScales: Buffer<Float>, adding: Bool
  ) {
    precondition(count % 8 == 0)
    lmz_row_from_sums(
      set.code, sums.pointer(at: from, length: count), count, scale,
      weightScales.pointer(at: 0, length: count), adding ? 1 : 0,
      pointer(at: offset, length: count))
  }

  /// self[offset + i] = a · self[offset + i] + b · other[from + i].
  public func mixRow(
    _ offset: Int, count: Int, by a: Float, with other: Buffer<Float>, at from: Int, by b: Float
  ) {
    let x = pointer(at: offset, length: count)
    let o = other.pointer(at: from, length: count)
    for i in stride(from: 0, to: count, by: 8) { store(load(x + i) * a + load(o + i) * b, x + i) }
  }

  /// SwiGLU in place: self[offset + i] = silu(self[offset + i]) · self[offset + hidden + i].
  public func gateRow(_ set: InstructionSet, _ offset: Int, hidden: Int) {
    precondition(hidden % 8 == 0)
    lmz_gate(set.code, pointer(at: offset, length: 2 * hidden), hidden)
  }

  /// Each head of the row divided by its root mean square, times a factor, and rotated.
  ///
  /// The row at `offset` has heads of `size` elements, one for each of `factors`; the angles' cosines
  /// and sines (size / 2 each) lie at `angle` of `cosines` and `sines`.
  public func normaliseAndRotateHeads(
    _ set: InstructionSet, _ offset: Int, size: Int, factors: Buffer<Float>,
    cosines: Buffer<Float>, sines: Buffer<Float>, angle: Int
  ) {
    let half = size / 2
    let c = cosines.pointer(at: angle, length: half)
    let s = sines.pointer(at: angle, length: half)
    for head in 0..<factors.count {
      let x = pointer(at: offset + head * size, length: size)
      let factor = set.inverseRootMeanSquare(x, size) * factors[head]
      for i in stride(from: 0, to: half, by: 8) {
        let a = load(x + i) * factor
        let b = load(x + half + i) * factor
        let cos = load(c + i)
        let sin = load(s + i)
        store(a * cos - b * sin, x + i)
        store(b * cos + a * sin, x + half + i)
      }
    }
  }
}

extension InstructionSet {
  /// Rounds x · limit / max|x| to integers and returns the scale max|x| / limit that undoes it.
  @inline(__always)
  func quantise(
    _ x: UnsafePointer<Float>, _ count: Int, limit: Float, _ y: UnsafeMutablePointer<Int16>
  ) -> Float {
    precondition(count % 8 == 0)
    return lmz_quantise(code, x, count, limit, y)
  }

  /// 1 / sqrt(mean(x²) + 1e-6).
  @inline(__always)
  func inverseRootMeanSquare(_ x: UnsafePointer<Float>, _ count: Int) -> Float {
    precondition(count % 8 == 0)
    return lmz_inverse_root_mean_square(code, x, count)
  }
}
