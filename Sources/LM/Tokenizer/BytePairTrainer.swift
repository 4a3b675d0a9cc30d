/// Learns a vocabulary from text by byte-level BPE (Sennrich et al., 2016): the two neighbouring tokens that
/// come most often become one, again and again.
///
/// The counterpart of pretraining/tokenizer.py, with the same pieces and the same longest token.
package struct BytePairTrainer {
  // The distinct pieces, one after the other, as linked lists of tokens.
  private var tokens: [Int32] = []
  private var previous: [Int32] = []
  private var next: [Int32] = []
  /// How often the piece of each position comes.
  private var weights: [Int32] = []

  private var pairs: [UInt64: Int32] = [:]
  private var counts: [Int] = []
  private var keys: [UInt64] = []
  /// Where the left token of each pair stands or stood.
  private var positions: [[Int32]] = []
  private var heap = Heap()

  /// Bytes of each token, in the order in which they were made.
  private var vocabulary: [[UInt8]] = (0...255).map { [$0] }

  /// Bytes of the longest token.
  static let longestToken = 24
  private static let none: Int32 = -1

  /// - Parameter documents: text to learn from.
  package init(_ documents: [[UInt8]]) {
    var pieces: [ArraySlice<UInt8>: Int32] = [:]
    for document in documents {
      let bytes = document[...]
      var start = bytes.startIndex
      while start < bytes.endIndex {
        let end = min(
          PreTokenizer.end(of: bytes, from: start), start + BytePairEncoder.longestPiece)
        if end - start > 1 { pieces[bytes[start..<end], default: 0] += 1 }
        start = end
      }
    }
    // Dictionaries have no order of their own.
    for (piece, count) in pieces.sorted(by: { $0.key.lexicographicallyPrecedes($1.key) }) {
      add(piece, count)
    }
    for pair in counts.indices { heap.push(counts[pair], keys[pair], Int32(pair)) }
  }

  private mutating func add(_ piece: ArraySlice<UInt8>, _ count: Int32) {
    let first = Int32(tokens.count)
    for (i, byte) in piece.enumerated() {
      let at = first + Int32(i)
      tokens.append(Int32(byte))
      previous.append(i == 0 ? Self.none : at - 1)
      next.append(i == piece.count - 1 ? Self.none : at + 1)
      weights.append(count)
    }
    for at in first..<(first + Int32(piece.count) - 1) { _ = change(at, by: Int(count)) }
  }

  /// Counts the pair that begins at `at`; where it comes anew its place is noted.
  ///
  /// - Returns: the pair.
  private mutating func change(_ at: Int32, by count: Int) -> Int32 {
    let key = UInt64(tokens[Int(at)]) << 32 | UInt64(tokens[Int(next[Int(at)])])
    let pair: Int32
    if let known = pairs[key] {
      pair = known
    } else {
      pair = Int32(counts.count)
      pairs[key] = pair
      counts.append(0)
      keys.append(key)
      positions.append([])
    }
    counts[Int(pair)] += count
    if count > 0 { positions[Int(pair)].append(at) }
    return pair
  }

  /// Makes tokens until there are `size`, or until no pair comes twice.
  ///
  /// - Throws: `ModelFileError` where more than 65,536 are asked for.
  package consuming func train(vocabulary size: Int) throws(ModelFileError) -> Tokenizer {
    guard (257...65536).contains(size) else { throw .unsupported("a vocabulary of \(size)") }
    var known = Set(vocabulary)
    var merges: [(Int32, Int32)] = []
    while vocabulary.count < size, let (count, pair) = heap.pop() {
      guard count == counts[Int(pair)] else {
        // It has become rarer since.
        heap.push(counts[Int(pair)], keys[Int(pair)], pair)
        continue
      }
      guard count > 1 else { break }
      let (left, right) = (Int32(keys[Int(pair)] >> 32), Int32(keys[Int(pair)] & 0xFFFF_FFFF))
      let bytes = vocabulary[Int(left)] + vocabulary[Int(right)]
      // Every token is made by one merge only.
      guard bytes.count <= Self.longestToken, known.insert(bytes).inserted else { continue }
      merges.append((left, right))
      vocabulary.append(bytes)
      merge(pair, left, right, into: Int32(vocabulary.count - 1))
    }
    return try tokenizer(merges)
  }

  private mutating func merge(_ pair: Int32, _ left: Int32, _ right: Int32, into token: Int32) {
    var touched: Set<Int32> = []
    let places = positions[Int(pair)].sorted()
    positions[Int(pair)] = []
    for at in places {
      let after = next[Int(at)]
      guard tokens[Int(at)] == left, after != Self.none, tokens[Int(after)] == right else {
        continue
      }
      let weight = Int(weights[Int(at)])
      let (before, beyond) = (previous[Int(at)], next[Int(after)])
      counts[Int(pair)] -= weight
      if before != Self.none { _ = change(before, by: -weight) }
      if beyond != Self.none { _ = change(after, by: -weight) }
      tokens[Int(at)] = token
      tokens[Int(after)] = Self.none
      next[Int(at)] = beyond
      if beyond != Self.none {
        previous[Int(beyond)] = at
        touched.insert(change(at, by: weight))
      }
      if before != Self.none { touched.insert(change(before, by: weight)) }
    }
    for pair in touched { heap.push(counts[Int(pair)], keys[Int(pair)], pair) }
  }

  /// Tokens sorted by their bytes, merges by rank.
  private func tokenizer(_ merges: [(Int32, Int32)]) throws(ModelFileError) -> Tokenizer {
    let order = vocabulary.indices.sorted {
      vocabulary[$0].lexicographicallyPrecedes(vocabulary[$1])
    }
    var ranks = [UInt16](repeating: 0, count: vocabulary.count)
    for (rank, token) in order.enumerated() { ranks[token] = UInt16(rank) }
    return try Tokenizer(
      vocabulary: Vocabulary(order.map { vocabulary[$0] }),
      pairs: merges.map { (ranks[Int($0)], ranks[Int($1)]) })
  }
}

/// The most frequent pair first; of equally frequent ones the one with the lower tokens.
private struct Heap {
  private typealias Entry = (count: Int, key: UInt64, pair: Int32)
  private var entries: [Entry] = []

  private static func precedes(_ a: Entry, _ b: Entry) -> Bool {
    a.count > b.count || (a.count == b.count && a.key < b.key)
  }

  mutating func push(_ count: Int, _ key: UInt64, _ pair: Int32) {
    entries.append((count, key, pair))
    var i = entries.count - 1
    while i > 0 && Self.precedes(entries[i], entries[(i - 1) / 2]) {
      entries.swapAt(i, (i - 1) / 2)
      i = (i - 1) / 2
    }
  }

  mutating func pop() -> (count: Int, pair: Int32)? {
    guard let top = entries.first, let last = entries.popLast() else { return nil }
    if !entries.isEmpty {
      entries[0] = last
      var i = 0
      while true {
        var child = 2 * i + 1
        guard child < entries.count else { break }
        if child + 1 < entries.count && Self.precedes(entries[child + 1], entries[child]) {
          child += 1
        }
        guard Self.precedes(entries[child], entries[i]) else { break }
        entries.swapAt(i, child)
        i = child
      }
    }
    return (top.count, top.pair)
  }
}
