import Kernels

/// The byte strings of all tokens, in lexicographic order: a token's id is its rank.
///
/// All 256 single bytes are tokens, so every byte string can be written in tokens.
public struct Vocabulary: Sendable {
  /// Start of each token in `bytes`, and the end of the last.
  public let starts: [Int32]
  public let bytes: [UInt8]

  public var count: Int { starts.count - 1 }

  /// The bytes of token `id`.
  public subscript(id: Int) -> ArraySlice<UInt8> { bytes[Int(starts[id])..<Int(starts[id + 1])] }

  public func length(_ id: Int) -> Int { Int(starts[id + 1] - starts[id]) }

  public static let maximumTokenLength = 64

  init(_ file: Safetensors, size: Int) throws(ModelFileError) {
    let lengths: Buffer<UInt8> = try file.tensor("tokenizer.lengths", .u8, [size])
    let total = lengths.array(0..<size).reduce(0) { $0 + Int($1) }
    let bytes: Buffer<UInt8> = try file.tensor("tokenizer.bytes", .u8, [total])
    var tokens: [[UInt8]] = []
    var position = 0
    for i in 0..<size {
      tokens.append(bytes.array(position..<(position + Int(lengths[i]))))
      position += Int(lengths[i])
    }
    try self.init(tokens)
  }

  /// - Throws: `ModelFileError.corrupted` unless the tokens are distinct, in order, of 1 to 64 bytes,
  ///   and include every single byte.
  public init(_ tokens: [[UInt8]]) throws(ModelFileError) {
    for (i, token) in tokens.enumerated() {
      guard (1...Self.maximumTokenLength).contains(token.count),
        i == 0 || tokens[i - 1].lexicographicallyPrecedes(token)
      else { throw .corrupted("its vocabulary is out of order") }
    }
    guard tokens.count(where: { $0.count == 1 }) == 256 else {
      throw .corrupted("its vocabulary lacks single bytes")
    }
    var starts: [Int32] = [0]
    for token in tokens { starts.append(starts[starts.count - 1] + Int32(token.count)) }
    self.starts = starts
    bytes = Array(tokens.joined())
  }

  /// The bytes of a sequence of tokens.
  public func decode(_ ids: some Sequence<UInt16>) -> [UInt8] {
    var out: [UInt8] = []
    for id in ids { out += self[Int(id)] }
    return out
  }

  /// The token with exactly these bytes.
  func id(of token: some Collection<UInt8>) -> Int? {
    var low = 0
    var high = count
    while low < high {
      let middle = (low + high) / 2
      if self[middle].lexicographicallyPrecedes(token) { low = middle + 1 } else { high = middle }
    }
    return low < count && self[low].elementsEqual(token) ? low : nil
  }
}
