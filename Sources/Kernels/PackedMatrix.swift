import CKernels

/// An int8 matrix in the order in which the product kernels read it: groups of 16 outputs, then pairs
/// of inputs (CKernels.h has the formula). Outputs are padded to 16 and inputs to 2 with zeros.
///
/// As the caches of attention are such matrices too, single elements can be set.
public struct PackedMatrix: Sendable {
  public static let group = Int(LMZ_GROUP)

  public let outputs: Int
  public let inputs: Int
  let storage: Buffer<Int8>

  /// All zeros, in an arena or by itself.
  ///
  /// - Throws: `OutOfMemory`.
  public init(outputs: Int, inputs: Int, in arena: Arena? = nil) throws(OutOfMemory) {
    self.outputs = outputs
    self.inputs = inputs
    let groups = (outputs + Self.group - 1) / Self.group
    storage = try Buffer(allocating: groups * Self.group * Self.pairs(inputs) * 2, in: arena)
  }

  /// `values` is [outputs, inputs], row by row.
  ///
  /// - Throws: `OutOfMemory`.
  public init(
    outputs: Int, inputs: Int, values: Buffer<Int8>, in arena: Arena? = nil
  ) throws(OutOfMemory) {
    precondition(values.count == outputs * inputs)
    try self.init(outputs: outputs, inputs: inputs, in: arena)
    let source = values.base
    for row in 0..<outputs {
      let target = UnsafeMutableRawPointer(storage.base + index(output: row, input: 0))
      let from = UnsafeRawPointer(source + row * inputs)
      for pair in 0..<(inputs / 2) {
        let values = from.loadUnaligned(fromByteOffset: 2 * pair, as: UInt16.self)
        target.storeBytes(of: values, toByteOffset: pair * 2 * Self.group, as: UInt16.self)
      }
      if inputs % 2 == 1 {
        target.storeBytes(
          of: source[row * inputs + inputs - 1], toByteOffset: inputs / 2 * 2 * Self.group,
          as: Int8.self)
      }
    }
  }

  static func pairs(_ inputs: Int) -> Int { (inputs + 1) / 2 }

  /// Bytes from one group of outputs to the next.
  var groupStride: Int { Self.pairs(inputs) * 2 * Self.group }

  @inline(__always)
  func index(output: Int, input: Int) -> Int {
    (output / Self.group) * groupStride + (input >> 1) * (2 * Self.group)
      + (output % Self.group) * 2 + (input & 1)
  }

  public subscript(output: Int, input: Int) -> Int8 {
    storage[index(output: output, input: input)]
  }
}

/// Where rows of int16 activations or int32 sums lie in a buffer.
public struct Rows {
  public var offset: Int
  public var stride: Int
  public var count: Int

  /// `count` rows of `stride` elements each, the first at `offset`.
  public init(_ count: Int, stride: Int, offset: Int = 0) {
    self.offset = offset
    self.stride = stride
    self.count = count
  }
}

extension InstructionSet {
  /// sums[m, n] = Σ_k a[m, k] · w[n, k], for the first `outputs` outputs and `inputs` inputs of the
  /// matrix (all of them by default), exactly.
  ///
  /// Outputs are computed in whole groups of 16: rows of `sums` must have room for them. Odd `inputs`
  /// read one activation more, which must be 0. |a| · 127 · inputs < 2^31 is the caller's duty.
  public func product(
    _ a: Buffer<Int16>, _ aRows: Rows, _ w: PackedMatrix, outputs: Int? = nil, inputs: Int? = nil,
    into sums: Buffer<Int32>, _ sumRows: Rows
  ) {
    let groups = ((outputs ?? w.outputs) + PackedMatrix.group - 1) / PackedMatrix.group
    let pairs = PackedMatrix.pairs(inputs ?? w.inputs)
    let rows = aRows.count
    guard rows > 0, groups > 0 else { return }
    precondition(sumRows.count == rows && groups * w.groupStride <= w.storage.count)
    precondition(pairs * 2 * PackedMatrix.group <= w.groupStride)
    let from = a.pointer(at: aRows.offset, length: (rows - 1) * aRows.stride + 2 * pairs)
    let to = sums.pointer(
      at: sumRows.offset, length: (rows - 1) * sumRows.stride + groups * PackedMatrix.group)
    lmz_product(
      code, from, aRows.stride, w.storage.base, w.groupStride, to, sumRows.stride, rows, groups,
      pairs)
  }

  /// The same sums by the definition, in Swift: what the tests hold the kernels against.
  public static func referenceProduct(a: [Int16], w: [Int8], rows: Int, outputs: Int, inputs: Int)
    -> [Int32]
  {
    var sums = [Int32](repeating: 0, count: rows * outputs)
    for m in 0..<rows {
      for n in 0..<outputs {
        for k in 0..<inputs {
          sums[m * outputs + n] += Int32(a[m * inputs + k]) * Int32(w[n * inputs + k])
        }
      }
    }
    return sums
  }
}
