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
  /// With several threads, one of them reads ahead of what is written; it is done with `source` when this returns.
  ///
  /// - Parameter progress: told how many bytes were dealt with since the last call, from any thread but
  ///   never from two at once.
  /// - Throws: `FormatError` where the archive is damaged or needs a model that is not here, and what
  ///   source and sink throw.
  @discardableResult
  public func decompress(
    from source: any ByteSource, to sink: any ByteSink, progress: @escaping (Int) -> Void = { _ in }
  ) throws -> StreamSizes {
    if options.threads > 1, !isNested {
      let ahead = FramesAhead(self, options, progress)
      if let sizes = try ahead.decompress(from: source, to: sink) { return sizes }
    }
    var sink = sink
    var reader = FrameReader(source)
    var content = 0
    try forEachFrame(of: &reader) { header, models, reader in
      try decode(header, models, from: &reader, options, progress: progress) {
        content += $0.count
        try sink.write($0)
      }
    }
    return StreamSizes(content: content, archive: reader.position)
  }

  /// Does something with each frame that has content, and the models that it may need.
  func forEachFrame(
    of reader: inout FrameReader,
    _ body: (FrameHeader, ModelLibrary, inout FrameReader) throws -> Void
  ) throws {
    var models = models
    while let header = try reader.nextFrame() {
      if header.holdsModel {
        models = try models.adding(embeddedModel(header, &reader))
      } else {
        try body(header, models, &reader)
      }
    }
  }

  /// Gives `write` the content of a frame, block by block, and then verifies it.
  func decode<Blocks: FrameBlocks>(
    _ header: FrameHeader, _ models: ModelLibrary, from blocks: inout Blocks, _ options: Options,
    progress: @escaping (Int) -> Void, write: ([UInt8]) throws -> Void
  ) throws {
    let decoder = BlockDecoder(header, models, options)
    var checksum = XXH64()
    while let block = try blocks.nextBlock() {
      let content = try decoder.decode(block, progress: progress)
      checksum.update(content[...])
      try write(content)
    }
    try blocks.finishFrame().verify(checksum)
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
    var checksum = XXH64()
    checksum.update(file.bytes[...])
    try reader.finishFrame().verify(checksum)
    let model = try NamedModel(any: file.bytes)
    guard model.reference == header.model else {
      throw FormatError.corrupted("the model that it holds is another than it says")
    }
    return model
  }
}

/// The blocks of a frame, and what stands behind them.
protocol FrameBlocks {
  /// The next block; nil after the last.
  mutating func nextBlock() throws -> Block?
  /// To be called after the last block.
  mutating func finishFrame() throws -> FrameEnd
}

extension FrameReader: FrameBlocks {}

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
