/// The order of the suffixes of a text: where each begins, the least first; of two of which one begins the other, the shorter one
/// is less.
///
/// By induced sorting (Nong, Zhang and Chan, "Two efficient algorithms for linear time suffix array construction", 2011): those that
/// begin where values stop falling are sorted by sorting the pieces between them, and all others follow from these in two passes.
enum SuffixArray {
  /// - Parameters:
  ///   - text: values from 0 on.
  ///   - count: of the values that there may be.
  static func of(_ text: [Int32], values count: Int) -> [Int32] {
    var order = [Int32](repeating: empty, count: text.count)
    text.withUnsafeBufferPointer { text in
      order.withUnsafeMutableBufferPointer { sort(text, values: count, into: $0) }
    }
    return order
  }

  /// No suffix.
  private static let empty: Int32 = -1

  private static func sort(
    _ text: UnsafeBufferPointer<Int32>, values count: Int,
    into order: UnsafeMutableBufferPointer<Int32>
  ) {
    guard text.count > 1 else {
      order.update(repeating: 0)
      return
    }
    let sorter = Sorter(text, values: count)
    let starts = (1..<text.count).filter { sorter.isStart($0) }.map { Int32($0) }
    sorter.induce(from: starts, order)
    guard starts.count > 1 else { return }
    // Those that begin pieces, in the order of the pieces; equal pieces have the same name.
    let sorted = order.filter { $0 > 0 && sorter.isStart(Int($0)) }
    let places = sorter.places(of: starts)
    var names = [Int32](repeating: 0, count: starts.count)
    var name: Int32 = 0
    for (i, start) in sorted.enumerated() {
      if i > 0, !sorter.arePiecesEqual(Int(sorted[i - 1]), Int(start), places, starts) { name += 1 }
      names[Int(places[Int(start) / 2])] = name
    }
    guard Int(name) + 1 < starts.count else {
      // All pieces differ: what begins with them is in their order.
      return sorter.induce(from: sorted, order)
    }
    var ranks = [Int32](repeating: empty, count: starts.count)
    names.withUnsafeBufferPointer { names in
      ranks.withUnsafeMutableBufferPointer { sort(names, values: Int(name) + 1, into: $0) }
    }
    sorter.induce(from: ranks.map { starts[Int($0)] }, order)
  }

  /// A text, where its values rise and fall, and how often each occurs.
  private struct Sorter {
    let text: UnsafeBufferPointer<Int32>
    /// Whether the suffix at a place is less than the one behind it. The last one is not: behind it is the empty one.
    let rises: [Bool]
    /// Where the suffixes with a first value begin in the order, and how many of them do not rise, which come first.
    let begins: [Int32]
    let falling: [Int32]

    init(_ text: UnsafeBufferPointer<Int32>, values count: Int) {
      self.text = text
      var rises = [Bool](repeating: false, count: text.count)
      for i in (0..<(text.count - 1)).reversed() {
        rises[i] = text[i] == text[i + 1] ? rises[i + 1] : text[i] < text[i + 1]
      }
      var counts = [Int32](repeating: 0, count: count)
      var falling = counts
      for (value, rises) in zip(text, rises) {
        counts[Int(value)] += 1
        if !rises { falling[Int(value)] += 1 }
      }
      var sum: Int32 = 0
      begins = counts.map { count in
        defer { sum += count }
        return sum
      }
      self.rises = rises
      self.falling = falling
    }

    /// Whether a place, but for the first, is where values stop falling.
    func isStart(_ i: Int) -> Bool { rises[i] && !rises[i - 1] }

    /// Half of every start (no two are neighbours) to its number.
    func places(of starts: [Int32]) -> [Int32] {
      var places = [Int32](repeating: empty, count: text.count / 2 + 1)
      for (i, start) in starts.enumerated() { places[Int(start) / 2] = Int32(i) }
      return places
    }

    /// Whether what lies from two starts up to the next ones, with these, is the same.
    func arePiecesEqual(_ a: Int, _ b: Int, _ places: [Int32], _ starts: [Int32]) -> Bool {
      let (next, other) = (Int(places[a / 2]) + 1, Int(places[b / 2]) + 1)
      // The last one goes on to the end of the text, which no other does.
      guard next < starts.count, other < starts.count else { return false }
      let length = Int(starts[next]) - a
      guard Int(starts[other]) - b == length else { return false }
      return (0...length).allSatisfy { text[a + $0] == text[b + $0] }
    }

    /// Puts all suffixes in order.
    ///
    /// - Parameter starts: in their order; where they are not, they and all others will be in that of their pieces.
    func induce(from starts: [Int32], _ order: UnsafeMutableBufferPointer<Int32>) {
      order.update(repeating: empty)
      rises.withUnsafeBufferPointer { rises in
        var next = zip(begins, falling).map { $0 + $1 }
        for start in starts {
          let value = Int(text[Int(start)])
          order[Int(next[value])] = start
          next[value] += 1
        }
        // Those that do not rise, from the least on, each behind the one that follows it in the text.
        next = begins
        next.withUnsafeMutableBufferPointer { next in
          let last = text.count - 1
          order[Int(next[Int(text[last])])] = Int32(last)
          next[Int(text[last])] += 1
          for i in 0..<order.count {
            let before = Int(order[i]) - 1
            guard before >= 0, !rises[before] else { continue }
            let value = Int(text[before])
            order[Int(next[value])] = Int32(before)
            next[value] += 1
          }
        }
        // Those that rise, from the greatest on.
        next = begins.dropFirst() + [Int32(text.count)]
        next.withUnsafeMutableBufferPointer { next in
          for i in (0..<order.count).reversed() {
            let before = Int(order[i]) - 1
            guard before >= 0, rises[before] else { continue }
            let value = Int(text[before])
            next[value] -= 1
            order[Int(next[value])] = Int32(before)
          }
        }
      }
    }
  }
}
