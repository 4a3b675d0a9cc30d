/// Bytes of a large page.
let largePage = 2 << 20

/// Memory for buffers of which all are read again and again, such as a model's weights: one behind the other, and in large
/// pages where Linux gives them, so that the processor's table of pages has room for all.
///
/// Buffers keep their part of it alive. To be filled by one thread.
public final class Arena: @unchecked Sendable {
  private var region: Buffer<UInt8>?
  private var used = 0

  public init() {}

  /// The next `count` bytes, zeros, aligned to cache lines, and what keeps them alive.
  func take(
    _ count: Int
  ) throws(OutOfMemory) -> (start: UnsafeMutablePointer<UInt8>, owner: AnyObject) {
    if let region, used + count <= region.count { return next(count, of: region) }
    let pages = max(1, (count + largePage - 1) / largePage)
    let region = try Buffer<UInt8>(
      allocating: pages * largePage, alignment: largePage)
    self.region = region
    used = 0
    return next(count, of: region)
  }

  private func next(
    _ count: Int, of region: Buffer<UInt8>
  ) -> (start: UnsafeMutablePointer<UInt8>, owner: AnyObject) {
    let start = region.base + used
    used += (count + 63) / 64 * 64
    return (start, region)
  }
}
