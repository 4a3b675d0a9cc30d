import Codec

/// Reads archives of one frame or several, block by block.
public struct Decompressor {
  private let models: ModelLibrary
  private let options: Options

  public init(models: ModelLibrary, options: Options = Options()) {
    self.models = models
    self.options = options
  }

  /// Writes the content of all frames to `sink`. The checksum of a frame is known only at its end: what
  /// was written before an error is not to be trusted.
  ///
  /// - Throws: `FormatError` where the archive is damaged or needs a model that is not here, and what
  ///   source and sink throw.
  @discardableResult
  public func decompress(
    from source: any ByteSource, to sink: any ByteSink, progress: @escaping (Int) -> Void = { _ in }
  ) throws -> StreamSizes {
    var sink = sink
    var reader = FrameReader(source)
    var size = 0
    while let header = try reader.nextFrame() {
      let decoder = BlockDecoder(header, models, options)
      while let block = try reader.nextBlock() {
        let content = try decoder.decode(block, progress: progress)
        reader.verify(content)
        size += content.count
        try sink.write(content)
      }
      try reader.finishFrame()
    }
    return StreamSizes(content: size, archive: reader.position)
  }
}
