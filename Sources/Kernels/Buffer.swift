import Foundation

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
  /// What `free` gets; nil where the elements lie in an arena.
  private let allocation: UnsafeMutableRawPointer?
  private let owner: AnyObject?

  /// For sizes that the program itself sets; where there is no memory it stops, as with any object.
  public convenience init(count: Int) {
    do {
      try self.init(allocating: count)
    } catch {
      preconditionFailure("\(error)")
    }
  }

  /// For sizes that an archive or a user sets, in an arena or by itself.
  ///
  /// - Throws: `OutOfMemory`.
  public convenience init(allocating count: Int, in arena: Arena? = nil) throws(OutOfMemory) {
    if let arena {
      let (start, owner) = try arena.take(count * MemoryLayout<Element>.stride)
      self.init(start, count, owner)
    } else {
      try self.init(allocating: count, alignment: 64)
    }
  }

  /// - Parameters:
  ///   - start: zeros with room for all.
  ///   - owner: what keeps them alive.
  private init(_ start: UnsafeMutablePointer<UInt8>, _ count: Int, _ owner: AnyObject) {
    self.count = count
    allocation = nil
    self.owner = owner
    base = UnsafeMutableRawPointer(start)
      .bindMemory(to: Element.self, capacity: max(1, count))
  }

  init(allocating count: Int, alignment: Int) throws(OutOfMemory) {
    precondition(count >= 0)
    // calloc leaves large areas to the kernel, which makes pages when they are first used. Aligned
    // within what is asked for.
    let stride = MemoryLayout<Element>.stride
    guard let raw = calloc(count + alignment / stride, stride) else {
      throw OutOfMemory(elements: count, size: stride)
    }
    self.count = count
    allocation = raw
    owner = nil
    Self.askForHugePages(raw, bytes: (count + alignment / stride) * stride)
    base = raw.alignedUp(toMultipleOf: alignment)
      .bindMemory(to: Element.self, capacity: max(1, count))
  }

  public convenience init(_ elements: some Collection<Element>) {
    self.init(count: elements.count)
    // At once where they lie one behind the other, as this is not compiled for other modules' types.
    let copied: Void? = elements.withContiguousStorageIfAvailable { source in
      if let start = source.baseAddress { base.update(from: start, count: count) }
    }
    if copied != nil { return }
    for (i, element) in elements.enumerated() { base[i] = element }
  }

  /// Large tables that are read all over miss the processor's table of pages less often if those are large, too.
  private static func askForHugePages(_ start: UnsafeMutableRawPointer, bytes: Int) {
    #if os(Linux)
      let first = start.alignedUp(toMultipleOf: largePage)
      let length = (bytes - (first - start)) / largePage * largePage
      if length > 0 { madvise(first, length, MADV_HUGEPAGE) }
    #endif
  }

  deinit { free(allocation) }

  /// The first element, for loops that keep inside of `count` by themselves and cannot afford a check:
  /// the mixing of Codec, the lookup of n-grams. Valid while the buffer is.
  package var unchecked: UnsafeMutablePointer<Element> { base }

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

/// The system has no memory of this size to give.
public struct OutOfMemory: Error, CustomStringConvertible {
  public let elements: Int
  public let size: Int

  public var description: String {
    "cannot allocate memory for \(elements) elements of \(size) bytes"
  }
}

extension Buffer {
  /// The little-endian elements in `bytes[range]`, whose length the caller has checked.
  ///
  /// - Throws: `OutOfMemory`.
  public convenience init(
    littleEndian bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>
  ) throws(OutOfMemory) {
    try self.init(allocating: range.count / MemoryLayout<Element>.stride)
    UnsafeMutableRawBufferPointer(start: base, count: count * MemoryLayout<Element>.stride)
      .copyMemory(from: UnsafeRawBufferPointer(UnsafeBufferPointer(rebasing: bytes[range])))
  }
}

extension Buffer {
  /// The elements of `range` in little-endian order.
  public func littleEndianBytes(_ range: Range<Int>) -> [UInt8] {
    Array(
      UnsafeRawBufferPointer(
        start: pointer(at: range.lowerBound, length: range.count),
        count: range.count * MemoryLayout<Element>.stride))
  }
}
