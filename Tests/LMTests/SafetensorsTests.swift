import Foundation
import Kernels
import TestSupport
import Testing

@testable import LM

@Suite struct SafetensorsTests {
  static func file(_ header: String, data: Int = 0) -> [UInt8] {
    let text = Array(header.utf8)
    let length = (0..<8).map { UInt8(truncatingIfNeeded: text.count >> (8 * $0)) }
    return length + text + [UInt8](repeating: 1, count: data)
  }

  @Test func readsWhatIsThere() throws {
    let header = """
      {"__metadata__":{"a":"b"},"x":{"dtype":"I8","shape":[2,3],"data_offsets":[0,6]},\
      "y":{"dtype":"U16","shape":[1],"data_offsets":[6,8]}}
      """
    let file = try Safetensors(Self.file(header, data: 8))
    #expect(file.metadata == ["a": "b"])
    #expect(file.tensors["x"]?.shape == [2, 3])
    #expect(throws: ModelFileError.missingTensor("z")) { try file.finite("z", [1]) }
    #expect(
      throws: ModelFileError.wrongTensor("x", expected: "F32 [6]", found: "I8 [2, 3]")
    ) { try file.finite("x", [6]) }
  }

  /// A file that is not copied is the same file.
  @Test func readsPermanentFiles() throws {
    let bytes = Self.file(
      #"{"x":{"dtype":"U16","shape":[3],"data_offsets":[0,6]}}"#, data: 6)
    let memory = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: bytes.count)
    defer { memory.deallocate() }
    _ = memory.initialize(from: bytes)
    let file = try Safetensors(permanent: UnsafeBufferPointer(memory))
    #expect(file.bytes == bytes)
    let values: Buffer<UInt16> = try file.tensor("x", .u16, [3])
    #expect((0..<3).allSatisfy { values[$0] == 0x0101 })
    let cut = UnsafeBufferPointer(rebasing: memory[..<(bytes.count - 1)])
    #expect(throws: ModelFileError.self) { try Safetensors(permanent: cut) }
  }

  static let bad: [(String, Int, String)] = [
    ("", 0, "empty header"),
    ("{", 0, "no JSON"),
    ("[]", 0, "no object"),
    (#"{"x":{"dtype":"I8","shape":[4],"data_offsets":[0,4]}}"#, 3, "data cut"),
    (#"{"x":{"dtype":"I8","shape":[4],"data_offsets":[0,4]}}"#, 5, "data left over"),
    (#"{"x":{"dtype":"I8","shape":[5],"data_offsets":[0,4]}}"#, 4, "shape does not fit"),
    (#"{"x":{"dtype":"I8","shape":[4],"data_offsets":[4,0]}}"#, 4, "backwards"),
    (#"{"x":{"dtype":"I8","shape":[4],"data_offsets":[-4,0]}}"#, 4, "negative"),
    (#"{"x":{"dtype":"I8","shape":[-1,-4],"data_offsets":[0,4]}}"#, 4, "negative shape"),
    (#"{"x":{"dtype":"I8","shape":[4],"data_offsets":[0]}}"#, 4, "one offset"),
    (#"{"x":{"dtype":"BF3","shape":[4],"data_offsets":[0,4]}}"#, 4, "unknown type"),
    (#"{"x":{"dtype":"U64","shape":[9223372036854775807],"data_offsets":[0,4]}}"#, 4, "overflow"),
    (
      #"{"x":{"dtype":"I8","shape":[9223372036854775807],"data_offsets":[0,9223372036854775807]}}"#,
      4, "huge"
    ),
    (
      #"{"x":{"dtype":"I8","shape":[4],"data_offsets":[0,4]},"y":{"dtype":"I8","shape":[4],"data_offsets":[2,6]}}"#,
      6, "overlap"
    ),
    (#"{"x":{"dtype":"I8","shape":[1e30],"data_offsets":[0,4]}}"#, 4, "no integer"),
  ]

  @Test(arguments: bad) func refusesBadFiles(header: String, data: Int, why: String) {
    #expect(throws: ModelFileError.self, "\(why)") {
      try Safetensors(Self.file(header, data: data))
    }
  }

  @Test func refusesShortAndAbsurdHeaders() {
    #expect(throws: ModelFileError.truncated(needed: 8, have: 3)) { try Safetensors([1, 2, 3]) }
    #expect(throws: ModelFileError.self) { try Safetensors([UInt8](repeating: 255, count: 64)) }
    #expect(throws: ModelFileError.truncated(needed: 108, have: 8)) {
      try Safetensors([100, 0, 0, 0, 0, 0, 0, 0])
    }
  }

  /// Cut anywhere, or with any header byte changed, a model file is an error or a model, never a crash.
  @Test func damagedModelFilesAreRefused() throws {
    let bytes = try Golden.bytes("tiny.safetensors")
    for count in stride(from: 0, to: bytes.count, by: 4001) {
      #expect(throws: ModelFileError.self) { try Model(file: Array(bytes.prefix(count))) }
    }
    var random = SeededGenerator(seed: 8)
    let header = 8 + Int(bytes[0]) + Int(bytes[1]) << 8
    for _ in 0..<150 {
      var damaged = bytes
      damaged[Int.random(in: 0..<header, using: &random)] = UInt8.random(
        in: 0...255, using: &random)
      _ = try? Model(file: damaged)
    }
  }

  @Test func refusesForeignShapesAndNumbers() throws {
    let text = String(decoding: try Golden.bytes("tiny.safetensors").prefix(8000), as: UTF8.self)
    #expect(text.contains(#"\"width\": 64"#))
    func altered(_ old: String, _ new: String, of name: String) throws -> [UInt8] {
      var data = Data(try Golden.bytes(name))
      let range = try #require(data.range(of: Data(old.utf8)))
      data.replaceSubrange(range, with: Data(new.utf8))
      return [UInt8](data)
    }
    for (old, new) in [
      (#"\"width\": 64"#, #"\"width\": 65"#), (#"\"width\": 64"#, #"\"width\": 32"#),
      (#"\"heads\": 2"#, #"\"heads\": 3"#), (#"\"window\": 64"#, #"\"window\": 00"#),
      (#"\"layers\": 2"#, #"\"layers\": 3"#), (#""version":"1""#, #""version":"2""#),
      (#""format":"lmz-model""#, #""format":"lmz-mudel""#),
    ] {
      #expect(throws: ModelFileError.self, "\(new)") {
        try Model(file: altered(old, new, of: "tiny.safetensors"))
      }
    }
    let bits = #"\"table_bits\": 4"#
    for new in [#"\"table_bits\": 8"#, #"\"table_bits\": 5"#, #"\"table_bitz\": 4"#] {
      #expect(throws: ModelFileError.self, "\(new)") {
        try Model(file: altered(bits, new, of: "parity.safetensors"))
      }
    }
    var infinite = try Golden.bytes("tiny.safetensors")
    let file = try Safetensors(infinite)
    let bias = try #require(file.tensors["output_bias"]).range.lowerBound
    infinite.replaceSubrange(bias..<(bias + 4), with: [0, 0, 0xC0, 0x7F])
    #expect(throws: ModelFileError.notFinite("output_bias")) { try Model(file: infinite) }
  }
}
