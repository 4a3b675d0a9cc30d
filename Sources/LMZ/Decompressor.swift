import Codec

/// Reads archives of one frame or several, block by block.
public struct Decompressor: Sendable {
  private let models: ModelLibrary
  private let options: Options
  /// Whether what is read is a model within an archive.
  private var isNested = false

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
    var models = models
    while let header = try reader.nextFrame() {
      if header.holdsModel {
        models = try models.adding(embeddedModel(header, &reader))
        continue
      }
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

  /// The model that a frame holds for those behind it.
  private func embeddedModel(_ header: FrameHeader, _ reader: inout FrameReader) throws
    -> NamedModel
  {
    guard !isNested, let block = try reader.nextBlock() else {
      throw FormatError.corrupted("the model that it holds needs a model")
    }
    let file = LimitedSink(min(FrameFormat.largestModel, options.memoryLimit))
    var nested = Decompressor(models: ModelLibrary(embedded: false), options: options)
    nested.isNested = true
    try nested.decompress(from: ArraySource(block.payload), to: file)
    reader.verify(file.bytes)
    try reader.finishFrame()
    let model = try NamedModel(any: file.bytes)
    guard model.reference == header.model else {
      throw FormatError.corrupted("the model that it holds is another than it says")
    }
    return model
  }
}

/// Keeps what is written in memory, up to a limit.
private final class LimitedSink: ByteSink {
  private(set) var bytes: [UInt8] = []
  private let limit: Int

  init(_ limit: Int) { self.limit = limit }

  func write(_ more: [UInt8]) throws {
    guard more.count <= limit - bytes.count else {
      throw FormatError.corrupted("the model that it holds is too large")
    }
    bytes += more
  }
}
