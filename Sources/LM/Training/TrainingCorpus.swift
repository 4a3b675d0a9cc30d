/// Tokens to train on or to measure with: documents, each preceded by the token of byte 0, as a coder's
/// lane is at its start.
package struct TrainingCorpus: Sendable {
  package let tokens: [UInt16]
  /// Where each document begins in `tokens`, and the end of the last.
  package let starts: [Int]
  /// Bytes of the documents, without the bytes 0.
  package let bytes: Int

  package init(_ documents: [[UInt8]], merges: MergeTable) {
    var encoder = BytePairEncoder(merges)
    var tokens: [UInt16] = []
    var starts = [0]
    let separator = merges.byteTokens[0]
    for document in documents where !document.isEmpty {
      tokens.append(separator)
      tokens += encoder.encode(document[...])
      starts.append(tokens.count)
    }
    self.tokens = tokens
    self.starts = starts
    bytes = documents.reduce(0) { $0 + $1.count }
  }

  /// Windows that were cut already, each as a document of its own. How many bytes they stand for is not
  /// known: bits per byte of such a corpus are bits per token.
  package init(_ windows: TrainingBatch) {
    tokens = windows.sequences.flatMap { $0 }
    var starts = [0]
    for window in windows.sequences { starts.append(starts[starts.count - 1] + window.count) }
    self.starts = starts
    bytes = windows.rows
  }

  package var documents: Int { starts.count - 1 }
  /// Tokens that are predicted.
  package var predicted: Int { tokens.count - documents }

  /// FNV-1a over the tokens (Fowler, Noll and Vo, 1991).
  var fingerprint: UInt64 {
    tokens.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
  }

  /// Windows that predict every token once, each at most `length`; they share their edge tokens.
  ///
  /// - Parameter offset: what the first window of a document longer than `length` has, at most
  ///   `length`; 0 stands for `length`.
  package func windows(length: Int, offset: (_ document: Int) -> Int = { _ in 0 }) -> [Range<Int>] {
    var windows: [Range<Int>] = []
    for i in 0..<documents {
      let end = starts[i + 1] - 1
      var at = starts[i]
      var size = end - at > length ? offset(i) : 0
      if size == 0 { size = length }
      while at < end {
        let next = min(end, at + size)
        windows.append(at..<(next + 1))
        at = next
        size = length
      }
    }
    return windows
  }

  package func batch(_ windows: some Sequence<Range<Int>>) -> TrainingBatch {
    TrainingBatch(windows.map { tokens[$0] })
  }
}

/// The order in which training sees the windows of a corpus: every epoch cuts the documents elsewhere
/// and shuffles anew, as a function of the seed and of how many windows were seen.
package struct WindowOrder: Sendable {
  private let corpus: TrainingCorpus
  private let length: Int
  private let seed: UInt64
  private var windows: [Range<Int>] = []
  /// How many windows were given out.
  package private(set) var seen = 0
  private var next = 0
  package private(set) var epoch = 0

  /// - Parameter seen: windows to pass over, as an earlier run did.
  package init(_ corpus: TrainingCorpus, length: Int, seed: UInt64, seen: Int = 0) {
    self.corpus = corpus
    self.length = length
    self.seed = seed
    begin(epoch: 0)
    while self.seen < seen { _ = take() }
  }

  private mutating func begin(epoch: Int) {
    self.epoch = epoch
    var generator = SeededGenerator(seed: seed &+ UInt64(epoch) &* 0x1000_0001)
    windows = corpus.windows(length: length) { _ in Int.random(in: 0..<length, using: &generator) }
    windows.shuffle(using: &generator)
    next = 0
  }

  private mutating func take() -> Range<Int> {
    if next == windows.count { begin(epoch: epoch + 1) }
    next += 1
    seen += 1
    return windows[next - 1]
  }

  /// Windows of at least `tokens` predicted tokens together.
  package mutating func take(tokens: Int) -> [Range<Int>] {
    var taken: [Range<Int>] = []
    var count = 0
    while count < tokens {
      let window = take()
      taken.append(window)
      count += window.count - 1
    }
    return taken
  }
}
