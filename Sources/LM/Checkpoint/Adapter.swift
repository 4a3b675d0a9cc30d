import Foundation
import Kernels

/// A change of a model: some of its tensors, and text that streams begin with.
///
/// A safetensors file. Tensors have the names that they replace in the base; `priming` is text. The base is
/// named by the identity of its file.
public struct Adapter: Sendable {
  /// Identity of the base, 16 hexadecimal digits.
  public let base: String
  public let name: String
  /// What was done, for people.
  public let method: String
  /// What streams begin with; empty for nothing.
  public let priming: [UInt8]
  private let file: Safetensors
  /// The tensors of the base that are replaced.
  public let replaced: [String]

  static let format = "lmz-adapter"
  static let version = "1"
  private static let primingName = "priming"

  /// More would take too long to learn at the start of every file.
  package static let longestPriming = 256 << 10

  /// - Throws: `ModelFileError` where the file is damaged or no adapter.
  public init(file bytes: [UInt8]) throws(ModelFileError) {
    file = try Safetensors(bytes)
    guard file.metadata["format"] == Self.format, let base = file.metadata["base"] else {
      throw .unsupported("it is no lmz adapter")
    }
    guard file.metadata["version"] == Self.version else {
      throw .unsupported("adapter version \(file.metadata["version"] ?? "none")")
    }
    self.base = base
    name = file.metadata["name"] ?? "unnamed"
    method = file.metadata["method"] ?? "unknown"
    replaced = file.tensors.keys.filter { $0 != Self.primingName }.sorted()
    guard let tensor = file.tensors[Self.primingName] else {
      priming = []
      return
    }
    guard tensor.type == .u8, tensor.range.count <= Self.longestPriming else {
      throw .corrupted("its text to begin with is too long or of another type")
    }
    priming = Array(bytes[tensor.range])
  }

  /// Whether a file is an adapter, as far as its metadata says.
  public static func isAdapter(_ bytes: [UInt8]) -> Bool {
    (try? Safetensors(bytes))?.metadata["format"] == format
  }

  /// The base as the adapter changes it, as a model file.
  ///
  /// - Throws: `ModelFileError` where a tensor is not one of the base's, of the same type and shape.
  package func applied(to base: Safetensors) throws(ModelFileError) -> [UInt8] {
    guard !replaced.isEmpty else { return base.bytes }
    var bytes = base.bytes
    for name in replaced {
      guard let old = base.tensors[name], let new = file.tensors[name] else {
        throw .corrupted("it changes '\(name)', which its base does not have")
      }
      guard old.type == new.type, old.shape == new.shape else {
        throw .wrongTensor(
          name, expected: "\(old.type.rawValue) \(old.shape)",
          found: "\(new.type.rawValue) \(new.shape)")
      }
      bytes.replaceSubrange(old.range, with: file.bytes[new.range])
    }
    return bytes
  }

  /// The same adapter with another name.
  package static func renamed(_ bytes: [UInt8], to name: String) throws -> [UInt8] {
    let file = try Safetensors(bytes)
    var writer = SafetensorsWriter()
    for tensor in file.tensors.keys { try writer.add(tensor, of: file) }
    return try writer.file(
      metadata: file.metadata.merging(["name": name], uniquingKeysWith: { $1 }))
  }

  /// An adapter file.
  ///
  /// - Parameters:
  ///   - base: identity of the base, 16 hexadecimal digits.
  ///   - weights: the changed weights; nil for those of the base.
  ///   - changed: which of the parameters to take from `weights`.
  ///   - details: more of what was done, as JSON.
  package static func file(
    base: String, name: String, method: String, weights: FloatWeights? = nil,
    changed: [ParameterLayout.Parameter] = [], priming: [UInt8] = [], details: String = "{}"
  ) throws -> [UInt8] {
    var writer = SafetensorsWriter()
    if let weights {
      for parameter in changed { writer.add(parameter, of: weights) }
    }
    if !priming.isEmpty { writer.add(primingName, .u8, [priming.count], bytes: priming[...]) }
    return try writer.file(metadata: [
      "format": format, "version": version, "base": base, "name": name, "method": method,
      "details": details,
    ])
  }
}
