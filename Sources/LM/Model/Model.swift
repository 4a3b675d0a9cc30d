import Foundation

/// A language model: configuration, quantised weights and vocabulary. Immutable, shared by all threads.
public struct Model: Sendable {
  public let name: String
  public let configuration: Configuration
  package let tokenizer: Tokenizer
  /// What the model file says of its training.
  public let metadata: [String: String]
  let weights: Weights

  public var vocabulary: Vocabulary { tokenizer.vocabulary }
  public var merges: MergeTable { tokenizer.merges }

  /// Version of the tensors' meaning that this code reads.
  static let formatVersion = "1"

  /// - Parameter bytes: a model file, docs/ARCHITECTURE.md says what it holds.
  /// - Throws: `ModelFileError` where the file is damaged or of another kind.
  public init(file bytes: [UInt8]) throws(ModelFileError) { try self.init(Safetensors(bytes)) }

  /// - Throws: `ModelFileError` where the file is of another kind.
  public init(_ file: Safetensors) throws(ModelFileError) {
    guard let text = file.metadata["configuration"], file.metadata["format"] == "lmz-model" else {
      throw .unsupported("it is not an lmz model")
    }
    guard file.metadata["version"] == Self.formatVersion else {
      throw .unsupported("model version \(file.metadata["version"] ?? "none")")
    }
    guard let c = try? JSONDecoder().decode(Configuration.self, from: Data(text.utf8)) else {
      throw .corrupted("its configuration cannot be read")
    }
    try c.validate()
    configuration = c
    name = file.metadata["name"] ?? "unnamed"
    metadata = file.metadata
    weights = try Weights(file, c)
    tokenizer = try Tokenizer(file, size: c.vocabulary)
  }
}
