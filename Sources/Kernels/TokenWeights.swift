/// Probabilities of the next token as exact integers.
public struct TokenWeights {
  /// `prefix[i]` is the sum of the weights of tokens before i; `prefix[vocabulary]` is the total.
  /// A token's probability is its weight over the total.
  let prefix: Buffer<UInt64>
  private let scores: Buffer<Float>

  public init(vocabulary: Int) {
    prefix = Buffer(count: vocabulary + 1)
    scores = Buffer(count: (vocabulary + 15) / 16 * 16)
  }

  /// Calls `body` with the prefix sums.
  @inline(__always)
  public func withPrefix<R, E: Error>(_ body: (Span<UInt64>) throws(E) -> R) throws(E) -> R {
    try body(UnsafeBufferPointer(start: prefix.base, count: prefix.count).span)
  }

  /// Sets the weights from the output product: logit i in powers of two is
  /// sums[from + i] · (weightScales[i] · scale) + bias[i], and its weight 1 + 2^(24 + logit - maximum),
  /// rounded.
  ///
  /// `weightScales` and `bias` are padded to a multiple of 8 entries.
  public func set(
    sums: Buffer<Int32>, at from: Int, scale: Float, weightScales: Buffer<Float>,
    bias: Buffer<Float>
  ) {
    let count = prefix.count - 1
    let padded = (count + 7) / 8 * 8
    let s = sums.pointer(at: from, length: padded)
    let w = weightScales.pointer(at: 0, length: padded)
    let b = bias.pointer(at: 0, length: padded)
    let y = scores.pointer(at: 0, length: padded)
    var top = Float8(repeating: -1e30)
    for i in stride(from: 0, to: padded, by: 8) {
      let logit = loadFloats(s + i) * (load(w + i) * scale) + load(b + i)
      store(logit, y + i)
      top = pointwiseMax(top, logit)
    }
    let highest = maximum(top)
    let sum = prefix.pointer(at: 0, length: count + 1)
    var running: UInt64 = 0
    sum[0] = 0
    var i = 0
    while i < padded {
      // 2^21 is the most that roundToInt can hold; the shift by 3 gives the 24 bits.
      let weight = SIMD8<UInt32>(
        truncatingIfNeeded: (roundToInt(exp2NonPositive(load(y + i) - highest) * 2_097_152) &<< 3)
          &+ 1)
      let last = min(8, count - i)
      for j in 0..<last {
        running &+= UInt64(weight[j])
        sum[i + j + 1] = running
      }
      i += 8
    }
  }
}
