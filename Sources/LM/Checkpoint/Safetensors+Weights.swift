import Kernels

extension Safetensors {
  /// A float32 tensor of moderate numbers: no NaN, no infinity, nothing that could overflow on the way
  /// through the model.
  func finite(_ name: String, _ shape: [Int]) throws(ModelFileError) -> Buffer<Float> {
    let tensor: Buffer<Float> = try tensor(name, .f32, shape)
    for i in 0..<tensor.count where !(tensor[i].magnitude < 1e6) { throw .notFinite(name) }
    return tensor
  }

  /// The integers of a matrix or table, in int8 or, for four bits, two in a byte.
  func integers(_ name: String, bits: Int, rows: Int, columns: Int) throws(ModelFileError)
    -> Buffer<Int8>
  {
    if bits == 8 { return try tensor(name, .i8, [rows, columns]) }
    let packed: Buffer<UInt8> = try tensor(name, .u8, [rows, columns / 2])
    let integers = Buffer<Int8>(count: rows * columns)
    integers.setUnpacked(packed)
    return integers
  }
}

extension SafetensorsWriter {
  /// The counterpart of `integers`.
  mutating func add(
    _ name: String, bits: Int, rows: Int, columns: Int, _ integers: Buffer<Int8>
  ) {
    guard bits == 4 else {
      add(name, .i8, [rows, columns], integers)
      return
    }
    let packed = Buffer<UInt8>(count: rows * columns / 2)
    packed.setPacked(integers)
    add(name, .u8, [rows, columns / 2], packed)
  }
}

/// Integers from -8 to 7 with 8 added, the first of two in the lower half of a byte.
extension Buffer where Element == UInt8 {
  fileprivate func setPacked(_ integers: Buffer<Int8>) {
    for i in 0..<count {
      let (low, high) = (integers[2 * i] + 8, integers[2 * i + 1] + 8)
      self[i] = UInt8(low) | UInt8(high) << 4
    }
  }
}

extension Buffer where Element == Int8 {
  fileprivate func setUnpacked(_ packed: Buffer<UInt8>) {
    for i in 0..<packed.count {
      self[2 * i] = Int8(packed[i] & 15) - 8
      self[2 * i + 1] = Int8(packed[i] >> 4) - 8
    }
  }
}
