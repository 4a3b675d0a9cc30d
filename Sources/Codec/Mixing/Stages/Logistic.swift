import CKernels
import Kernels

/// stretch(p) = ln(p / (1 - p)) and its inverse squash as tables, so that every machine has the same
/// bits: they are computed with + - * / in double precision and rounded once.
struct Logistic: @unchecked Sendable {
  /// stretch is clamped to ±limit; squash takes anything.
  static let limit: Float = 11.5
  private static let stepsPerUnit = 64
  private static let span = 12

  /// Owners of the memory behind the pointers.
  private let stretchTable: Buffer<Float>
  private let squashTable: Buffer<Float>
  private let fineTable: Buffer<Float>
  /// stretch((i + 1/2) / 4096).
  let stretch: UnsafePointer<Float>
  /// squash(i / 64 - 12), for kernels.
  let squashes: UnsafePointer<Float>
  /// stretch(i / 65536) for i < 4096: the tails, where 12 bits are too coarse.
  private let tail: UnsafePointer<Float>

  /// Made once, and never written again.
  static let shared = Logistic()

  private init() {
    func ratio(_ p: Double) -> Float {
      let x = Self.naturalLogarithm(p / (1 - p))
      return max(-Self.limit, min(Self.limit, Float(x)))
    }
    stretchTable = Buffer((0..<4096).map { ratio((Double($0) + 0.5) / 4096) })
    fineTable = Buffer((0..<4096).map { ratio(Double(max($0, 1)) / 65536) })
    let half = Self.span * Self.stepsPerUnit
    squashTable = Buffer(
      (0...(2 * half + 1)).map {
        Float(1 / (1 + Self.exponential(-Double($0 - half) / Double(Self.stepsPerUnit))))
      })
    stretch = UnsafePointer(stretchTable.unchecked)
    squashes = UnsafePointer(squashTable.unchecked)
    tail = UnsafePointer(fineTable.unchecked)
  }

  /// 1 / (1 + e^-x), by linear interpolation; strictly inside of 0...1.
  @inline(__always)
  func squash(_ x: Float) -> Float {
    let clamped = max(-11.99, min(11.99, x))
    let position = (clamped + Float(Self.span)) * Float(Self.stepsPerUnit)
    let i = Int(lmz_truncate(position))
    let f = position - Float(i)
    return squashes[i] + (squashes[i + 1] - squashes[i]) * f
  }

  /// stretch of a probability of 16 bits.
  @inline(__always)
  func stretch16(_ p: UInt32) -> Float {
    if p < 4096 { return tail[Int(p)] }
    if p > 65536 - 4096 { return -tail[Int(65536 - p)] }
    return stretch[Int(p >> 4)]
  }

  /// ln x for x > 0: x = m · 2^e with m in 1..<2, and ln m = 2 artanh((m - 1) / (m + 1)) as a series.
  private static func naturalLogarithm(_ x: Double) -> Double {
    let m = x.significand
    let t = (m - 1) / (m + 1)
    var sum = 0.0
    var power = t
    for k in stride(from: 1, to: 60, by: 2) {
      sum += power / Double(k)
      power = power * t * t
    }
    return 2 * sum + Double(x.exponent) * 0.693_147_180_559_945_3
  }

  /// e^x for |x| <= 16 by the Taylor series of e^(x / 16), raised to the 16th power.
  private static func exponential(_ x: Double) -> Double {
    var sum = 1.0
    var term = 1.0
    for k in 1..<24 {
      term = term * (x / 16) / Double(k)
      sum += term
    }
    for _ in 0..<4 { sum = sum * sum }
    return sum
  }
}
