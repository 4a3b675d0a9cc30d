/// Lengths of codes for symbols by how often they occur, as zlib makes them: by a heap, ties broken by the depth below, and
/// where codes would be too long, by lengthening others.
struct HuffmanLengths {
  /// For every symbol; 0 where it does not occur.
  private(set) var lengths: [UInt8]
  /// The last symbol that has a code.
  private(set) var last: Int

  /// - Parameters:
  ///   - counts: of every symbol.
  ///   - longest: bits of a code.
  init(_ counts: [Int], longest: Int) {
    let symbols = counts.count
    var heap = Heap(counts)
    last = counts.lastIndex { $0 > 0 } ?? -1
    // Two codes there are at least.
    while heap.count < 2 {
      let symbol = last < 2 ? last + 1 : 0
      last = max(last, symbol)
      heap.force(symbol)
    }
    heap.order()
    // Nodes in the order in which they are taken, the rarest first; their parents.
    var taken: [Int] = []
    var parents = [Int](repeating: 0, count: 2 * symbols)
    while heap.count > 1 {
      let first = heap.takeLeast()
      let second = heap.least
      taken += [first, second]
      let node = heap.joinLeast(with: first)
      parents[first] = node
      parents[second] = node
    }
    // From the root down.
    var depths = [Int](repeating: 0, count: 2 * symbols)
    var ofLength = [Int](repeating: 0, count: longest + 1)
    var tooLong = 0
    for node in taken.reversed() {
      depths[node] = min(depths[parents[node]] + 1, longest)
      if depths[parents[node]] + 1 > longest { tooLong += 1 }
      if node < symbols { ofLength[depths[node]] += 1 }
    }
    lengths = depths[..<symbols].map { UInt8($0) }
    guard tooLong > 0 else { return }
    while tooLong > 0 {
      var length = longest - 1
      while ofLength[length] == 0 { length -= 1 }
      ofLength[length] -= 1
      ofLength[length + 1] += 2
      ofLength[longest] -= 1
      tooLong -= 2
    }
    var leaves = taken.filter { $0 < symbols }[...]
    for length in stride(from: longest, to: 0, by: -1) {
      for leaf in leaves.prefix(ofLength[length]) { lengths[leaf] = UInt8(length) }
      leaves = leaves.dropFirst(ofLength[length])
    }
  }

  /// Nodes, the rarest on top: symbols, and behind their numbers nodes that join two.
  private struct Heap {
    private var nodes: [Int]
    private var counts: [Int]
    private var depths: [Int]
    private var next: Int

    init(_ counts: [Int]) {
      nodes = counts.indices.filter { counts[$0] > 0 }
      self.counts = counts + [Int](repeating: 0, count: counts.count)
      depths = [Int](repeating: 0, count: 2 * counts.count)
      next = counts.count
    }

    var count: Int { nodes.count }
    var least: Int { nodes[0] }

    /// Adds a symbol that does not occur.
    mutating func force(_ symbol: Int) {
      counts[symbol] = 1
      nodes.append(symbol)
    }

    mutating func order() {
      for i in stride(from: nodes.count / 2, to: 0, by: -1) { sink(i) }
    }

    mutating func takeLeast() -> Int {
      let node = nodes[0]
      nodes[0] = nodes[nodes.count - 1]
      nodes.removeLast()
      sink(1)
      return node
    }

    /// Puts a new node in the place of the rarest.
    mutating func joinLeast(with other: Int) -> Int {
      let node = next
      next += 1
      counts[node] = counts[other] + counts[least]
      depths[node] = max(depths[other], depths[least]) + 1
      nodes[0] = node
      sink(1)
      return node
    }

    private func isLess(_ a: Int, _ b: Int) -> Bool {
      counts[a] < counts[b] || counts[a] == counts[b] && depths[a] <= depths[b]
    }

    /// - Parameter start: a place, from 1.
    private mutating func sink(_ start: Int) {
      guard start <= nodes.count else { return }
      let node = nodes[start - 1]
      var place = start
      while 2 * place <= nodes.count {
        var child = 2 * place
        if child < nodes.count && isLess(nodes[child], nodes[child - 1]) { child += 1 }
        if isLess(node, nodes[child - 1]) { break }
        nodes[place - 1] = nodes[child - 1]
        place = child
      }
      nodes[place - 1] = node
    }
  }
}
