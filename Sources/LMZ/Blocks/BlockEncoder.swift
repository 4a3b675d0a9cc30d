import Codec
import Kernels

/// Turns the blocks of a stream into what stands in the frame, one after the other.
protocol BlockEncoder {
  func encode(_ content: [UInt8], progress: @escaping (Int) -> Void) throws -> Block
  /// Forgets everything that was learned.
  func forget() throws
}

extension BlockEncoder {
  /// A block of a content by its expansion; nil where that is no smaller. Then everything was forgotten.
  func encode(
    _ expansion: [UInt8], of content: [UInt8], progress: @escaping (Int) -> Void
  ) throws -> Block? {
    let progress = scaled(progress, from: expansion.count, to: content.count)
    let blocks = try stride(from: 0, to: expansion.count, by: FrameFormat.maximumBlock).map {
      let end = min($0 + FrameFormat.maximumBlock, expansion.count)
      return try encode(Array(expansion[$0..<end]), progress: progress)
    }
    let block = Block(expanded: blocks, size: content.count)
    if block.sizeInFrame < content.count { return block }
    try forget()
    return nil
  }
}

/// The language model alone.
final class LanguageModelEncoder: BlockEncoder {
  private let model: NamedModel?
  private let text: TextEncoder<LanguageModelOnly>?

  init(_ model: NamedModel?, _ options: Options) {
    self.model = model
    text = model.map {
      TextEncoder(
        $0, options: options, kind: .languageModelOnly, SharedEncoder(LanguageModelOnly()))
    }
  }

  func encode(_ content: [UInt8], progress: @escaping (Int) -> Void) throws -> Block {
    if let text, !ContentKind.looksRandom(content) {
      let spelling = Spelling(of: content, after: model?.priming)
      let block = spelling.block(
        try text.encode(spelling.bytes, progress: spelling.progress(progress)))
      if block.sizeInFrame < content.count { return block }
    }
    forget()
    return Block(stored: content, forgetting: true)
  }

  func forget() { text?.reset() }
}

/// Context models, with the language model where there is one and the content is text.
final class MixingEncoder: BlockEncoder {
  private let model: NamedModel?
  private let options: Options
  private let firstBlock: Int
  private var shared: SharedEncoder<MixingPredictor>
  private var text: TextEncoder<MixingPredictor>?
  private var redundancy = Redundancy()
  /// Whether another text may be coded instead of a block's content.
  private var respells = true
  /// The share of text from which on a block may have parts.
  private var leastText = 0.0
  private var isFirst = true
  /// The images of the block.
  private var images: [ImageRows.Place] = []

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

  /// Where there is no more of it, noise is coded all the same, in case it has a few per cent: key rings, photographs, fonts.
  private static let smallNoise = 1 << 17
  /// The share of noise from which on it is worth looking for what has been there before.
  private static let littleRepeated = 0.05
  /// The share of text that has been there before from which on the language model is not asked in a long stream.
  private static let mostRepeated = 0.7
  /// The least share of text in blocks with parts where parts did not pay in the first.
  private static let muchText = 0.25

  func encode(_ content: [UInt8], progress: @escaping (Int) -> Void) throws -> Block {
    defer { isFirst = false }
    images = ImageRows.places(in: content, after: images.last)
    let isSmall = isFirst && content.count <= Self.smallNoise
    let looksRandom = !isSmall && ContentKind.looksRandom(content)
    let isLong = firstBlock == FrameFormat.maximumBlock
    var pieces = text == nil ? nil : ContentPieces(of: content, leastText: leastText)
    let matches = looksRandom || isLong || pieces != nil ? redundancy.matches(in: content) : []
    let repeated = Double(matches.reduce(0) { $0 + $1.count }) / Double(max(1, content.count))
    if looksRandom && repeated < Self.littleRepeated && pieces == nil && images.isEmpty {
      if content.count == FrameFormat.maximumBlock {
        shared.coder.predictor.note(stored: content)
      }
      progress(content.count)
      return Block(stored: content)
    }
    if let found = pieces {
      if found.share(of: .noise, in: matches) >= Self.littleRepeated { pieces = found.withoutNoise }
      if isLong && found.share(of: .text, in: matches) > Self.mostRepeated {
        pieces = pieces?.withoutText(in: matches)
      }
    }
    let spelling =
      respells ? Spelling(of: content, after: model?.priming) : Spelling(asItIs: content)
    // Most of a long stream's block may have been there before, so that the language model would take
    // much time for little; half, where lines can be named. Where there is but one block it is asked all the same.
    let repeats =
      isLong
      && (repeated > Self.mostRepeated
        || repeated > 0.5 && RepeatedLines.column(of: spelling.bytes) != nil)
    let block =
      if let text, let pieces, spelling.form?.encoding ?? .utf8 == .utf8 {
        try encodeParts(content, pieces.withImages(images), with: text, progress: progress)
      } else if let text, spelling.isText, !repeats {
        try encodeText(content, spelling, with: text, progress: progress)
      } else {
        try encodeBytes(content, spelling, repeats: repeats, progress: progress)
      }
    if block.sizeInFrame < content.count { return block }
    // The decoder will not see what was learned in vain.
    try forget()
    return Block(stored: content, forgetting: true)
  }

