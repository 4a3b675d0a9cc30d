/// Encodes bytes into tokens by byte-level BPE (Sennrich et al., 2016): within each piece, the pair with
/// the lowest rank is merged, leftmost first, until no pair can be merged.
public struct BytePairEncoder {
  private let table: MergeTable
  // The piece as a linked list of tokens, and a heap of the pairs that can be merged.
  private var tokens: [UInt16] = []
  private var previous: [Int32] = []
  private var next: [Int32] = []
  private var heap: [Candidate] = []

  private struct Candidate {
    /// Rank, then position: the order of merging.
    let key: UInt64
    let left: UInt16, right: UInt16
    let merged: UInt16
    var position: Int { Int(key & 0xFFFF_FFFF) }
  }

  /// Pieces are cut at this length, which bounds memory and is far beyond any word.
  static let longestPiece = 1 << 16

  public init(_ table: MergeTable) { self.table = table }

  /// The tokens of `bytes`; their bytes joined are `bytes` again, whatever they are.
  public mutating func encode(_ bytes: ArraySlice<UInt8>) -> [UInt16] {
    var out: [UInt16] = []
    out.reserveCapacity(bytes.count / 2)
    var start = bytes.startIndex
    while start < bytes.endIndex {
      let end = min(PreTokenizer.end(of: bytes, from: start), start + Self.longestPiece)
      encodePiece(bytes[start..<end], into: &out)
      start = end
    }
    return out
  }

  private mutating func encodePiece(_ piece: ArraySlice<UInt8>, into out: inout [UInt16]) {
    let count = piece.count
    tokens.removeAll(keepingCapacity: true)
    for byte in piece { tokens.append(table.byteTokens[Int(byte)]) }
    if count == 1 {
      out.append(tokens[0])
      return
    }
    previous = (0..<Int32(count)).map { $0 - 1 }
    next = (1...Int32(count)).map { $0 }
    heap.removeAll(keepingCapacity: true)
    for i in 0..<(count - 1) { offer(i, i + 1) }
    while let best = pop() {
      let i = best.position
      let j = Int(next[i])
      // A candidate is stale where either side has been merged meanwhile.
      guard tokens[i] == best.left, j < count, tokens[j] == best.right, previous[j] == Int32(i)
      else { continue }
      tokens[i] = best.merged
      next[i] = next[j]
      previous[j] = -2
      next[j] = Int32(count)
      if Int(next[i]) < count { previous[Int(next[i])] = Int32(i) }
      if previous[i] >= 0 { offer(Int(previous[i]), i) }
      if Int(next[i]) < count { offer(i, Int(next[i])) }
    }
    var i = 0
    while i < count {
      out.append(tokens[i])
      i = Int(next[i])
    }
  }

  private mutating func offer(_ i: Int, _ j: Int) {
    guard let merge = table.merge(tokens[i], tokens[j]) else { return }
    push(
      Candidate(
        key: UInt64(merge.rank) << 32 | UInt64(i), left: tokens[i], right: tokens[j],
        merged: merge.token))
  }

  // A binary heap with the smallest key on top.

  private mutating func push(_ candidate: Candidate) {
    heap.append(candidate)
    var i = heap.count - 1
    while i > 0 {
      let parent = (i - 1) / 2
      guard heap[i].key < heap[parent].key else { break }
      heap.swapAt(i, parent)
      i = parent
    }
  }

  private mutating func pop() -> Candidate? {
    guard let top = heap.first else { return nil }
    let last = heap.removeLast()
    guard !heap.isEmpty else { return top }
    heap[0] = last
    var i = 0
    while true {
      var child = 2 * i + 1
      guard child < heap.count else { break }
      if child + 1 < heap.count && heap[child + 1].key < heap[child].key { child += 1 }
      guard heap[child].key < heap[i].key else { break }
      heap.swapAt(i, child)
      i = child
    }
    return top
  }
}
