import Codec

/// Opens compressed streams, base64 and mail as they come.
struct Expander {
  private var recorder = DeflateRecorder()
  /// How the stream that the last content ended in goes on.
  private var resumption: Resumption?
  var zipEntries = ZipEntries()
  /// How deep the streams may be whose content is opened, too.
  private let depth: Int
  /// Whether it opens base64 and quoted-printable; in what base64 stands for there is no more of it.
  private let opensMail: Bool
  /// Whether it is for what a stream or base64 stands for, which is taken whole.
  private let isNested: Bool
  /// Bytes that an expansion may have.
  private let most: Int
  /// Of the content that is looked at, once that was asked.
  private var hasMuchBase64: Bool?
  /// How much there was that had no room within another content, and how much of that is tried: it is read for nothing.
  private var refusals = 0
  private static let mostRefusals = 8
  /// Whether only text is worth it, as for the language model alone.
  private let onlyText: Bool

  init(onlyText: Bool = false) {
    depth = ExpansionRestorer.mostDepth
    opensMail = true
    isNested = false
    most = FrameFormat.maximumExpansion
    self.onlyText = onlyText
  }

  /// For what is in another's content.
  private init(within outer: Expander, depth: Int, opensMail: Bool, most: Int) {
    self.depth = depth
    self.opensMail = opensMail
    isNested = true
    self.most = most
    onlyText = outer.onlyText
  }

  /// Content of less bytes is not looked at.
  private static let least = 64
  /// Nor is a stream of less.
  private static let leastStream = 32
  /// Nor are encoded words, if there is nothing else, that have less characters in all.
  private static let leastInWords = 64
  /// What stands for less than all of its content is at least so long, which says that more follows.
  private static let leastCut = FrameFormat.longExpansion

  /// A stream that goes on, and where in the first byte of the next content it does, in bits.
  private enum Resumption {
    case deflated(Int)
    case bzip2(Int, Bzip2Recorder.State)
  }

  /// To be called where what was expanded is not coded like that.
  mutating func forget() {
    recorder.leave()
    resumption = nil
    zipEntries = ZipEntries()
  }

  /// - Parameters:
  ///   - content: goes on behind what was expanded, or was found to have nothing to expand, before.
  ///   - end: up to which it is to be expanded; an image or base64 that begins before it may be taken whole.
  ///   - isLast: whether nothing follows the content.
  /// - Returns: nil where there is no stream. May stand for less where a stream goes on behind that.
  mutating func expand(_ content: [UInt8], upTo end: Int? = nil, isLast: Bool) -> Expansion? {
    let resumption = self.resumption
    self.resumption = nil
    hasMuchBase64 = nil
    guard content.count >= Self.least else {
      recorder.leave()
      return nil
    }
    let padded = content + [UInt8](repeating: 0, count: DeflateRecorder.padding)
    return padded.withUnsafeBufferPointer { bytes in
      let expansion = expand(
        Input(bytes: bytes, count: end ?? content.count, reach: content.count, endsAtReach: isLast),
        resuming: resumption)
      if let expansion {
        zipEntries.leave(UnsafeBufferPointer(rebasing: bytes[..<expansion.length]))
      }
      return expansion
    }
  }

  /// A content with room behind it.
  struct Input {
    let bytes: UnsafeBufferPointer<UInt8>
    /// Bytes that are to be expanded.
    let count: Int
    /// Bytes that there are.
    let reach: Int
    /// Whether nothing follows these.
    let endsAtReach: Bool

    /// Whether nothing follows what is to be expanded.
    var isLast: Bool { endsAtReach && count == reach }
    /// What is to be expanded, with room behind it.
    var streams: UnsafeBufferPointer<UInt8> {
      UnsafeBufferPointer(rebasing: bytes[..<(count + DeflateRecorder.padding)])
    }
  }

  /// What became of a stream.
  enum Outcome {
    case taken
    /// Taken, and the content is to be cut behind it.
    case cut
    /// It may be there next time, or have room.
    case later
    case left
  }

  private mutating func expand(_ input: Input, resuming resumption: Resumption?) -> Expansion? {
    var expansion = Expansion()
    if case .cut = resumption.map({ resume($0, input, &expansion) }) { return expansion }
    var position = expansion.length
    // Before it no chunk begins an image: it is one of an image that was left.
    var endOfLeftImage = 0
    while refusals < Self.mostRefusals,
      let found = Openable.next(
        in: input.bytes, from: position, to: input.count, reach: input.reach, withText: opensMail)
    {
      let outcome =
        switch found {
        case .stream(let signature): takeStream(signature, of: input, &expansion)
        case .bzip2(let start): takeBzip2(at: start, of: input, &expansion)
        case .image(let start) where start < endOfLeftImage: Outcome.left
        case .image(let start): takeImage(at: start, of: input, &expansion)
        case .base64(let text): take(text, of: input, &expansion)
        case .quotedPrintable(let body): take(body, of: input, &expansion)
        case .zipDirectory(let records): takeZipDirectory(records, of: input, &expansion)
        }
      switch outcome {
      case .cut: return expansion
      case .later where expansion.size(upTo: found.start) >= Self.leastCut:
        expansion.stand(forAllUpTo: found.start, of: input.bytes)
        return expansion
      case .taken, .later, .left: position = max(found.next, expansion.length)
      }
      if case .image(let start) = found, start >= max(expansion.length, endOfLeftImage) {
        endOfLeftImage = PNGData.endOfChunks(input.bytes, at: start, to: input.count)
      }
    }
    let hasOpened = !expansion.bytes.isEmpty
    expansion.stand(forAllUpTo: max(input.count, expansion.length), of: input.bytes)
    return hasOpened || expansion.openedInWords >= Self.leastInWords ? expansion : nil
  }

