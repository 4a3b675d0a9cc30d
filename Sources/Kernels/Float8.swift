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
