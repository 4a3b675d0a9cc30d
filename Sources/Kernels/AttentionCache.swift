import CKernels

/// Keys and values of one attention head in int8, in the packed order of the product kernels.
///
/// Slots form a ring: position p lies in slot p % slots. Each slot has a scale for its key and one for
/// its value.
public final class AttentionCache: Sendable {
  public let slots: Int
  public let headSize: Int
  /// [slots, headSize] as weights: scores are one product.
  let keys: PackedMatrix
  /// [headSize, slots] as weights: the weighted sum of values is one product.
  let values: PackedMatrix
  let keyScales: Buffer<Float>
  let valueScales: Buffer<Float>

  /// Precondition: `headSize` is a multiple of 16.
  ///
  /// - Throws: `OutOfMemory`.
  public init(slots: Int, headSize: Int, in arena: Arena? = nil) throws(OutOfMemory) {
    precondition(headSize % PackedMatrix.group == 0)
    self.slots = slots
    self.headSize = headSize
    keys = try PackedMatrix(outputs: slots, inputs: headSize, in: arena)
    values = try PackedMatrix(outputs: headSize, inputs: slots, in: arena)
    let padded = (slots + 15) / 16 * 16
    keyScales = try Buffer(allocating: padded)
    valueScales = try Buffer(allocating: padded)
  }

  /// Quantises the key at `key` and the value at `value` of `row`, each `headSize` long, into `slot`.
  public func store(
    _ set: InstructionSet, slot: Int, from row: Buffer<Float>, key: Int, value: Int,
    scratch: Buffer<Int16>
  ) {
    precondition(slot >= 0 && slot < slots)
    let q = scratch.pointer(at: 0, length: headSize)
    keyScales[slot] = set.quantise(row.pointer(at: key, length: headSize), headSize, limit: 127, q)
    // A pair of inputs after the other, and below, one value of each output after the other.
    var k = keys.storage.base + keys.index(output: slot, input: 0)
    for pair in 0..<(headSize / 2) {
      k[0] = Int8(truncatingIfNeeded: q[2 &* pair])
      k[1] = Int8(truncatingIfNeeded: q[2 &* pair &+ 1])
      k += 2 * PackedMatrix.group
    }

    valueScales[slot] = set.quantise(
      row.pointer(at: value, length: headSize), headSize, limit: 127, q)
    var v = values.storage.base + values.index(output: 0, input: slot)
    for group in 0..<(headSize / PackedMatrix.group) {
      for i in 0..<PackedMatrix.group {
        v[2 &* i] = Int8(truncatingIfNeeded: q[group &* PackedMatrix.group &+ i])
      }
      v += values.groupStride
    }
  }

  /// Attention of `queries` rows over the cache.
  ///
  /// - `q`: 12-bit queries, with `scales[i]` such that sum · scale · key scale is the score in powers of
  ///   two. `visible[i]` are the slots that query i may see, as one or two ranges.
  /// - `output`: query i's weighted mean of values is written to `outputRows`.
  ///
  /// Scores, softmax weights (14 bits) and their sums are integers, so the order of slots is of no
  /// consequence: the encoder's batches and the decoder's single steps agree bit for bit.
  public func attend(
    _ set: InstructionSet, q: Buffer<Int16>, _ qRows: Rows, scales: Buffer<Float>, scaleOffset: Int,
    scaleStride: Int, visible: [SlotRanges], scratch: AttentionScratch, output: Buffer<Float>,
    _ outputRows: Rows
  ) {
    let used = min(slots, visible.reduce(0) { max($0, $1.end) })
    let width = (used + 15) / 16 * 16
    let rows = Rows(qRows.count, stride: width)
    set.product(q, qRows, keys, outputs: used, into: scratch.sums, rows)
    for i in 0..<qRows.count {
      scratch.factors[i] = lmz_attention_weights(
        set.code, scratch.sums.pointer(at: i * width, length: width),
        scales[scaleOffset + i * scaleStride], keyScales.pointer(at: 0, length: width),
        valueScales.pointer(at: 0, length: width), visible[i].bounds, width,
        scratch.scores.pointer(at: 0, length: width),
        scratch.weights.pointer(at: i * width, length: width))
    }
    set.product(
      scratch.weights, rows, values, inputs: used, into: scratch.sums,
      Rows(qRows.count, stride: headSize))
    for i in 0..<qRows.count {
      let sums = scratch.sums.pointer(at: i * headSize, length: headSize)
      let y = output.pointer(at: outputRows.offset + i * outputRows.stride, length: headSize)
      for j in stride(from: 0, to: headSize, by: 8) {
        Kernels.store(loadFloats(sums + j) * scratch.factors[i], y + j)
      }
    }
  }
}

/// Which slots of the ring a query may see: `first`, and `second` where the window wraps around.
public struct SlotRanges: Sendable {
  public let first: Range<Int>
  public let second: Range<Int>

  /// The last `window` positions up to `position`, in a ring of `slots`.
  public init(position: Int, window: Int, slots: Int) {
    precondition(window <= slots)
    let count = min(position + 1, window)
    let start = (position - count + 1) % slots
    if start + count <= slots {
      first = start..<(start + count)
      second = 0..<0
    } else {
      first = start..<slots
      second = 0..<(start + count - slots)
    }
  }

  var end: Int { max(first.upperBound, second.upperBound) }

  var bounds: lmz_visible {
    lmz_visible(wrapped: second.upperBound, first: first.lowerBound, end: first.upperBound)
  }
}

/// Working memory of `attend` for up to `queries` rows.
public final class AttentionScratch {
  let sums: Buffer<Int32>
  let scores: Buffer<Float>
  let weights: Buffer<Int16>
  let factors: Buffer<Float>

  public init(queries: Int, slots: Int, headSize: Int) {
    let width = (max(slots, headSize) + 15) / 16 * 16
    sums = Buffer(count: queries * width)
    scores = Buffer(count: width)
    weights = Buffer(count: queries * width)
    factors = Buffer(count: queries)
  }
}
