/// Where bytes come from: a file, a pipe, an array.
public protocol ByteSource {
  /// Up to `count` bytes; fewer only at the end, none when there is nothing left.
  mutating func read(_ count: Int) throws -> [UInt8]
}

/// Where bytes go.
public protocol ByteSink {
  mutating func write(_ bytes: [UInt8]) throws
}

public struct ArraySource: ByteSource {
  private var rest: ArraySlice<UInt8>

  public init(_ bytes: [UInt8]) { rest = bytes[...] }

  public mutating func read(_ count: Int) -> [UInt8] {
    defer { rest = rest.dropFirst(count) }
    return Array(rest.prefix(count))
  }
}

/// Reads fields of the container from a source, with its errors.
struct ByteReader {
  private var source: any ByteSource
  private var buffer: ArraySlice<UInt8> = []
  /// Bytes taken so far.
  private(set) var position = 0
  /// Is told every byte that is taken.
  var checksum = XXH64()

  private static let chunk = 1 << 16

  init(_ source: any ByteSource) { self.source = source }

  /// Whether nothing is left.
  mutating func isAtEnd() throws -> Bool {
    if buffer.isEmpty { buffer = try source.read(Self.chunk)[...] }
    return buffer.isEmpty
  }

  mutating func byte() throws -> UInt8 {
    guard try !isAtEnd() else { throw FormatError.truncated }
    position += 1
    checksum.update(buffer.prefix(1))
    return buffer.removeFirst()
  }

  /// Exactly `count` bytes. Memory grows with what is there, not with what is asked for.
  mutating func bytes(_ count: Int) throws -> [UInt8] {
    var out: [UInt8] = []
    while out.count < count {
      guard try !isAtEnd() else { throw FormatError.truncated }
      let taken = buffer.prefix(count - out.count)
      out += taken
      checksum.update(taken)
      buffer = buffer.dropFirst(taken.count)
    }
    position += count
    return out
  }

  mutating func littleEndian32() throws -> UInt32 {
    UInt32(littleEndian(try bytes(4)))
  }
}