  /// Takes what follows of a stream.
  private mutating func resume(
    _ resumption: Resumption, _ input: Input, _ expansion: inout Expansion
  ) -> Outcome {
    switch resumption {
    case .deflated(let position):
      let opened = recorder.resume(
        input.streams, at: position, atMost: room(input, expansion))
      return opened.map { take($0, from: 0, of: input, &expansion) } ?? .left
    case .bzip2(let position, let state):
      let read = Bzip2Recorder.resume(
        input.streams, at: position, state, atMost: room(input, expansion))
      return read.map { take($0, from: 0, of: input, &expansion) } ?? .left
    }
  }

  private mutating func takeBzip2(
    at start: Int, of input: Input, _ expansion: inout Expansion
  ) -> Outcome {
    let room = room(input, expansion)
    guard let read = Bzip2Recorder.begin(input.streams, at: start, atMost: room) else {
      return .left
    }
    if read.opened.content.isEmpty {
      return isLater(read.opened.ending, input, expansion) ? .later : .left
    }
    return take(read, from: start, of: input, &expansion)
  }

  private mutating func takeStream(
    _ stream: DeflateSignature, of input: Input, _ expansion: inout Expansion
  ) -> Outcome {
    let room = room(input, expansion)
    let opened = recorder.begin(
      input.streams, at: stream.start, windowBits: stream.windowBits, atMost: room)
    guard let opened else { return .left }
    if stream.isZip, opened.ending == .final {
      return takeZipFile(opened, behind: stream.header, of: input, &expansion)
    }
    if opened.content.isEmpty { return isLater(opened.ending, input, expansion) ? .later : .left }
    guard let sum = stream.sum(behind: opened, input.bytes, to: input.count) else { return .left }
    return take(opened, sum, from: stream.start, of: input, &expansion)
  }

  private mutating func takeImage(
    at start: Int, of input: Input, _ expansion: inout Expansion
  ) -> Outcome {
    guard let image = PNGData(input.bytes, at: start, to: input.reach) else {
      return input.endsAtReach ? .left : .later
    }
    let padded = image.stream + [UInt8](repeating: 0, count: DeflateRecorder.padding)
    let room = room(input, expansion)
    let opened = padded.withUnsafeBufferPointer {
      recorder.begin($0, at: PNGData.header, atMost: room)
    }
    guard let opened else { return .left }
    if opened.ending != .final {
      return isLater(opened.ending, input, expansion) ? .later : .left
    }
    var header = PNGHeader(ofDataAt: start, in: input.bytes)
    if header?.size != opened.content.count { header = nil }
    guard image.isWhole(opened), pays(opened, asRows: header != nil) else { return .left }
    var unfiltered = header?.unfiltered(opened.content)
    guard unfiltered != nil || image.areChunksAlike else { return .left }
    // To say what its rows are is only worth it where they become others.
    if image.areChunksAlike, unfiltered?.bytes.elementsEqual(opened.content) ?? false {
      unfiltered = nil
    }
    expansion.stand(forAllUpTo: start, of: input.bytes)
    expansion.bytes += ExpansionItem.image(image, opened, unfiltered: unfiltered)
    expansion.length = image.range.upperBound
    return .taken
  }

  private mutating func take(
    _ text: Base64Text, of input: Input, _ expansion: inout Expansion
  ) -> Outcome {
    let asText = text.bytes.withUnsafeBufferPointer { OpenedText($0, isText: true) }
    let isText = ContentKind.isText(asText?.text ?? text.bytes)
    if onlyText && !isText { return .left }
    let room = room(input, expansion)
    var nested = Expander(within: self, depth: depth, opensMail: false, most: room)
    let expanded = nested.expand(text.bytes, isLast: true)
    let isOpened = expanded?.length == text.bytes.count
    if !isText && !isOpened {
      let end = max(input.count, text.range.upperBound)
      let isMuch = hasMuchBase64 ?? Base64Text.isMuch(of: input.bytes, to: end)
      hasMuchBase64 = isMuch
      guard isMuch else { return .left }
    }
    let opened =
      isOpened ? expanded?.bytes ?? [] : asText?.item ?? ExpansionItem.plain(text.bytes)
    guard opened.count <= room else { return isLater(.full, input, expansion) ? .later : .left }
    expansion.stand(forAllUpTo: text.range.lowerBound, of: input.bytes)
    expansion.bytes += ExpansionItem.base64(
      text.layout, size: text.bytes.count, expansion: opened)
    expansion.length = text.range.upperBound
    return .taken
  }

