import CKernels

/// Numbers of a few bits each behind one another, the most significant bit first.
public struct BitSequence: @unchecked Sendable {
  private let bytes: UnsafePointer<UInt8>
  /// Owner of the bytes; nil where they are of the program itself.
  private let memory: Buffer<UInt8>?
  public let count: Int

  /// Eight bytes are read at a time.
  public static let padding = 8

  /// A copy of bytes.
  ///
  /// - Throws: `OutOfMemory`.
  public init(_ bytes: ArraySlice<UInt8>) throws(OutOfMemory) {
    let memory = try Buffer<UInt8>(allocating: bytes.count + Self.padding)
    bytes.withUnsafeBufferPointer { source in
      if let start = source.baseAddress { memory.base.update(from: start, count: bytes.count) }
    }
    self.memory = memory
    self.bytes = UnsafePointer(memory.base)
    count = 8 * bytes.count
  }

  /// Bytes that stay where they are as long as the program runs, with `padding` more behind them that do not
  /// count.
  public init(permanent bytes: UnsafeBufferPointer<UInt8>) {
    memory = nil
    self.bytes = bytes.baseAddress!
    count = 8 * bytes.count
  }

  /// Has the bits at a position brought near.
  @inline(__always)
  public func prefetch(at position: Int) {
    precondition(position >= 0 && position <= count)
    lmz_prefetch_constant(bytes + position >> 3)
  }

  /// The `count` bits from `position` on, 1...57, none of them beyond the last.
  @inline(__always)
  public func number(at position: Int, bits count: Int) -> UInt64 {
    precondition(position >= 0 && position <= self.count)
    let word = UnsafeRawPointer(bytes + position >> 3).loadUnaligned(as: UInt64.self).bigEndian
    return (word << UInt64(position & 7)) >> UInt64(64 - count)
  }
}
