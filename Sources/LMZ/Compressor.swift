import Codec

/// Writes a stream as one frame, block by block, in memory that does not grow with its length.
public struct Compressor {
  private let model: NamedModel
  private let options: Options

  public init(model: NamedModel, options: Options = Options()) {
    self.model = model
    self.options = options
  }

  /// - Parameter progress: told how many bytes were dealt with since the last call, from any thread but
  ///   never from two at once.
  /// - Returns: the sizes of content and frame.
  @discardableResult
  public func compress(
    from source: any ByteSource, to sink: any ByteSink, progress: @escaping (Int) -> Void = { _ in }
  ) throws -> StreamSizes {
    var source = source
    var writer = FrameWriter(sink, model: model.reference)
    let text = TextEncoder(model.model, options: options, predictor: LanguageModelOnly())
    var size = 0
    while true {
      let content = try source.read(FrameFormat.maximumBlock)
      if content.isEmpty { break }
      size += content.count
      try writer.append(try encode(content, text, progress), content: content)
      if content.count < FrameFormat.maximumBlock { break }
    }
    try writer.finish()
    return StreamSizes(content: size, archive: writer.written)
  }

  private func encode(
    _ content: [UInt8], _ text: TextEncoder<LanguageModelOnly>,
    _ progress: @escaping (Int) -> Void
  ) throws -> Block {
    if Self.looksRandom(content) {
      text.reset()
      progress(content.count)
      return Block(stored: content)
    }
    let block = try text.encode(content, progress: progress)
    if block.payload.count < content.count { return block }
    text.reset()
    return Block(stored: content)
  }

  /// Whether even the single bytes are spread so evenly that the model need not be asked.
  static func looksRandom(_ content: [UInt8]) -> Bool {
    guard content.count >= 4096 else { return false }
    var counts = [Int](repeating: 0, count: 256)
    for byte in content { counts[Int(byte)] += 1 }
    // The chance that two bytes are equal: 1/256 = 0.0039 where all values are equally frequent.
    let squares = counts.reduce(0.0) { $0 + Double($1) * Double($1) }
    return squares < 0.0045 * Double(content.count) * Double(content.count)
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
