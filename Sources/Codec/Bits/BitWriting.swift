/// What writes bits into bytes, the last of which need not be full.
protocol BitWriting {
  /// The bytes that are full.
  var bytes: [UInt8] { get set }
  /// How many bits there are behind these.
  var rest: Int { get }

  mutating func append(_ value: Int, _ size: Int)
}

extension BitWriting {
  /// Fills the last byte with zeros.
  mutating func align() {
    if rest > 0 { append(0, 8 - rest) }
  }

  /// The full bytes, which are no longer kept.
  mutating func take() -> [UInt8] {
    defer { bytes = [] }
    return bytes
  }

  /// All bits, the last byte filled with zeros, and how many there are.
  var all: (bytes: [UInt8], count: Int) {
    var copy = self
    copy.align()
    return (copy.bytes, 8 * bytes.count + rest)
  }
}
