import LMZ

/// A model of the program or of a file, with the bytes it was read from.
struct ModelFile {
  let safetensors: Safetensors
  let model: Model

  /// - Parameter name: nano, small, or a file.
  /// - Throws: `FileError` naming the file where it is no model.
  init(_ name: String) throws {
    let bytes = try Self.bytes(name)
    do {
      safetensors = try Safetensors(bytes)
      model = try Model(safetensors)
    } catch {
      throw FileError(name, error.description)
    }
  }

  static func bytes(_ name: String) throws -> [UInt8] {
    try EmbeddedModel(rawValue: name)?.file ?? InputFile.content(name)
  }
}

extension NamedModel {
  /// A model file or an adapter, given its content.
  ///
  /// - Parameter name: of the file, for the error.
  /// - Throws: `FileError` naming the file where it is neither.
  init(_ bytes: [UInt8], of name: String) throws {
    do {
      try self.init(any: bytes)
    } catch {
      throw FileError(name, error.description)
    }
  }
}
