/// Reads the fields of an expansion.
struct ExpansionReader {
  private var rest: ArraySlice<UInt8>

  static let damaged = FormatError.corrupted("what stands for its content makes no sense")

  init(_ bytes: some Collection<UInt8>) { rest = Array(bytes)[...] }

  var isAtEnd: Bool { rest.isEmpty }

  mutating func byte() throws -> UInt8 {
    guard let byte = rest.popFirst() else { throw Self.damaged }
    return byte
  }

  /// A varint of at most five bytes.
  mutating func number() throws -> Int {
    guard let value = try Varint.read({ try byte() }) else { throw Self.damaged }
    return value
  }

  mutating func bytes(_ count: Int) throws -> ArraySlice<UInt8> {
    guard count <= rest.count else { throw Self.damaged }
    defer { rest = rest.dropFirst(count) }
    return rest.prefix(count)
  }
}