  func forget() throws {
    shared = try Self.fresh(model, options, firstBlock)
    text = textEncoder()
  }

  /// The block that begins a stream is coded without the language model as well, which takes little time
  /// beside it. Where that is smaller, as with a language that the model does not know, the stream goes
  /// on without it. A short file, which teaches little, is also tried with the language model alone. A
  /// primed stream is none of these: it begins with text of its kind.
  private func encodeText(
    _ content: [UInt8], _ spelling: Spelling, with text: TextEncoder<MixingPredictor>,
    progress: @escaping (Int) -> Void
  ) throws -> Block {
    let progress = spelling.progress(progress)
    guard isFirst, model?.priming == nil else {
      return spelling.block(try text.encode(spelling.bytes, progress: progress))
    }
    let isShort = content.count <= FrameFormat.longestShort
    let alone = isShort ? SharedEncoder(LanguageModelOnly()) : nil
    let (mixed, bytes) = try runBoth(threads: isShort ? 1 : options.threadsOfFrame) {
      spelling.block(try text.encode(spelling.bytes, alone: alone, progress: progress))
    } _: { [options, firstBlock] in
      try BytesTrial.best(of: content, spelling, repeats: false) {
        try Self.fresh(nil, options, firstBlock)
      }
    }
    if bytes.block.sizeInFrame < mixed.sizeInFrame {
      self.text = nil
      return take(bytes)
    }
    guard let alone else { return mixed }
    let block = spelling.block(
      Block(.languageModelOnly, lanes: mixed.lanes, coded: alone.coder.finishBlock()))
    return block.sizeInFrame < mixed.sizeInFrame ? block : mixed
  }

  /// Text with the language model, other bytes without it, and noise as it is. The block that begins a stream is coded as bytes
  /// as well; where that is smaller, others are split only if they have much text.
  private func encodeParts(
    _ content: [UInt8], _ pieces: ContentPieces, with text: TextEncoder<MixingPredictor>,
    progress: @escaping (Int) -> Void
  ) throws -> Block {
    guard isFirst else { return try partsBlock(content, pieces, with: text, progress: progress) }
    let (parts, whole) = try runBoth(threads: options.threadsOfFrame) { [self] in
      try partsBlock(content, pieces, with: text, progress: progress)
    } _: { [model, options, firstBlock, images] in
      BytesTrial(
        Spelling(asItIs: content), repeats: false, ImageRows(mostOf: images, in: content),
        try Self.fresh(model, options, firstBlock), { _ in })
    }
    guard whole.block.sizeInFrame < parts.sizeInFrame else { return parts }
    leastText = Self.muchText
    shared = whole.shared
    self.text = textEncoder()
    return whole.block
  }

