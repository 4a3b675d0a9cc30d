import CKernels

/// Probabilities of the next token as exact integers.
public struct TokenWeights {
  /// `prefix[i]` is the sum of the weights of tokens before i; `prefix[vocabulary]` is the total.
  /// A token's probability is its weight over the total.
  let prefix: Buffer<UInt64>
  private let logits: Buffer<Float>

  public init(vocabulary: Int) {
    prefix = Buffer(count: vocabulary + 1)
    logits = Buffer(count: (vocabulary + 15) / 16 * 16)
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
  /// `weightScales` and `bias` are padded to a multiple of 16 entries.
  public func set(
    _ set: InstructionSet, sums: Buffer<Int32>, at from: Int, scale: Float,
    weightScales: Buffer<Float>, bias: Buffer<Float>
  ) {
    let count = prefix.count - 1
    let padded = (count + 15) / 16 * 16
    lmz_token_weights(
      set.code, sums.pointer(at: from, length: padded), scale,
      weightScales.pointer(at: 0, length: padded), bias.pointer(at: 0, length: padded), count,
      logits.pointer(at: 0, length: padded), prefix.base)
  }
}
