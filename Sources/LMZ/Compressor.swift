import Codec

/// Writes a stream as one frame, block by block, in memory that does not grow with its length.
public struct Compressor: Sendable {
  /// The language model that is used.
  public let model: NamedModel?
  private let options: Options

  /// - Parameter model: the language model; nil only where the method does without.
  public init(model: NamedModel?, options: Options = Options()) {
    precondition(model != nil || options.method == .withoutLanguageModel)
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
    let header = FrameHeader(
      model: model?.reference ?? .none, memory: options.memory, mixing: options.mixing(model),
      isPrimed: model?.priming != nil)
    var sink = sink
    let embedded = options.embedsModel ? try embedModel(header, &sink) : 0
    var writer = FrameWriter(sink, header)
    var cutter = ContentCutter(source, for: options.method)
    var encoder: (any BlockEncoder)?
    var size = 0
    while let piece = try cutter.next() {
      size += piece.content.count
      for (block, content) in try blocks(of: piece, with: &encoder, progress: progress) {
        if block.kind != .expanded { cutter.forgetExpansion() }
        try writer.append(block, content: content)
      }
    }
    try writer.finish()
    return StreamSizes(content: size, archive: embedded + writer.written)
  }

  /// What a content of at most so many bytes has open may take more than it is worth: it is coded as it is, too.
  private static let longestTrial = 8192

  /// One block, or several where a long content is not coded by its expansion.
  ///
  /// - Parameter encoder: nil before the first block.
  private func blocks(
    of piece: ContentCutter.Piece, with encoder: inout (any BlockEncoder)?,
    progress: @escaping (Int) -> Void
  ) throws -> [(block: Block, content: [UInt8])] {
    let content = piece.content
    var isForgotten = false
    if let expansion = piece.expansion {
      let used = try encoder ?? blockEncoder(firstBlock: Block.extent(ofExpansion: expansion.count))
      if let block = try used.encode(expansion, of: content, progress: progress) {
        if encoder == nil, content.count <= Self.longestTrial {
          let other = try blockEncoder(firstBlock: content.count)
          let asItIs = try other.encode(content, progress: { _ in })
          if FrameWriter.size(of: asItIs) < FrameWriter.size(of: block) {
            encoder = other
            return [(asItIs, content)]
          }
        }
        encoder = used
        return [(block, content)]
      }
      isForgotten = encoder != nil
    }
    return try stride(from: 0, to: content.count, by: FrameFormat.maximumBlock).map { start in
      let content = Array(content[start...].prefix(FrameFormat.maximumBlock))
      if isForgotten { return (Block(stored: content, forgetting: true), content) }
      let used = try encoder ?? blockEncoder(firstBlock: content.count)
      encoder = used
      return (try used.encode(content, progress: progress), content)
    }
  }

  private func blockEncoder(firstBlock: Int) throws -> any BlockEncoder {
    switch options.method {
    case .languageModelOnly: LanguageModelEncoder(model, options)
    case .mixed, .withoutLanguageModel:
      try MixingEncoder(model, options, firstBlock: firstBlock)
    }
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
  private func embedModel(_ header: FrameHeader, _ sink: inout any ByteSink) throws -> Int {
    guard let model, let file = model.file,
      EmbeddedModel.file(identity: model.identityText) == nil
    else { return 0 }
    guard file.count <= FrameFormat.largestModel else {
      throw ModelFileError.unsupported("too large to be embedded")
    }
    let archive = CollectingSink()
    let options = Options(method: .withoutLanguageModel)
    try Compressor(model: nil, options: options)
      .compress(from: ArraySource(file), to: archive)
    var writer = FrameWriter(sink, header)
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
