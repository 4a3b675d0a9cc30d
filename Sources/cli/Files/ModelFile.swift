import LMZ

/// A model of the program or of a file, with the bytes it was read from.
struct ModelFile {
  let safetensors: Safetensors
  let model: Model

  /// - Parameter name: nano, small, or a file.
  /// - Throws: `FileError` naming the file where it is no model.
  init(_ name: String) throws {
    var bytes: [UInt8]
    if let embedded = EmbeddedModel(rawValue: name) {
      bytes = embedded.file
    } else {
      let file = try InputFile(name, following: true)
      var source = file.source
      bytes = try source.readAll()
    }
    do {
      safetensors = try Safetensors(bytes)
      model = try Model(file: bytes)
    } catch {
      throw FileError(name, error.description)
    }
  }
}
