/// The codes of a block: several tables, one of which is selected for every fifty symbols.
struct Bzip2Codes: Equatable {
  /// Bits of every symbol's code, by table.
  var lengths: [[UInt8]]
  /// The table of every group of symbols.
  var selectors: [UInt8]

  /// Symbols of a group.
  static let group = 50
  static let mostSelectors = 1 << 15 - 1
  /// As many as the format has.
  static let (fewestTables, mostTables) = (2, 6)
  static let longestCode = 20
  /// Bits of the longest one that libbzip2 makes.
  private static let longestMade = 17

  init(lengths: [[UInt8]], selectors: [UInt8]) {
    self.lengths = lengths
    self.selectors = selectors
  }

  // MARK: libbzip2's choice

  /// How often it is chosen anew which table a group takes.
  private static let passes = 4
  /// What a code is taken to be long before there are any, for symbols that a table is meant for and others.
  private static let (near, far) = (UInt8(0), UInt8(15))

  /// Those that libbzip2 chooses.
  init(for content: Bzip2Symbols) {
    let symbols = content.symbols
    var counts = [Int](repeating: 0, count: content.alphabet)
    for symbol in symbols { counts[Int(symbol)] += 1 }
    var lengths = Self.ranges(of: counts, among: Self.tables(for: symbols.count)).map { range in
      counts.indices.map { range.contains($0) ? Self.near : Self.far }
    }
    var selectors: [UInt8] = []
    for _ in 0..<Self.passes {
      selectors = Self.selectors(of: lengths, for: symbols)
      var counts = lengths.map { [Int](repeating: 0, count: $0.count) }
      for (i, symbol) in symbols.enumerated() {
        counts[Int(selectors[i / Self.group])][Int(symbol)] += 1
      }
      lengths = counts.map { Self.lengths(for: $0) }
    }
    self.init(lengths: lengths, selectors: selectors)
  }

  /// The table by which each group takes the fewest bits, the first of several.
  static func selectors(of lengths: [[UInt8]], for symbols: [UInt16]) -> [UInt8] {
    symbols.withUnsafeBufferPointer { symbols in
      stride(from: 0, to: symbols.count, by: group).map { start in
        let group = UnsafeBufferPointer(rebasing: symbols[start...].prefix(group))
        var (best, least) = (0, Int.max)
        for (table, lengths) in lengths.enumerated() {
          let cost = lengths.withUnsafeBufferPointer { lengths in
            group.reduce(0) { $0 + Int(lengths[Int($1)]) }
          }
          if cost < least { (best, least) = (table, cost) }
        }
        return UInt8(best)
      }
    }
  }

  private static func tables(for symbols: Int) -> Int {
    [200, 600, 1200, 2400].count { symbols >= $0 } + fewestTables
  }

  /// The symbols that each table is meant for at first: neighbours that occur about equally often together.
  private static func ranges(of counts: [Int], among tables: Int) -> [Range<Int>] {
    var ranges: [Range<Int>] = []
    var start = 0
    var left = counts.reduce(0, +)
    for table in (1...tables).reversed() {
      let share = left / table
      var (end, sum) = (start, 0)
      while sum < share, end < counts.count {
        sum += counts[end]
        end += 1
      }
      // Every second one of those between the first and the last stops before its share is full.
      if end > start + 1, table < tables, table > 1, (tables - table) & 1 == 1 {
        end -= 1
        sum -= counts[end]
      }
      ranges.insert(start..<end, at: 0)
      start = end
      left -= sum
    }
    return ranges
  }

  /// Lengths of a Huffman code. Where one would be too long, all counts are halved, about, before they make another.
  private static func lengths(for counts: [Int]) -> [UInt8] {
    var counts = counts.map { max(1, $0) }
    while true {
      let lengths = Bzip2Huffman.depths(of: counts)
      if lengths.max() ?? 0 <= longestMade { return lengths.map { UInt8($0) } }
      counts = counts.map { $0 / 2 + 1 }
    }
  }

  // MARK: Bits

  func append(to output: inout HighBitOutput) {
    appendSelectors(to: &output)
    for lengths in lengths {
      var current = lengths[0]
      output.append(Int(current), 5)
      for length in lengths {
        while current != length {
          output.append(current < length ? 2 : 3, 2)
          if current < length { current += 1 } else { current -= 1 }
        }
        output.append(0, 1)
      }
    }
  }

  /// How many tables there are, and the selectors.
  func appendSelectors(to output: inout HighBitOutput) {
    output.append(lengths.count, 3)
    output.append(selectors.count, 15)
    var recent = lengths.indices.map { UInt8($0) }
    for selector in selectors {
      let place = recent.firstIndex(of: selector) ?? 0
      recent.remove(at: place)
      recent.insert(selector, at: 0)
      output.append((1 << place - 1) << 1, place + 1)
    }
  }

  /// - Parameter alphabet: how many symbols there are.
  /// - Returns: also where the lengths begin, in bits; nil where there are no codes.
  static func read(
    _ input: inout HighBitInput, alphabet: Int
  ) throws(BitInput.Exhausted) -> (codes: Bzip2Codes, lengthsAt: Int)? {
    let tables = try input.number(3)
    guard tables >= fewestTables, tables <= mostTables else { return nil }
    var selectors: [UInt8] = []
    var recent = (0..<tables).map { UInt8($0) }
    for _ in 0..<(try input.number(15)) {
      var place = 0
      while try input.number(1) == 1 {
        place += 1
        guard place < tables else { return nil }
      }
      let selector = recent.remove(at: place)
      recent.insert(selector, at: 0)
      selectors.append(selector)
    }
    let start = input.position
    guard let lengths = try lengths(&input, tables: tables, alphabet: alphabet) else { return nil }
    return (Bzip2Codes(lengths: lengths, selectors: selectors), start)
  }

  static func lengths(
    _ input: inout HighBitInput, tables: Int, alphabet: Int
  ) throws(BitInput.Exhausted) -> [[UInt8]]? {
    var lengths: [[UInt8]] = []
    for _ in 0..<tables {
      var current = try input.number(5)
      var table: [UInt8] = []
      for _ in 0..<alphabet {
        while true {
          guard current >= 1, current <= longestCode else { return nil }
          guard try input.number(1) == 1 else { break }
          current += try input.number(1) == 0 ? 1 : -1
        }
        table.append(UInt8(current))
      }
      lengths.append(table)
    }
    return lengths
  }

  /// The code of every symbol, by table.
  var codes: [[Int]] {
    lengths.map { lengths in
      var codes = [Int](repeating: 0, count: lengths.count)
      var code = 0
      for length in 1...UInt8(Self.longestCode) {
        for (symbol, other) in lengths.enumerated() where other == length {
          codes[symbol] = code
          code += 1
        }
        code <<= 1
      }
      return codes
    }
  }
}
