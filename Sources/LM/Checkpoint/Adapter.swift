import Foundation
import Kernels

/// A change of a model: some of its tensors, and text that streams begin with.
///
/// A safetensors file. Tensors have the names that they replace in the base, or `delta.` before them where they
/// are added to the base's float32; `priming` is text. The base is named by the identity of its file.
public struct Adapter: Sendable {
  /// Identity of the base, 16 hexadecimal digits.
  public let base: String
  public let name: String
  /// What was done, for people.
  public let method: String
  /// What streams begin with; empty for nothing.
  public let priming: [UInt8]
  private let file: Safetensors
  /// The tensors of the base that are changed.
  public let changed: [String]

  static let format = "lmz-adapter"
  static let version = "1"
  private static let primingName = "priming"
  private static let delta = "delta."
  private static let scale = ".scale"

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
    changed = file.tensors.keys
      .filter { $0 != Self.primingName && !($0.hasPrefix(Self.delta) && $0.hasSuffix(Self.scale)) }
      .map { $0.hasPrefix(Self.delta) ? String($0.dropFirst(Self.delta.count)) : $0 }
      .sorted()
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
    guard !changed.isEmpty else { return base.bytes }
    var bytes = base.bytes
    for name in changed {
      guard let old = base.tensors[name] else {
        throw .corrupted("it changes '\(name)', which its base does not have")
      }
      guard let new = file.tensors[name] else {
        bytes.replaceSubrange(old.range, with: try sum(name, of: base, old.shape))
        continue
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

  /// The base's float32 and what the adapter adds: d · scale, in strict float32, so that every machine has
  /// the same model.
  private func sum(_ name: String, of base: Safetensors, _ shape: [Int]) throws(ModelFileError)
    -> [UInt8]
  {
    let values: Buffer<Float> = try base.tensor(name, .f32, shape)
    let changes: Buffer<Int8> = try file.tensor(Self.delta + name, .i8, shape)
    let scale = try file.finite(Self.delta + name + Self.scale, [1])
    for i in 0..<values.count { values[i] += Float(changes[i]) * scale[0] }
    return values.littleEndianBytes(0..<values.count)
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
  ///   - change: the weights of the base, the changed ones, and which parameters differ.
  package static func file(
    base: String, name: String, method: String,
    change: (
      from: FloatWeights, to: FloatWeights, parameters: [ParameterLayout.Parameter]
    )? = nil, priming: [UInt8] = []
  ) throws -> [UInt8] {
    var writer = SafetensorsWriter()
    if let change {
      for parameter in change.parameters {
        if parameter.role == .vector {
          writer.addDelta(parameter, from: change.from, to: change.to)
        } else {
          writer.add(parameter, of: change.to)
        }
      }
    }
    if !priming.isEmpty { writer.add(primingName, .u8, [priming.count], bytes: priming[...]) }
    return try writer.file(metadata: [
      "format": format, "version": version, "base": base, "name": name, "method": method,
    ])
  }
}

extension SafetensorsWriter {
  /// The difference of two vectors in int8 with one scale.
  fileprivate mutating func addDelta(
    _ parameter: ParameterLayout.Parameter, from: FloatWeights, to: FloatWeights
  ) {
    let difference = FloatWeights(from.layout)
    difference.values.combine(
      at: parameter.offset, b: 0, 1, to.values, at: parameter.offset, count: parameter.count)
    difference.values.combine(
      at: parameter.offset, b: 1, -1, from.values, at: parameter.offset, count: parameter.count)
    let integers = Buffer<Int8>(count: parameter.count)
    let scale = integers.setQuantised(
      at: 0, count: parameter.count, bits: 8, difference.values, at: parameter.offset)
    let name = "delta.\(parameter.name)"
    add(name, .i8, [parameter.count], integers)
    add("\(name).scale", .f32, [1], Buffer([scale]))
  }
}
