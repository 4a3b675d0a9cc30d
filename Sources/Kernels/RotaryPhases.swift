/// Angles of rotary position embeddings as exact phases, so that a stream of any length has positions.
///
/// Frequency i turns by `steps[i]` / 2^64 of a full turn per position. Products with the position wrap
/// around at whole turns, which is what an angle does, so nothing is lost however long the stream is.
public struct RotaryPhases: Sendable {
  public let steps: [UInt64]

  public init(steps: [UInt64]) { self.steps = steps }

  /// Writes the cosines and sines of all frequencies at `position` to `offset` of both buffers.
  public func angles(
    position: Int, cosines: Buffer<Float>, sines: Buffer<Float>, at offset: Int
  ) {
    for (i, step) in steps.enumerated() {
      let (cos, sin) = Self.cosineAndSine(
        phase: UInt32(truncatingIfNeeded: (step &* UInt64(position)) >> 32))
      cosines[offset + i] = cos
      sines[offset + i] = sin
    }
  }

  /// Cosine and sine of phase / 2^32 of a turn; absolute error below 3e-7.
  ///
  /// Subtracts the nearest quarter turn and evaluates Taylor polynomials on -π/4...π/4.
  public static func cosineAndSine(phase: UInt32) -> (cosine: Float, sine: Float) {
    let quarter = (phase &+ (1 << 29)) >> 30
    let rest = Int32(bitPattern: phase &- (quarter << 30))
    let x = Float(rest) * 1.462_918_1e-9  // 2π / 2^32
    let y = x * x
    let sine =
      x
      * (1 + y
        * (-0.166_666_67 + y
          * (8.333_333e-3 + y
            * (-1.984_127e-4
              + y * 2.755_731_9e-6))))
    let cosine =
      1 + y
      * (-0.5 + y
        * (4.166_666_8e-2 + y
          * (-1.388_888_9e-3
            + y * (2.480_158_7e-5 + y * -2.755_731_9e-7))))
    switch quarter & 3 {
    case 0: return (cosine, sine)
    case 1: return (-sine, cosine)
    case 2: return (-cosine, -sine)
    default: return (sine, -cosine)
    }
  }
}
