import CKernels
import Kernels

/// By how much what was expected of a bit has been wrong in many contexts: what to add to the expectation, stretched, in 16
/// bits.
///
/// Each is fitted by steps of Newton's method: the error of the corrected expectation over the second derivative of its
/// code length, and over what it has seen already.
struct Corrections {
  private let divisorMemory: Buffer<Float>
  /// What the steps of those that were read are divided by: `divisor(seen:)`. [most]
  let divisors: UnsafeMutablePointer<Float>
  private let movedMemory: Buffer<Int16>
  /// Those that were read, as they are after a bit. [most]
  let moved: UnsafeMutablePointer<Int16>
  private let logistic: Logistic
  private let isa: lmz_isa

  private static let limit: Float = 7.99

  /// - Parameter most: how many are read for one bit, at most.
  init(most: Int, _ logistic: Logistic, instructionSet: InstructionSet) {
    let most = (most + 7) / 8 * 8
    divisorMemory = Buffer((0..<most).map { _ in 1 })
    divisors = divisorMemory.unchecked
    movedMemory = Buffer(count: most)
    moved = movedMemory.unchecked
    self.logistic = logistic
    isa = instructionSet.code
  }

  /// What a step is divided by after so many bits.
  static func divisor(seen: Int) -> Float { 1 + 0.7 * Float(min(seen, 10)) }

  /// The number that is kept in units of 1/4096.
  @inline(__always)
  static func value(_ kept: Int16) -> Float { Float(kept) * (1 / 4096) }

  /// Writes `moved` by `divisors`.
  ///
  /// - Parameters:
  ///   - x: corrections that were read; [count] and up to a multiple of 8 more, which are not used.
  ///   - expectation: what they were added to, stretched.
  @inline(__always)
  func move(_ x: UnsafePointer<Float>, count: Int, bit: Int, expectation: Float) {
    lmz_mix_correct(
      isa, x, divisors, (count + 7) & ~7, expectation, Float(bit), Self.limit, logistic.squashes,
      moved)
  }
}
