import Kernels

/// Vocabulary and merges, as a model file holds them.
package struct Tokenizer: Sendable {
  package let vocabulary: Vocabulary
  package let merges: MergeTable
  /// Tokens that become one, by rank.
  private let pairs: [(left: UInt16, right: UInt16)]

  /// - Throws: `ModelFileError.corrupted` where a pair makes no token.
  package init(vocabulary: Vocabulary, pairs: [(UInt16, UInt16)]) throws(ModelFileError) {
    self.vocabulary = vocabulary
    self.pairs = pairs
    merges = try MergeTable(pairs, vocabulary: vocabulary)
  }

  /// The tokenizer of a model file.
  ///
  /// - Parameter size: of the vocabulary.
  package init(_ file: Safetensors, size: Int) throws(ModelFileError) {
    let count = size - 256
    let numbers: Buffer<UInt16> = try file.tensor("tokenizer.merges", .u16, [count, 2])
    try self.init(
      vocabulary: Vocabulary(file, size: size),
      pairs: (0..<count).map { (numbers[2 * $0], numbers[2 * $0 + 1]) })
  }

  /// Adds the tensors from which `init(_:size:)` reads.
  func write(to writer: inout SafetensorsWriter) {
    let lengths = (0..<vocabulary.count).map { UInt8(vocabulary.length($0)) }
    writer.add("tokenizer.lengths", .u8, [lengths.count], bytes: lengths[...])
    writer.add(
      "tokenizer.bytes", .u8, [vocabulary.bytes.count], bytes: vocabulary.bytes[...])
    writer.add(
      "tokenizer.merges", .u16, [pairs.count, 2],
      bytes: pairs.flatMap { [$0.left, $0.right] }
        .flatMap { [UInt8(truncatingIfNeeded: $0), UInt8(truncatingIfNeeded: $0 >> 8)] }[...])
  }
}
