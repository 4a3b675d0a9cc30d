/// A compressor in a study: a name, and the size it makes of a content.
public struct MeasuredCompressor: Sendable {
  let name: String
  let size: @Sendable ([UInt8]) throws -> Int

  public init(_ name: String, size: @escaping @Sendable ([UInt8]) throws -> Int) {
    self.name = name
    self.size = size
  }
}
