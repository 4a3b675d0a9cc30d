import LMZ

/// A model of the program or of a file, with the bytes it was read from.
struct ModelFile {
  let safetensors: Safetensors
  let model: Model

  /// - Parameter name: nano, small, or a file.
  /// - Throws: `FileError` naming the file where it is no model.
  init(_ name: String) throws {
    let bytes = try EmbeddedModel(rawValue: name)?.file ?? InputFile.content(name)
    do {
      safetensors = try Safetensors(bytes)
      model = try Model(file: bytes)
    } catch {
      throw FileError(name, error.description)
    }
  }
}
