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
        $0, options: options, kind: .languageModelOnly, SharedEncoder(LanguageModelOnly()))
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
  private var isFirst = true

  init(_ model: NamedModel?, _ options: Options, firstBlock: Int) throws {
    self.model = model
    self.options = options
    self.firstBlock = firstBlock
    shared = try Self.fresh(model, options, firstBlock)
    text = textEncoder()
  }

  private static func fresh(_ model: NamedModel?, _ options: Options, _ firstBlock: Int) throws
    -> SharedEncoder<MixingPredictor>
  {
    try SharedEncoder(
      options.mixingPredictor(
        options.mixing(model), options.memory, firstBlock: firstBlock, priming: model?.priming))
  }

  private func textEncoder() -> TextEncoder<MixingPredictor>? {
    model.map { TextEncoder($0, options: options, kind: .text, shared) }
  }

  func encode(_ content: [UInt8], progress: @escaping (Int) -> Void) throws -> Block {
    defer { isFirst = false }
    let looksRandom = ContentKind.looksRandom(content)
    let isLong = firstBlock == FrameFormat.maximumBlock
    let repeated = looksRandom || isLong ? redundancy.share(of: content) : 0
    if looksRandom && repeated < 0.05 {
      shared.coder.predictor.note(stored: content)
      progress(content.count)
      return Block(stored: content)
    }
    // Most of a long stream's block may have been there before, so that the language model would take
    // much time for little; half, where lines can be named. Where there is but one block it is asked all the same.
    let repeats =
      isLong && (repeated > 0.7 || repeated > 0.5 && RepeatedLines.column(of: content) != nil)
    let block =
      if let text, ContentKind.isText(content), !repeats {
        try encodeText(content, with: text, progress: progress)
      } else {
        encodeBytes(content, repeats: repeats, with: shared, progress: progress)
      }
    if block.payload.count < content.count { return block }
    // The decoder will not see what was learned in vain.
    shared = try Self.fresh(model, options, firstBlock)
    text = textEncoder()
    return Block(stored: content, forgetting: true)
  }

  /// The block that begins a stream is coded without the language model as well, which takes little time
  /// beside it. Where that is smaller, as with a language that the model does not know, the stream goes
  /// on without it. A short file, which teaches little, is also tried with the language model alone. A
  /// primed stream is none of these: it begins with text of its kind.
  private func encodeText(
    _ content: [UInt8], with text: TextEncoder<MixingPredictor>,
    progress: @escaping (Int) -> Void
  ) throws -> Block {
    guard isFirst, model?.priming == nil else {
      return try text.encode(content, progress: progress)
    }
    let isShort = content.count <= FrameFormat.longestShort
    let alone = isShort ? SharedEncoder(LanguageModelOnly()) : nil
    let mixed = try text.encode(content, alone: alone, progress: progress)
    // Blocks of bytes are the same in all versions of the mixing; the first takes least.
    let other = try Self.fresh(nil, options, firstBlock)
    let bytes = encodeBytes(content, repeats: false, with: other, progress: { _ in })
    if bytes.payload.count < mixed.payload.count {
      shared = other
      self.text = nil
      return bytes
    }
    guard let alone else { return mixed }
    let block = Block(.languageModelOnly, lanes: mixed.lanes, coded: alone.coder.finishBlock())
    return block.payload.count < mixed.payload.count ? block : mixed
  }

  private func encodeBytes(
    _ content: [UInt8], repeats: Bool, with shared: SharedEncoder<MixingPredictor>,
    progress: (Int) -> Void
  ) -> Block {
    let structure = ContentKind.structure(of: content, repeats: repeats)
    var bytes = content
    if structure.hasAbsoluteCalls { X86Calls.makeAbsolute(&bytes) }
    shared.coder.predictor.beginBytes(content.count, structure)
    shared.coder.encodeBytes(bytes, progress: progress)
    return Block(
      .bytes, lanes: [content.count], structure: structure, coded: shared.coder.finishBlock())
  }
}
