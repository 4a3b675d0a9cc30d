typealias Float8 = SIMD8<Float>

/// 1.5 · 2^23: adding and subtracting it rounds to the nearest integer, ties to even, |x| < 2^22.
private let roundingMagic: Float = 12_582_912

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
