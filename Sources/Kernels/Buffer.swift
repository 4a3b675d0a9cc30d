/// A fixed number of elements in memory aligned to cache lines; starts as zeros.
///
/// The storage behind weights and activations. Kernels check every range against `count` once per
/// call and then run on bare pointers. A buffer is not synchronised: fill it on one thread, then
/// share it for reading only.
public final class Buffer<Element: BitwiseCopyable & ExpressibleByIntegerLiteral>:
  @unchecked Sendable
{
  public let count: Int
  let base: UnsafeMutablePointer<Element>

  public init(count: Int) {
    precondition(count >= 0)
    self.count = count
    let bytes = max(1, count * MemoryLayout<Element>.stride)
    let raw = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: 64)
    base = raw.bindMemory(to: Element.self, capacity: max(1, count))
    base.initialize(repeating: 0, count: count)
  }

  public convenience init(_ elements: some Collection<Element>) {
    self.init(count: elements.count)
    for (i, element) in elements.enumerated() { base[i] = element }
  }

  deinit { UnsafeMutableRawPointer(base).deallocate() }

  public subscript(i: Int) -> Element {
    get {
      precondition(i >= 0 && i < count)
      return base[i]
    }
    set {
      precondition(i >= 0 && i < count)
      base[i] = newValue
    }
  }

  /// The pointer to element `offset`, of which `length` elements may be used.
  @inline(__always)
  func pointer(at offset: Int, length: Int) -> UnsafeMutablePointer<Element> {
    precondition(offset >= 0 && length >= 0 && offset + length <= count)
    return base + offset
  }

  /// The elements of `range`, as an array.
  public func array(_ range: Range<Int>) -> [Element] {
    Array(
      UnsafeBufferPointer(
        start: pointer(at: range.lowerBound, length: range.count),
        count: range.count))
  }
}

extension Buffer {
  /// The little-endian elements in `bytes[range]`, whose length the caller has checked.
  public convenience init(littleEndian bytes: [UInt8], _ range: Range<Int>) {
    self.init(count: range.count / MemoryLayout<Element>.stride)
    bytes.withUnsafeBytes { source in
      UnsafeMutableRawBufferPointer(start: base, count: count * MemoryLayout<Element>.stride)
        .copyMemory(from: UnsafeRawBufferPointer(rebasing: source[range]))
    }
  }
}
