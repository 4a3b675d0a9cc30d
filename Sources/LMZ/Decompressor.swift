import Codec

/// Reads archives of one frame or several, block by block.
public struct Decompressor {
  private let model: NamedModel
  private let options: Options

  public init(model: NamedModel, options: Options = Options()) {
    self.model = model
    self.options = options
  }

  /// Writes the content of all frames to `sink`. The checksum of a frame is known only at its end: what
  /// was written before an error is not to be trusted.
  ///
  /// - Throws: `FormatError` where the archive is damaged or needs another model, and what source and
  ///   sink throw.
  @discardableResult
  public func decompress(
    from source: any ByteSource, to sink: any ByteSink, progress: @escaping (Int) -> Void = { _ in }
  ) throws -> StreamSizes {
    var sink = sink
    var reader = FrameReader(source)
    var size = 0
    while let needed = try reader.nextFrame() {
      let text = TextDecoder(model.model, options: options, predictor: LanguageModelOnly())
      while let block = try reader.nextBlock() {
        let content = try decode(block, text, needed, progress)
        reader.verify(content)
        size += content.count
        try sink.write(content)
      }
      try reader.finishFrame()
    }
    return StreamSizes(content: size, archive: reader.position)
  }

  private func decode(
    _ block: Block, _ text: TextDecoder<LanguageModelOnly>, _ needed: ModelReference,
    _ progress: @escaping (Int) -> Void
  ) throws -> [UInt8] {
    switch block.kind {
    case .stored:
      text.reset()
      progress(block.size)
      return block.payload
    case .text:
      guard needed == model.reference else {
        throw FormatError.modelMismatch(
          needed: needed.description, available: "\(model.model.name) (\(model.reference))")
      }
      return try text.decode(block, progress: progress)
    }
  }
}