  private func partsBlock(
    _ content: [UInt8], _ pieces: ContentPieces, with text: TextEncoder<MixingPredictor>?,
    progress: @escaping (Int) -> Void
  ) throws -> Block {
    let parts = pieces.parts
    let areImagesApart = parts.contains { $0.rows != nil }
    let contents = pieces.pieces.taken(apart: content, parts: parts.count)
    let blocks = try zip(parts, contents).map { part, content in
      switch part.sort {
      case .text:
        guard let text else { preconditionFailure("text without a language model") }
        let spelling = Spelling(of: content, after: model?.priming)
        return spelling.block(
          try text.encode(spelling.bytes, progress: spelling.progress(progress)))
      case .bytes:
        let rows = areImagesApart ? part.rows : ImageRows(mostOf: images, in: content)
        return BytesTrial(Spelling(asItIs: content), repeats: false, rows, shared, progress).block
      case .noise:
        shared.coder.predictor.note(stored: content)
        progress(content.count)
        return Block(stored: content)
      }
    }
    return Block(parts: blocks, pieces: pieces.pieces)
  }

  /// Without the language model, which alone needs characters to be spelled as it knows them, only what is shorter is worth it.
  private func encodeBytes(
    _ content: [UInt8], _ spelling: Spelling, repeats: Bool, progress: @escaping (Int) -> Void
  ) throws -> Block {
    let isShorter = spelling.form?.isShorter ?? false
    let rows = ImageRows(mostOf: images, in: content)
    if !images.isEmpty, !isShorter, !repeats, !ContentKind.isText(content) {
      let pieces = ContentPieces(bytes: content.count).withImages(images)
      if pieces.parts.count > 1 {
        return try partsBlock(content, pieces, with: nil, progress: progress)
      }
    }
    guard isFirst, isShorter, model?.priming == nil else {
      let trial = BytesTrial(
        isShorter ? spelling : Spelling(asItIs: content), repeats: repeats, rows, shared, progress)
      return trial.block
    }
    let best = try BytesTrial.best(of: content, spelling, repeats: repeats, rows) {
      try Self.fresh(nil, options, firstBlock)
    }
    progress(content.count)
    return take(best)
  }

  /// Goes on as in a trial.
  private func take(_ trial: BytesTrial) -> Block {
    shared = trial.shared
    respells = trial.isRespelled
    return trial.block
  }
}

/// A block coded without the language model, and what was learned in it.
private struct BytesTrial {
  let block: Block
  let shared: SharedEncoder<MixingPredictor>
  let isRespelled: Bool

  init(
    _ spelling: Spelling, repeats: Bool, _ rows: ImageRows?,
    _ shared: SharedEncoder<MixingPredictor>, _ progress: @escaping (Int) -> Void
  ) {
    var bytes = spelling.bytes
    let structure = ContentKind.structure(of: bytes, repeats: repeats, image: rows)
    if structure.hasAbsoluteCalls { X86Calls.makeAbsolute(&bytes) }
    shared.coder.predictor.beginBytes(bytes.count, structure)
    shared.coder.encodeBytes(bytes, progress: spelling.progress(progress))
    block = spelling.block(
      Block(
        .bytes, lanes: [bytes.count], structure: structure, coded: shared.coder.finishBlock()))
    self.shared = shared
    isRespelled = spelling.form != nil
  }

  /// The smaller of the content as it is and, where that is shorter, respelled.
  ///
  /// - Parameter fresh: makes what a stream begins with. Blocks of bytes are the same in all versions of the mixing; the
  ///   first takes least.
  static func best(
    of content: [UInt8], _ spelling: Spelling, repeats: Bool, _ rows: ImageRows? = nil,
    fresh: () throws -> SharedEncoder<MixingPredictor>
  ) throws -> BytesTrial {
    let asItIs = BytesTrial(
      Spelling(asItIs: content), repeats: repeats, rows, try fresh(), { _ in })
    guard spelling.form?.isShorter ?? false else { return asItIs }
    let respelled = BytesTrial(spelling, repeats: repeats, rows, try fresh(), { _ in })
    return respelled.block.sizeInFrame < asItIs.block.sizeInFrame ? respelled : asItIs
  }
}

extension Block {
  /// What the block takes, or, where that is coded bytes and little more, these; and what it takes more that, as no short frame
  /// has that, a short one has where a text stands for its content.
  fileprivate var sizeInFrame: Int {
    if !parts.isEmpty { return FrameWriter.size(of: self) }
    return payload.count + (form != nil && size <= FrameFormat.longestShort ? 7 : 0)
  }
}
