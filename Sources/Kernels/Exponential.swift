/// 2^x and its kin in strict float32: only + - * /, comparisons and bit patterns, in a fixed order, so
/// that every machine computes the same bits. No libm (docs/DETERMINISM.md).

typealias Float8 = SIMD8<Float>

/// 1.5 · 2^23: adding and subtracting it rounds to the nearest integer, ties to even, |x| < 2^22.
@usableFromInline let roundingMagic: Float = 12_582_912

/// log2(e), to turn natural exponents into powers of two.
public let log2OfE: Float = 1.442_695

/// 2^x for x in -120...120, clamped outside; relative error below 3e-7.
///
/// Splits x = n + f with f in -1/2...1/2 and evaluates the degree-6 Taylor polynomial of e^(f ln 2) by
/// Horner's rule; n goes into the exponent bits.
@inline(__always)
func exp2(_ x: Float8) -> Float8 {
  exp2NonPositive(x.replacing(with: 120, where: x .> 120))
}

/// 2^x for x of at most 120, where the upper clamp is not needed.
@inline(__always)
func exp2NonPositive(_ input: Float8) -> Float8 {
  let x = input.replacing(with: -120, where: input .< -120)
  let t = x + roundingMagic
  let f = x - (t - roundingMagic)
  var p = Float8(repeating: 1.540_353e-4)
  p = p * f + 1.333_355_8e-3
  p = p * f + 9.618_129e-3
  p = p * f + 5.550_410_9e-2
  p = p * f + 2.402_265e-1
  p = p * f + 6.931_472e-1
  p = p * f + 1
  let exponent = (unsafeBitCast(t, to: SIMD8<Int32>.self) &- (0x4B40_0000 - 127)) &<< 23
  return p * unsafeBitCast(exponent, to: Float8.self)
}

/// 2^x of one number; the same bits as the vector form.
public func exp2Strict(_ x: Float) -> Float { exp2(Float8(repeating: x))[0] }

/// The nearest integers, ties to even, for |x| < 2^22.
@inline(__always)
func roundToInt(_ x: Float8) -> SIMD8<Int32> {
  unsafeBitCast(x + roundingMagic, to: SIMD8<Int32>.self) &- 0x4B40_0000
}

@inline(__always)
func load(_ p: UnsafePointer<Float>) -> Float8 {
  UnsafeRawPointer(p).loadUnaligned(as: Float8.self)
}

@inline(__always)
func store(_ v: Float8, _ p: UnsafeMutablePointer<Float>) {
  UnsafeMutableRawPointer(p).storeBytes(of: v, as: Float8.self)
}

@inline(__always)
func loadFloats(_ p: UnsafePointer<Int32>) -> Float8 {
  Float8(UnsafeRawPointer(p).loadUnaligned(as: SIMD8<Int32>.self))
}

@inline(__always)
func loadFloats(_ p: UnsafePointer<Int8>) -> Float8 {
  Float8(UnsafeRawPointer(p).loadUnaligned(as: SIMD8<Int8>.self))
}

/// Sum of the eight lanes in a fixed tree.
@inline(__always)
func treeSum(_ v: Float8) -> Float {
  let a = v.lowHalf + v.highHalf
  return (a[0] + a[2]) + (a[1] + a[3])
}

@inline(__always)
func maximum(_ v: Float8) -> Float {
  var top = v[0]
  for i in 1..<8 where v[i] > top { top = v[i] }
  return top
}
