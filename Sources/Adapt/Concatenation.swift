/// Compressed sizes of two contents, alone and together: what a compressor learns from one for the other.
///
/// For an ideal compressor C(X‖Y) ≤ C(X) + C(Y) holds for all pairs; how much smaller it is measures what
/// they share. Cilibrasi and Vitányi, "Clustering by compression", 2005.
public struct Concatenation: Equatable, Sendable {
  /// Bytes of X alone.
  public let x: Int
  /// Bytes of Y alone.
  public let y: Int
  /// Bytes of X with Y behind it.
  public let xy: Int

  public init(x: Int, y: Int, xy: Int) {
    self.x = x
    self.y = y
    self.xy = xy
  }

  /// Measures with `size`, the number of bytes that a content takes compressed.
  public init(
    of x: [UInt8], and y: [UInt8], size: ([UInt8]) throws -> Int
  ) rethrows {
    self.init(x: try size(x), y: try size(y), xy: try size(x + y))
  }

  /// C(X) + C(Y) − C(X‖Y): bytes saved by having both in one file.
  public var gap: Int { x + y - xy }

  /// Normalised compression distance (C(X‖Y) − min) / max: near 0 where one says all of the other, near
  /// 1 where they have nothing in common.
  public var distance: Double {
    let (low, high) = (min(x, y), max(x, y))
    return high == 0 ? 0 : Double(xy - low) / Double(high)
  }
}
