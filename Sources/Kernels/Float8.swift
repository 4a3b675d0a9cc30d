typealias Float8 = SIMD8<Float>

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

/// Eight numbers of four bits: 8 added to each, the first of two in the lower half of a byte.
@inline(__always)
func loadNibbles(_ p: UnsafePointer<UInt8>) -> Float8 {
  let bytes = UnsafeRawPointer(p).loadUnaligned(as: SIMD4<UInt8>.self)
  var nibbles = SIMD8<UInt8>()
  nibbles.evenHalf = bytes & 15
  nibbles.oddHalf = bytes &>> 4
  return Float8(SIMD8<Int8>(truncatingIfNeeded: nibbles) &- 8)
}
