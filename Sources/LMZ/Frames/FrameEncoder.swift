import Codec

/// Writes a content as one frame, block by block.
struct FrameEncoder {
  private let model: NamedModel?
  private let options: Options
  private let progress: (Int) -> Void
  /// Of the frame's blocks; nil before the first.
  private var encoder: (any BlockEncoder)?

  init(_ model: NamedModel?, _ options: Options, progress: @escaping (Int) -> Void) {
    self.model = model
    self.options = options
    self.progress = progress
  }

  /// Writes all of a source; to be called once.
  mutating func write(from source: any ByteSource, to sink: any ByteSink) throws -> StreamSizes {
    var writer = FrameWriter(sink, options.header(model))
    var cutter = ContentCutter(source, for: options.method)
    var size = 0
    while let piece = try cutter.next() {
      size += piece.content.count
      for (block, content) in try blocks(of: piece) {
        if block.kind != .expanded { cutter.forgetExpansion() }
        try writer.append(block, content: content)
      }
    }
    try writer.finish()
    return StreamSizes(content: size, archive: writer.written)
  }

  /// What a content of at most so many bytes has open may take more than it is worth: it is coded as it is, too.
  private static let longestTrial = 8192

  /// One block, or several where a long content is not coded by its expansion.
  private mutating func blocks(of piece: ContentCutter.Piece) throws
    -> [(block: Block, content: [UInt8])]
  {
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
}

extension Options {
  /// What a frame says of how it was made.
  func header(_ model: NamedModel?) -> FrameHeader {
    FrameHeader(
      model: model?.reference ?? .none, memory: memory, mixing: mixing(model),
      isPrimed: model?.priming != nil)
  }
}
