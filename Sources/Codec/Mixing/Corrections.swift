import CKernels
import Kernels

/// By how much what was expected of a bit has been wrong in many contexts: what to add to the expectation, stretched.
///
/// Each is fitted by steps of Newton's method: the error of the corrected expectation over the second derivative of its
/// code length, and over what it has seen already.
struct Corrections {
  private let memory: Buffer<Int16>
  /// In units of 1/4096.
  let values: UnsafeMutablePointer<Int16>
  private let divisorMemory: Buffer<Float>
  /// What the steps of those that were read are divided by: `divisor(seen:)`. [most]
  let divisors: UnsafeMutablePointer<Float>
  private let movedMemory: Buffer<Int16>
  /// Those that were read, as they are after a bit. [most]
  let moved: UnsafeMutablePointer<Int16>
  private let logistic: Logistic
  private let isa: lmz_isa

  let isEmpty: Bool

  private static let unit: Float = 1 / 4096
  private static let limit: Float = 7.99

  /// - Parameter most: how many are read for one bit, at most.
  init(
    count: Int, most: Int, _ logistic: Logistic, instructionSet: InstructionSet
  ) throws(OutOfMemory) {
    memory = try Buffer(allocating: count)
    values = memory.unchecked
    isEmpty = count == 0
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
