import Codec

/// Turns the blocks of a frame into their content, one after the other.
final class BlockDecoder {
  private let header: FrameHeader
  private let models: ModelLibrary
  private let options: Options
  private var firstBlock: Int?
  private var mixing: SharedDecoder<MixingPredictor>?
  private var text: TextDecoder<MixingPredictor>?
  private var languageModel: TextDecoder<LanguageModelOnly>?
  private var restorer = ExpansionRestorer()

  init(_ header: FrameHeader, _ models: ModelLibrary, _ options: Options) {
    self.header = header
    self.models = models
    self.options = options
  }

  /// - Throws: `FormatError`.
  func decode(_ block: Block, progress: @escaping (Int) -> Void) throws -> [UInt8] {
    let firstBlock = self.firstBlock ?? block.extent
    self.firstBlock = firstBlock
    guard block.kind == .expanded else {
      restorer = ExpansionRestorer()
      return try decodeWhole(block, firstBlock, progress: progress)
    }
    let progress = scaled(progress, from: block.codedSize, to: block.size)
    let contents = try block.parts.map {
      try decodeWhole($0, firstBlock, progress: progress)
    }
    return try restorer.content(of: Array(contents.joined()), size: block.size)
  }

  /// A block that is not expanded.
  private func decodeWhole(
    _ block: Block, _ firstBlock: Int, progress: @escaping (Int) -> Void
  ) throws -> [UInt8] {
    guard block.kind == .parts else {
      return try decode(block, firstBlock, progress: progress)
    }
    let contents = try block.parts.map { part in
      if part.kind.isStored { try shared(firstBlock).coder.predictor.note(stored: part.payload) }
      return try decode(part, firstBlock, progress: progress)
    }
    return block.pieces.joined(contents)
  }

  private func decode(_ block: Block, _ firstBlock: Int, progress: @escaping (Int) -> Void) throws
    -> [UInt8]
  {
    guard let form = block.form else {
      return try decodeCoded(block, firstBlock, progress: progress)
    }
    let text = try decodeCoded(
      block, firstBlock, progress: scaled(progress, from: block.codedSize, to: block.size))
    guard let content = form.content(of: text, atMost: block.size), content.count == block.size
    else {
      throw FormatError.corrupted("its text stands for no such content")
    }
    return content
  }

  /// What is coded: the content, or a text that stands for it.
  private func decodeCoded(
    _ block: Block, _ firstBlock: Int, progress: @escaping (Int) -> Void
  ) throws -> [UInt8] {
    switch block.kind {
    case .fresh:
      mixing = nil
      text = nil
      languageModel = nil
      progress(block.size)
      return block.payload
    case .stored:
      progress(block.size)
      // A block of less than the most is the last: nothing could find what it holds.
      if block.size == FrameFormat.maximumBlock {
        try shared(firstBlock).coder.predictor.note(stored: block.payload)
      }
      return block.payload
    case .bytes:
      return try decodeBytes(block, shared(firstBlock), progress: progress)
    case .text:
      let decoder = try text ?? mixedDecoder(firstBlock)
      text = decoder
      return try decoder.decode(block, progress: progress)
    case .languageModelOnly:
      let decoder =
        try languageModel
        ?? TextDecoder(
          model(), ngrams: nil, options: options, SharedDecoder(LanguageModelOnly()))
      languageModel = decoder
      return try decoder.decode(block, progress: progress)
    case .parts, .expanded: preconditionFailure("no part has parts")
    }
  }

  private func mixedDecoder(_ firstBlock: Int) throws -> TextDecoder<MixingPredictor> {
    let model = try model()
    let ngrams = header.mixing.needsNGrams ? model.ngrams : nil
    guard ngrams != nil || !header.mixing.needsNGrams else {
      throw FormatError.unsupported("n-grams of a vocabulary that has none here")
    }
    return try TextDecoder(model, ngrams: ngrams, options: options, shared(firstBlock))
  }

  private func model() throws -> NamedModel {
    let model = try models.model(for: header.model)
    guard (model.priming != nil) == header.isPrimed else {
      throw FormatError.corrupted("it and its model disagree on what it begins with")
    }
    return model
  }

  private func shared(_ firstBlock: Int) throws -> SharedDecoder<MixingPredictor> {
    if let mixing { return mixing }
    let priming = header.isPrimed ? try model().priming : nil
    let shared = try SharedDecoder(
      options.mixingPredictor(
        header.mixing, header.memory, firstBlock: firstBlock, priming: priming))
    mixing = shared
    return shared
  }

  private func decodeBytes(
    _ block: Block, _ shared: SharedDecoder<MixingPredictor>, progress: (Int) -> Void
  ) throws -> [UInt8] {
    shared.coder.beginBlock(block.payload[...])
    shared.coder.predictor.beginBytes(block.codedSize, block.structure)
    guard var content = shared.coder.decodeBytes(block.codedSize, progress: progress) else {
      throw FormatError.corrupted("its coded bytes make no sense")
    }
    if block.structure.hasAbsoluteCalls { X86Calls.makeRelative(&content) }
    return content
  }
}
