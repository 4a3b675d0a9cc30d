import Codec

/// Turns the blocks of a stream into what stands in the frame, one after the other.
protocol BlockEncoder {
  func encode(_ content: [UInt8], progress: @escaping (Int) -> Void) throws -> Block
}

/// The language model alone.
final class LanguageModelEncoder: BlockEncoder {
  private let text: TextEncoder<LanguageModelOnly>?

  init(_ model: NamedModel?, _ options: Options) {
    text = model.map {
      TextEncoder(
        $0.model, options: options, kind: .languageModelOnly, SharedEncoder(LanguageModelOnly()))
    }
  }

  func encode(_ content: [UInt8], progress: @escaping (Int) -> Void) throws -> Block {
    if !ContentKind.looksRandom(content),
      let block = try text?.encode(content, progress: progress), block.payload.count < content.count
    {
      return block
    }
    text?.reset()
    return Block(stored: content, forgetting: true)
  }
}

/// Context models, with the language model where there is one and the content is text.
final class MixingEncoder: BlockEncoder {
  private let model: NamedModel?
  private let options: Options
  private let firstBlock: Int
  private var shared: SharedEncoder<MixingPredictor>
  private var text: TextEncoder<MixingPredictor>?
  private var redundancy = Redundancy()

  init(_ model: NamedModel?, _ options: Options, firstBlock: Int) {
    self.model = model
    self.options = options
    self.firstBlock = firstBlock
    shared = SharedEncoder(
      MixingPredictor(
        memory: options.memory, firstBlock: firstBlock, parameters: .shipped,
        instructionSet: options.instructionSet))
    begin()
  }

  private func begin() {
    text = model.map { TextEncoder($0.model, options: options, kind: .text, shared) }
  }

  func encode(_ content: [UInt8], progress: @escaping (Int) -> Void) throws -> Block {
    if ContentKind.looksRandom(content) {
      shared.coder.predictor.note(stored: content)
      progress(content.count)
      return Block(stored: content)
    }
    let block =
      if let text, ContentKind.isText(content), !isRedundant(content) {
        try smaller(of: text.encode(content, progress: progress), for: content)
      } else {
        encodeBytes(content, progress: progress)
      }
    if block.payload.count < content.count { return block }
    // The decoder will not see what was learned in vain.
    shared = SharedEncoder(
      MixingPredictor(
        memory: options.memory, firstBlock: firstBlock, parameters: .shipped,
        instructionSet: options.instructionSet))
    begin()
    return Block(stored: content, forgetting: true)
  }

  /// A file of one short block teaches so little that the language model may do better alone.
  private func smaller(of mixed: Block, for content: [UInt8]) throws -> Block {
    guard let model, firstBlock == content.count, firstBlock <= FrameFormat.longestShort else {
      return mixed
    }
    let alone = try LanguageModelEncoder(model, options).encode(content, progress: { _ in })
    return alone.payload.count < mixed.payload.count ? alone : mixed
  }

  /// Whether nearly everything has been there before, so that the language model would be asked in vain.
  private func isRedundant(_ content: [UInt8]) -> Bool {
    content.count >= 1 << 16 && redundancy.share(of: content) > 0.7
  }

  private func encodeBytes(_ content: [UInt8], progress: (Int) -> Void) -> Block {
    let structure = ContentKind.structure(of: content)
    var bytes = content
    if structure.hasAbsoluteCalls { X86Calls.makeAbsolute(&bytes) }
    shared.coder.predictor.beginBytes(content.count, structure)
    _ = codeBytes(bytes, count: bytes.count, with: &shared.coder, progress: progress)
    return Block(
      .bytes, lanes: [content.count], structure: structure, coded: shared.coder.finishBlock())
  }
}
