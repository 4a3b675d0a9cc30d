import Codec
import LM

/// A model with its identity.
public struct NamedModel: Sendable {
  public let model: Model
  /// XXH64 of the model file.
  public let identity: UInt64
  /// Bytes of the model file.
  public let fileSize: Int

  public var reference: ModelReference { ModelReference(identity: identity) }

  /// The identity as it is shown: 16 hexadecimal digits, of which frames hold the first 8.
  public var identityText: String {
    let digits = String(identity, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }

  /// - Throws: `ModelFileError` where the file is damaged or of another kind.
  public init(file bytes: [UInt8]) throws(ModelFileError) {
    identity = XXH64.hash(bytes)
    fileSize = bytes.count
    model = try Model(file: bytes)
  }
}
