import Foundation
import Kernels

/// Puts tensors together to a safetensors file. The counterpart of `Safetensors`.
package struct SafetensorsWriter {
  private struct Entry {
    let type: Safetensors.ElementType
    let shape: [Int]
    let bytes: ArraySlice<UInt8>
  }

  private var entries: [String: Entry] = [:]

  package init() {}

  /// - Precondition: as many bytes as type and shape need.
  package mutating func add(
    _ name: String, _ type: Safetensors.ElementType, _ shape: [Int], bytes: ArraySlice<UInt8>
  ) {
    precondition(bytes.count == shape.reduce(type.size, *))
    entries[name] = Entry(type: type, shape: shape, bytes: bytes)
  }

  /// `count` elements of a buffer from `offset` on.
  package mutating func add<Element>(
    _ name: String, _ type: Safetensors.ElementType, _ shape: [Int], _ buffer: Buffer<Element>,
    at offset: Int = 0
  ) {
    let count = shape.reduce(1, *)
    add(name, type, shape, bytes: buffer.littleEndianBytes(offset..<(offset + count))[...])
  }

  /// A tensor of another file, as it is.
  package mutating func add(_ name: String, of file: Safetensors) throws(ModelFileError) {
    guard let tensor = file.tensors[name] else { throw .missingTensor(name) }
    add(name, tensor.type, tensor.shape, bytes: file.bytes[tensor.range])
  }

  /// The file; widest types first, so that every tensor is aligned.
  package func file(metadata: [String: String]) throws -> [UInt8] {
    let order = entries.sorted { ($1.value.type.size, $0.key) < ($0.value.type.size, $1.key) }
    var header: [String: HeaderEntry] = [:]
    var position = 0
    for (name, entry) in order {
      header[name] = .tensor(
        dtype: entry.type.rawValue, shape: entry.shape,
        offsets: [position, position + entry.bytes.count])
      position += entry.bytes.count
    }
    header["__metadata__"] = .metadata(metadata)
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    var text = [UInt8](try encoder.encode(header))
    text += [UInt8](repeating: 0x20, count: -text.count & 7)
    var file: [UInt8] = []
    file.reserveCapacity(8 + text.count + position)
    file += (0..<8).map { UInt8(truncatingIfNeeded: text.count >> (8 * $0)) }
    file += text
    for (_, entry) in order { file += entry.bytes }
    return file
  }

  private enum HeaderEntry: Encodable {
    case metadata([String: String])
    case tensor(dtype: String, shape: [Int], offsets: [Int])

    private struct Tensor: Encodable {
      let dtype: String
      let shape: [Int]
      let offsets: [Int]

      enum CodingKeys: String, CodingKey {
        case dtype, shape
        case offsets = "data_offsets"
      }
    }

    func encode(to encoder: any Encoder) throws {
      var container = encoder.singleValueContainer()
      switch self {
      case .metadata(let strings): try container.encode(strings)
      case .tensor(let dtype, let shape, let offsets):
        try container.encode(Tensor(dtype: dtype, shape: shape, offsets: offsets))
      }
    }
  }
}
