import Codec

/// Where text, other bytes and noise meet within a block: the files of an archive, or what a program or a data base has of text.
struct ContentPieces {
  enum Sort {
    /// UTF-8 for the most part.
    case text
    case bytes
    /// Bytes so evenly spread that no model need be asked.
    case noise
  }

  /// What is coded together.
  struct Part: Hashable {
    let sort: Sort
    /// Of images that are a part of their own.
    var rows: ImageRows?
  }

  private struct Run {
    let part: Part
    var length: Int

    init(_ part: Part, length: Int) {
      self.part = part
      self.length = length
    }

    init(_ sort: Sort, length: Int) { self.init(Part(sort: sort), length: length) }

    var sort: Sort { part.sort }
  }

  /// The content from its start.
  private let runs: [Run]

  /// Nil where the content is of one sort, or nearly so.
  ///
  /// - Parameter leastText: the least share of text.
  init?(of content: [UInt8], leastText: Double = 0) {
    guard content.count > FrameFormat.longestShort else { return nil }
    var cells = Self.text(in: content)
    guard cells.contains(.text), cells.contains(.bytes) else { return nil }
    Self.markNoise(in: &cells, of: content)
    var runs: [Run] = []
    for (i, sort) in cells.enumerated() {
      Self.append(Run(sort, length: min(Self.cell, content.count - i * Self.cell)), to: &runs)
    }
    self.init(runs)
    let text = size(of: .text)
    guard min(text, content.count - text) >= max(Self.least, content.count / Self.leastShare),
      Double(text) >= leastText * Double(content.count)
    else { return nil }
  }

  private init(_ runs: [Run]) { self.runs = runs }

  /// Bytes alone.
  init(bytes count: Int) { self.init([Run(.bytes, length: count)]) }

  /// The same, noise being bytes like others.
  var withoutNoise: ContentPieces {
    ContentPieces(runs.map { Run($0.sort == .noise ? .bytes : $0.sort, length: $0.length) })
  }

  /// The same, images being bytes, however evenly spread, and parts of their own, unless those with the same rows are nearly
  /// all of the bytes.
  func withImages(_ images: [ImageRows.Place]) -> ContentPieces {
    var rest = images[...]
    let cut = recut { part, place in
      rest = rest.drop { $0.range.upperBound <= place.lowerBound }
      guard part.sort != .text, let image = rest.first else { return (part, place.count) }
      guard image.range.lowerBound <= place.lowerBound else {
        return (part, min(place.upperBound, image.range.lowerBound) - place.lowerBound)
      }
      let length = min(place.upperBound, image.range.upperBound) - place.lowerBound
      return (Part(sort: .bytes, rows: image.rows), length)
    }
    let found = cut.runs.compactMap { run in run.part.rows.map { (rows: $0, size: run.length) } }
    let sizes = ImageRows.sizes(of: found).filter { $0.size >= Self.leastImage }
    let hasParts = sizes.first.map { $0.size * 10 < cut.size(of: .bytes) * 9 } ?? false
    let kept = hasParts ? sizes.prefix(Self.mostImages).map(\.rows) : []
    return cut.recut { part, place in
      (part.rows.map(kept.contains) ?? true ? part : Part(sort: part.sort), place.count)
    }
  }

  /// Bytes of images with the same rows that are worth a part.
  private static let leastImage = 4096
  /// How many rows may have parts: a block has eight, of which three are text, other bytes and noise.
  private static let mostImages = 5

  /// The same, text that has been there before being bytes like others; nil where little text is left.
  ///
  /// - Parameter ranges: what has been there before, in order.
  func withoutText(in ranges: [Range<Int>]) -> ContentPieces? {
    var rest = ranges[...]
    let pieces = recut { part, place in
      guard part.sort == .text else { return (part, place.count) }
      let window = place.prefix(Self.repeatWindow)
      let repeated = Self.covered(window, by: &rest)
      let isRepeated = Double(repeated) > Self.mostRepeated * Double(window.count)
      return (isRepeated ? Part(sort: .bytes) : part, window.count)
    }
    return pieces.size(of: .text) >= Self.repeatWindow ? pieces : nil
  }

  /// The content with other parts.
  ///
  /// - Parameter next: of what is left of a run, the part of its first bytes and how many these are.
  private func recut(
    _ next: (_ part: Part, _ place: Range<Int>) -> (part: Part, length: Int)
  ) -> ContentPieces {
    var recut: [Run] = []
    var start = 0
    for run in runs {
      let end = start + run.length
      while start < end {
        let (part, length) = next(run.part, start..<end)
        Self.append(Run(part, length: length), to: &recut)
        start += length
      }
    }
    return ContentPieces(recut)
  }

