import Codec

/// Writes a stream as one frame, block by block, in memory that does not grow with its length; or as frames of a given size.
public struct Compressor: Sendable {
  /// The language model that is used.
  public let model: NamedModel?
  let options: Options

  /// - Parameter model: the language model; nil only where the method does without.
  public init(model: NamedModel?, options: Options = Options()) {
    precondition(model != nil || options.method == .withoutLanguageModel)
    precondition(options.frameSize.map { $0 > 0 } ?? true)
    self.model = options.method == .withoutLanguageModel ? nil : model
    self.options = options
  }

  /// With a model of the program, as a level has it.
  ///
  /// - Parameter threads: 0 for all processors.
  /// - Throws: `ModelFileError` if the program is damaged.
  public init(level: Level, threads: Int = 0) throws {
    var options = Options(requestedThreads: threads)
    options.memory = level.memory
    options.lanes = level.lanes
    if level.model == nil { options.method = .withoutLanguageModel }
    self.init(model: try level.model.map(ModelLibrary.shared.model), options: options)
  }

  /// - Parameter progress: told how many bytes were dealt with since the last call, from any thread but
  ///   never from two at once.
  /// - Returns: the sizes of content and frame.
  @discardableResult
  public func compress(
    from source: any ByteSource, to sink: any ByteSink, progress: @escaping (Int) -> Void = { _ in }
  ) throws -> StreamSizes {
    var sink = sink
    let embedded = options.embedsModel ? try embedModel(&sink) : 0
    var sizes: StreamSizes
    if let frameSize = options.frameSize {
      sizes = try compressFrames(of: frameSize, from: source, to: sink, progress: progress)
    } else {
      var encoder = FrameEncoder(model, options, progress: progress)
      sizes = try encoder.write(from: source, to: sink)
    }
    sizes.archive += embedded
    return sizes
  }

  /// Bytes of the archive of a content; the archive was decoded and compared.
  ///
  /// - Throws: `FormatError.checksumMismatch` where decoding gives something else.
  package func verifiedSize(of content: [UInt8]) throws -> Int {
    let archive = CollectingSink()
    try compress(from: ArraySource(content), to: archive)
    let restored = CollectingSink()
    let models = ModelLibrary(model.map { [$0] } ?? [], embedded: false)
    try Decompressor(models: models, options: options)
      .decompress(from: ArraySource(archive.bytes), to: restored)
    guard restored.bytes == content else { throw FormatError.checksumMismatch }
    return archive.bytes.count
  }

  /// What coding a content costs, byte by byte; at most `FrameFormat.maximumBlock` bytes.
  package func costs(of content: [UInt8]) throws -> CodingCosts {
    try CodingCosts(of: content, model: model, options: options)
  }

  /// Writes a frame with the model, unless every lmz has it.
  ///
  /// - Returns: its length.
  private func embedModel(_ sink: inout any ByteSink) throws -> Int {
    guard let model, let file = model.file,
      EmbeddedModel.file(identity: model.identityText) == nil
    else { return 0 }
    guard file.count <= FrameFormat.largestModel else {
      throw ModelFileError.unsupported("too large to be embedded")
    }
    let archive = CollectingSink()
    try Compressor(model: nil, options: Options(method: .withoutLanguageModel))
      .compress(from: ArraySource(file), to: archive)
    var writer = FrameWriter(sink, options.header(model))
    try writer.finish(model: archive.bytes, file: file)
    return writer.written
  }
}

/// Bytes before and after compression.
public struct StreamSizes: Equatable, Sendable {
  public var content: Int
  public var archive: Int

  public init(content: Int, archive: Int) {
    self.content = content
    self.archive = archive
  }
}
