import Foundation
import Kernels

/// A safetensors file in memory: named tensors and string metadata.
///
/// Layout: header length (u64), a JSON header, the tensors' bytes. `init` checks everything that the
/// format promises, so that reading a tensor later cannot go out of bounds.
public struct Safetensors: Sendable {
  public enum ElementType: String, Decodable, Sendable {
    case i8 = "I8"
    case u8 = "U8"
    case u16 = "U16"
    case u64 = "U64"
    case f32 = "F32"

    public var size: Int {
      switch self {
      case .i8, .u8: 1
      case .u16: 2
      case .f32: 4
      case .u64: 8
      }
    }
  }

  public struct Tensor: Sendable {
    public let type: ElementType
    public let shape: [Int]
    /// Where its bytes lie in the file.
    public let range: Range<Int>
  }

  public let metadata: [String: String]
  public let tensors: [String: Tensor]
  private let content: Content

  /// The file; a copy of one that is part of the program.
  public var bytes: [UInt8] {
    switch content {
    case .array(let bytes): bytes
    case .permanent(let bytes): Array(bytes)
    }
  }

  private enum Content: @unchecked Sendable {
    case array([UInt8])
    /// Constant memory of the program.
    case permanent(UnsafeBufferPointer<UInt8>)

    func withBytes<T, E>(_ body: (UnsafeBufferPointer<UInt8>) throws(E) -> T) throws(E) -> T {
      switch self {
      case .array(let bytes): try bytes.withUnsafeBufferPointer(body)
      case .permanent(let bytes): try body(bytes)
      }
    }
  }

  /// A header larger than this is refused: no model of ours has one.
  static let maximumHeader = 16 << 20

  /// - Throws: `ModelFileError` where the file breaks the format.
  public init(_ bytes: [UInt8]) throws(ModelFileError) { try self.init(.array(bytes)) }

  /// A file that is part of the program, which is not copied.
  ///
  /// - Throws: `ModelFileError` where the file breaks the format.
  public init(permanent bytes: UnsafeBufferPointer<UInt8>) throws(ModelFileError) {
    try self.init(.permanent(bytes))
  }

  private init(_ content: Content) throws(ModelFileError) {
    self.content = content
    (metadata, tensors) = try content.withBytes(Self.parse)
  }

  private static func parse(_ bytes: UnsafeBufferPointer<UInt8>) throws(ModelFileError)
    -> ([String: String], [String: Tensor])
  {
    guard bytes.count >= 8 else { throw .truncated(needed: 8, have: bytes.count) }
    let length = (0..<8).reduce(UInt64(0)) { $0 | UInt64(bytes[$1]) << UInt64(8 * $1) }
    guard length <= UInt64(Self.maximumHeader) else {
      throw .notSafetensors("its header would be \(length) bytes")
    }
    let start = 8 + Int(length)
    guard start <= bytes.count else { throw .truncated(needed: start, have: bytes.count) }
    let header: Header
    do {
      header = try JSONDecoder().decode(Header.self, from: Data(bytes[8..<start]))
    } catch {
      throw .notSafetensors("its header is not the JSON that it should be")
    }
    var tensors: [String: Tensor] = [:]
    for (name, entry) in header.tensors {
      tensors[name] = try entry.checked(name, dataStart: start, fileSize: bytes.count)
    }
    try Self.checkLayout(tensors, start: start, end: bytes.count)
    return (header.metadata, tensors)
  }

  /// The tensors must fill the data section without holes or overlaps.
  private static func checkLayout(_ tensors: [String: Tensor], start: Int, end: Int)
    throws(ModelFileError)
  {
    var position = start
    for tensor in tensors.values.sorted(by: {
      ($0.range.lowerBound, $0.range.upperBound) < ($1.range.lowerBound, $1.range.upperBound)
    }) {
      guard tensor.range.lowerBound == position else {
        throw .corrupted("its tensors overlap or leave holes")
      }
      position = tensor.range.upperBound
    }
    guard position == end else { throw .corrupted("bytes follow its last tensor") }
  }

  /// The elements of a tensor that must have this type and shape.
  public func tensor<Element>(_ name: String, _ type: ElementType, _ shape: [Int])
    throws(ModelFileError) -> Buffer<Element>
  {
    precondition(MemoryLayout<Element>.stride == type.size)
    guard let tensor = tensors[name] else { throw .missingTensor(name) }
    guard tensor.type == type, tensor.shape == shape else {
      throw .wrongTensor(
        name, expected: "\(type.rawValue) \(shape)",
        found: "\(tensor.type.rawValue) \(tensor.shape)")
    }
    do {
      return try content.withBytes { (bytes) throws(OutOfMemory) in
        try Buffer(littleEndian: bytes, tensor.range)
      }
    } catch {
      throw .outOfMemory
    }
  }
}

private struct Header: Decodable {
  var metadata: [String: String] = [:]
  var tensors: [String: Entry] = [:]

  struct Entry: Decodable {
    let dtype: Safetensors.ElementType
    let shape: [Int]
    let offsets: [Int]

    enum CodingKeys: String, CodingKey {
      case dtype, shape
      case offsets = "data_offsets"
    }

    func checked(_ name: String, dataStart: Int, fileSize: Int) throws(ModelFileError)
      -> Safetensors.Tensor
    {
      var size = dtype.size
      for length in shape {
        let (product, overflow) = size.multipliedReportingOverflow(by: length)
        guard length >= 0, !overflow else { throw .corrupted("the shape of '\(name)' is absurd") }
        size = product
      }
      guard offsets.count == 2, offsets[0] >= 0, offsets[0] <= offsets[1] else {
        throw .corrupted("the offsets of '\(name)' are no range")
      }
      guard offsets[1] <= fileSize - dataStart else {
        let (needed, overflow) = offsets[1].addingReportingOverflow(dataStart)
        throw .truncated(needed: overflow ? Int.max : needed, have: fileSize)
      }
      guard offsets[1] - offsets[0] == size else {
        throw .corrupted("the offsets of '\(name)' do not fit its shape")
      }
      return .init(
        type: dtype, shape: shape, range: (dataStart + offsets[0])..<(dataStart + offsets[1]))
    }
  }

  struct Name: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }
    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
  }

  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Name.self)
    for key in container.allKeys {
      if key.stringValue == "__metadata__" {
        metadata = try container.decode([String: String].self, forKey: key)
      } else {
        tensors[key.stringValue] = try container.decode(Entry.self, forKey: key)
      }
    }
  }
}