  /// Bytes of text that are looked at together to tell whether they have been there before, and the share of them.
  private static let (repeatWindow, mostRepeated) = (4096, 0.75)

  /// Text first, noise last.
  var parts: [Part] {
    var parts: [Part] = []
    for run in runs where !parts.contains(run.part) { parts.append(run.part) }
    return [Sort.text, .bytes, .noise].flatMap { sort in parts.filter { $0.sort == sort } }
  }

  /// The content in pieces of the parts.
  var pieces: [Block.Piece] {
    let parts = self.parts
    return runs.map { .init(part: parts.firstIndex(of: $0.part)!, length: $0.length) }
  }

  private static func append(_ run: Run, to runs: inout [Run]) {
    if runs.last?.part == run.part {
      runs[runs.count - 1].length += run.length
    } else {
      runs.append(run)
    }
  }

  /// How much of a place is in ranges, which are in order; those before it are dropped.
  private static func covered(_ place: Range<Int>, by ranges: inout ArraySlice<Range<Int>>) -> Int {
    ranges = ranges.drop { $0.upperBound <= place.lowerBound }
    return ranges.prefix { $0.lowerBound < place.upperBound }
      .reduce(0) { $0 + $1.clamped(to: place).count }
  }

  private func size(of sort: Sort) -> Int {
    runs.reduce(0) { $0 + ($1.sort == sort ? $1.length : 0) }
  }

  /// The share of a sort's bytes that are in ranges of the content, which are in order.
  func share(of sort: Sort, in ranges: [Range<Int>]) -> Double {
    var covered = 0
    var rest = ranges[...]
    var start = 0
    for run in runs {
      let place = start..<(start + run.length)
      start = place.upperBound
      let inRanges = Self.covered(place, by: &rest)
      if run.sort == sort { covered += inRanges }
    }
    return Double(covered) / Double(max(1, size(of: sort)))
  }

  /// Bytes that are of one sort.
  private static let cell = 32
  /// Text, or what is none, of less bytes is not worth the trouble.
  private static let least = 512
  /// And of less than one in so many.
  private static let leastShare = 128

  // What is gained or lost, in tenths of a bit: by the language model for a character of text, for a byte that is none, and by
  // going on with another part.
  private static let gain = 6
  private static let loss = 40
  private static let change = 1500

  /// The sorts of all cells, text or bytes, with which most is gained together.
  private static func text(in content: [UInt8]) -> [Sort] {
    let gains = textGains(of: content)
    var best = (text: 0, bytes: 0)
    // Whether the cell before was text where this one is, and where it is not.
    var before: [(text: Bool, bytes: Bool)] = []
    before.reserveCapacity(gains.count)
    for gain in gains {
      let stays = (text: best.text >= best.bytes - change, bytes: best.bytes >= best.text - change)
      before.append((stays.text, !stays.bytes))
      best = (
        (stays.text ? best.text : best.bytes - change) + gain,
        stays.bytes ? best.bytes : best.text - change
      )
    }
    var isText = best.text > best.bytes
    return before.reversed().map { before in
      defer { isText = isText ? before.text : before.bytes }
      return isText ? Sort.text : .bytes
    }.reversed()
  }

  /// What the language model gains in every cell.
  private static func textGains(of content: [UInt8]) -> [Int] {
    var gains = [Int](repeating: 0, count: (content.count + cell - 1) / cell)
    var zeros = 0..<0
    ContentKind.visit(content) { start, length, isStrange in
      if content[start] == 0 {
        if !zeros.contains(start) {
          zeros = start..<(content[start...].firstIndex { $0 != 0 } ?? content.count)
        }
        // They cost nothing either way.
        if zeros.count >= 8 { return }
      }
      gains[start / cell] += isStrange ? -loss : gain * length
    }
    return gains
  }

  /// Bytes that are looked at to tell noise.
  private static let noiseWindow = 4096
  /// The least of noise in a row.
  private static let leastNoise = 4 * noiseWindow

  private static func markNoise(in cells: inout [Sort], of content: [UInt8]) {
    var i = 0
    while i < cells.count {
      guard cells[i] == .bytes else {
        i += 1
        continue
      }
      var end = i
      while isBytes(cells, from: end),
        ContentKind.looksRandom(content[(end * cell)..<(end * cell + noiseWindow)])
      {
        end += noiseWindow / cell
      }
      if (end - i) * cell >= leastNoise {
        for j in i..<end { cells[j] = .noise }
      }
      i = max(end, i + noiseWindow / cell)
    }
  }

  /// Whether a window of noise could begin at a cell.
  private static func isBytes(_ cells: [Sort], from start: Int) -> Bool {
    let end = start + noiseWindow / cell
    return end < cells.count && cells[start..<end].allSatisfy { $0 == .bytes }
  }
}
