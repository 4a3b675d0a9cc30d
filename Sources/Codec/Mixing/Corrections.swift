import CKernels
import Kernels

/// By how much what was expected of a bit has been wrong in many contexts: what to add to the expectation, stretched.
///
/// Each is fitted by steps of Newton's method: the error of the corrected expectation over the second derivative of its
/// code length, and over what it has seen already.
struct Corrections {
  private let memory: Buffer<Int16>
  private let values: UnsafeMutablePointer<Int16>  // in units of 1/4096
  private let logistic: Logistic

  private static let unit: Float = 1 / 4096
  private static let limit: Float = 7.99

  init(count: Int, _ logistic: Logistic) throws(OutOfMemory) {
    memory = try Buffer(allocating: count)
    values = memory.unchecked
    self.logistic = logistic
  }

  /// What a step is divided by after so many bits.
  static func divisor(seen: Int) -> Float { 1 + 0.7 * Float(min(seen, 10)) }

  @inline(__always)
  subscript(i: Int) -> Float { Float(values[i]) * Self.unit }

  /// Has what is at and around `i` brought near.
  @inline(__always)
  func prefetch(_ i: Int) { lmz_prefetch(values + i) }

  /// Forgets the sixteen from `i` on.
  @inline(__always)
  func clearSlot(_ i: Int) {
    UnsafeMutableRawPointer(values + i).storeBytes(
      of: SIMD16<Int16>(repeating: 0), as: SIMD16<Int16>.self)
  }

  /// - Parameters:
  ///   - correction: `self[i]`.
  ///   - expectation: what it was added to, stretched.
  ///   - divisor: by what it has seen.
  @inline(__always)
  func update(
    _ i: Int, _ correction: Float, bit: Float, expectation: Float, divisor: Float
  ) {
    let p = logistic.squash(expectation + correction)
    let step = (bit - p) / ((0.1 + p * (1 - p)) * divisor)
    let moved = max(-Self.limit, min(Self.limit, correction + step))
    // To the nearest: what is converted is positive.
    values[i] = Int16(truncatingIfNeeded: Int32(moved * (1 / Self.unit) + 32768.5) - 32768)
  }
}
