/// Huffman's tree as libbzip2 makes it: which of several nodes of one weight is taken first decides how long codes are.
enum Bzip2Huffman {
  /// A node's weight: how often its symbols occur and, where that is the same, how deep it is.
  private struct Weight: Comparable {
    var count: Int
    var depth: Int

    static func < (a: Weight, b: Weight) -> Bool { (a.count, a.depth) < (b.count, b.depth) }
  }

  /// The depth of every symbol's leaf.
  ///
  /// - Parameter counts: at least 1 each; of two symbols or more.
  static func depths(of counts: [Int]) -> [Int] {
    var weights = counts.map { Weight(count: $0, depth: 0) }
    var parents = [Int](repeating: 0, count: 2 * counts.count - 1)
    var heap = Heap()
    for node in counts.indices { heap.insert(node, weights) }
    while heap.count > 1 {
      let (first, second) = (heap.removeFirst(weights), heap.removeFirst(weights))
      let (a, b) = (weights[first], weights[second])
      parents[first] = weights.count
      parents[second] = weights.count
      weights.append(Weight(count: a.count + b.count, depth: 1 + max(a.depth, b.depth)))
      heap.insert(weights.count - 1, weights)
    }
    // A parent comes behind its children, the root last.
    var depths = [Int](repeating: 0, count: parents.count)
    for node in (0..<(parents.count - 1)).reversed() { depths[node] = depths[parents[node]] + 1 }
    return Array(depths[..<counts.count])
  }

  /// Nodes of which the one at place i is not heavier than those at 2i + 1 and 2i + 2.
  private struct Heap {
    private var nodes: [Int] = []

    mutating func insert(_ node: Int, _ weights: [Weight]) {
      var place = nodes.count
      nodes.append(node)
      while place > 0, weights[node] < weights[nodes[(place - 1) / 2]] {
        nodes[place] = nodes[(place - 1) / 2]
        place = (place - 1) / 2
      }
      nodes[place] = node
    }

    mutating func removeFirst(_ weights: [Weight]) -> Int {
      let first = nodes[0]
      let node = nodes.removeLast()
      guard !nodes.isEmpty else { return first }
      var place = 0
      while 2 * place + 1 < nodes.count {
        var child = 2 * place + 1
        if child + 1 < nodes.count, weights[nodes[child + 1]] < weights[nodes[child]] { child += 1 }
        // What is as heavy as the node moves up.
        if weights[node] < weights[nodes[child]] { break }
        nodes[place] = nodes[child]
        place = child
      }
      nodes[place] = node
      return first
    }

    var count: Int { nodes.count }
  }
}
