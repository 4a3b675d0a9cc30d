import Codec

/// Cuts a stream into the contents of blocks.
struct ContentCutter {
  struct Piece {
    let content: [UInt8]
    /// Of all of it; nil where there is nothing to open.
    let expansion: [UInt8]?
  }

  private var source: any ByteSource
  private var rest: [UInt8] = []
  private var isAtEnd = false
  private var expander: Expander
  /// What a decoder has.
  private var restorer = ExpansionRestorer()

  /// - Parameter method: by which the blocks are coded.
  init(_ source: any ByteSource, for method: Options.Method = .mixed) {
    self.source = source
    expander = Expander(onlyText: method == .languageModelOnly)
  }

  /// - Returns: nil at the end.
  mutating func next() throws -> Piece? {
    try read(upTo: FrameFormat.maximumBlock)
    guard !rest.isEmpty else { return nil }
    let end = min(rest.count, FrameFormat.maximumBlock)
    let goesOn = rest.withUnsafeBufferPointer {
      Openable.goesOn(behind: UnsafeBufferPointer(rebasing: $0[..<end]))
    }
    if goesOn { try read(upTo: FrameFormat.maximumExpandedBlock) }
    let content = goesOn ? rest : Array(rest.prefix(end))
    let expansion = expander.expand(
      content, upTo: end, isLast: isAtEnd && content.count == rest.count)
    guard let expansion, isRight(expansion) else {
      forgetExpansion()
      return Piece(content: take(end), expansion: nil)
    }
    return Piece(content: take(expansion.length), expansion: expansion.bytes)
  }

  /// Reads until there are so many bytes, or all.
  private mutating func read(upTo count: Int) throws {
    while !isAtEnd, rest.count < count {
      let missing = count - rest.count
      let more = try source.read(missing)
      isAtEnd = more.count < missing
      rest += more
    }
  }

  private mutating func take(_ count: Int) -> [UInt8] {
    defer { rest.removeFirst(count) }
    return Array(rest.prefix(count))
  }

  /// Whether a decoder takes it, and makes the content of it.
  private mutating func isRight(_ expansion: Expansion) -> Bool {
    guard expansion.bytes.count <= FrameFormat.maximumExpansion else { return false }
    let restored = try? restorer.content(of: expansion.bytes, size: expansion.length)
    return restored.map { rest.starts(with: $0) } ?? false
  }

  /// To be called where the last piece is not coded by its expansion.
  mutating func forgetExpansion() {
    expander.forget()
    restorer = ExpansionRestorer()
  }
}