  private mutating func take(
    _ body: QuotedPrintableBody, of input: Input, _ expansion: inout Expansion
  ) -> Outcome {
    guard body.item.count <= room(input, expansion) else {
      return isLater(.full, input, expansion) ? .later : .left
    }
    expansion.stand(forAllUpTo: body.range.lowerBound, of: input.bytes)
    expansion.bytes += body.item
    expansion.length = body.range.upperBound
    return .taken
  }

  /// Bytes that what is opened next may take, so that the rest of the content can follow.
  func room(_ input: Input, _ expansion: Expansion) -> Int {
    max(0, most - expansion.size(upTo: max(expansion.length, input.count)))
  }

  /// Whether what could not be opened may be in the next content: where it goes on there, or has room.
  mutating func isLater(
    _ ending: OpenedStream.Ending, _ input: Input, _ expansion: Expansion
  ) -> Bool {
    switch ending {
    case .exhausted: return !input.isLast
    case .full:
      if isNested { refusals += 1 }
      return !isNested && !expansion.bytes.isEmpty
    case .final, .malformed: return false
    }
  }

  /// Takes what was opened, if it pays.
  ///
  /// - Parameters:
  ///   - sum: what follows it.
  ///   - start: where the stream, or what follows of it, begins.
  mutating func take(
    _ opened: OpenedStream, _ sum: DeflateSum = .none, from start: Int, of input: Input,
    _ expansion: inout Expansion
  ) -> Outcome {
    take(
      opened, as: ExpansionItem(deflatedWith: sum), with: sum.size, from: start, of: input,
      &expansion
    ) { .deflated($0) }
  }

  private mutating func take(
    _ read: (opened: OpenedStream, state: Bzip2Recorder.State), from start: Int, of input: Input,
    _ expansion: inout Expansion
  ) -> Outcome {
    take(read.opened, as: .bzip2, with: 0, from: start, of: input, &expansion) {
      .bzip2($0, read.state)
    }
  }

  /// - Parameters:
  ///   - kind: what it is in an expansion.
  ///   - further: bytes that this stands for behind the stream.
  ///   - resumption: how it goes on at a bit.
  private mutating func take(
    _ opened: OpenedStream, as kind: ExpansionItem, with further: Int, from start: Int,
    of input: Input, _ expansion: inout Expansion, resumption: (Int) -> Resumption
  ) -> Outcome {
    guard let worth = worth(of: opened, input, expansion) else { return .left }
    expansion.stand(forAllUpTo: start, of: input.bytes)
    expansion.bytes += kind.stream(opened, expansion: worth.expansion)
    guard opened.ending != .final else {
      expansion.length = (opened.range.upperBound + 7) / 8 + further
      return .taken
    }
    expansion.length = opened.range.upperBound / 8
    guard expansion.bytes.count >= Self.leastCut, isLater(opened.ending, input, expansion)
    else { return .taken }
    self.resumption = resumption(opened.range.upperBound % 8)
    return .cut
  }

  /// What a stream that pays stands for.
  struct Worth {
    /// With what is in it open; nil where nothing is.
    let expansion: [UInt8]?
  }

  /// - Returns: nil where it does not pay.
  func worth(of opened: OpenedStream, _ input: Input, _ expansion: Expansion) -> Worth? {
    // Before it all is as it is; what is open in it takes the place of its content.
    let room = room(input, expansion) - opened.record.count
    let within = expanded(opened.content, atMost: room)
    return pays(opened, isOpen: within != nil) ? Worth(expansion: within) : nil
  }

  /// What a stream stands for, with what is in that open.
  ///
  /// - Returns: nil where nothing is, or where it has no room.
  private func expanded(_ content: ArraySlice<UInt8>, atMost most: Int) -> [UInt8]? {
    guard depth > 0 else { return nil }
    var nested = Expander(within: self, depth: depth - 1, opensMail: opensMail, most: most)
    let expansion = nested.expand(Array(content), isLast: true)
    return expansion.flatMap { $0.bytes.count <= most ? $0.bytes : nil }
  }

  /// What a stream stands for is longer by one in so many.
  private static let leastGain = 64
  /// Of what text, an image's rows and other bytes take as a deflated stream, the hundredths that may go to making that again.
  private static let (mostForText, mostForRows, mostForBytes) = (75, 45, 30)
  /// Besides so many bytes.
  private static let few = 16

  /// - Parameters:
  ///   - asRows: whether it is an image whose rows are known.
  ///   - isOpen: whether something is open in what it stands for.
  private func pays(_ opened: OpenedStream, asRows: Bool = false, isOpen: Bool = false) -> Bool {
    let size = opened.range.count / 8
    let isGain = isOpen || (opened.content.count - size) * Self.leastGain >= size
    guard size >= Self.leastStream, isGain else { return false }
    let cost = (opened.record.count - Self.few) * 100
    let most = asRows ? Self.mostForRows : Self.mostForBytes
    if !onlyText || isOpen, cost <= size * most { return true }
    return cost <= size * Self.mostForText && ContentKind.isText(Array(opened.content))
  }
}
