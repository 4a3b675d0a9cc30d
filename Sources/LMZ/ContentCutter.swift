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
    while !isAtEnd, rest.count < FrameFormat.maximumBlock {
      let missing = FrameFormat.maximumBlock - rest.count
      let more = try source.read(missing)
      isAtEnd = more.count < missing
      rest += more
    }
    guard !rest.isEmpty else { return nil }
    guard let expansion = expander.expand(rest, isLast: isAtEnd), isRight(expansion) else {
      forgetExpansion()
      defer { rest = [] }
      return Piece(content: rest, expansion: nil)
    }
    let content = Array(rest.prefix(expansion.length))
    rest.removeFirst(expansion.length)
    return Piece(content: content, expansion: expansion.bytes)
  }

  /// Whether a decoder makes the content of it.
  private mutating func isRight(_ expansion: Expansion) -> Bool {
    let restored = try? restorer.content(of: expansion.bytes, size: expansion.length)
    return restored.map { rest.starts(with: $0) } ?? false
  }

  /// To be called where the last piece is not coded by its expansion.
  mutating func forgetExpansion() {
    expander.forget()
    restorer = ExpansionRestorer()
  }
}
