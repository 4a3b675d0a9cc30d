/// Reads symbols by their codes.
struct Bzip2CodeReader {
  /// The symbols in the order of their codes, and by length of the code: the first code and how many there are before it in that order.
  private let symbols: [UInt16]
  private let firsts: [Int]
  private let starts: [Int]

  init(_ lengths: [UInt8]) {
    var (symbols, firsts, starts) = ([UInt16](), [0], [0])
    var code = 0
    for length in 1...UInt8(Bzip2Codes.longestCode) {
      code <<= 1
      firsts.append(code)
      starts.append(symbols.count)
      for (symbol, other) in lengths.enumerated() where other == length {
        symbols.append(UInt16(symbol))
        code += 1
      }
    }
    starts.append(symbols.count)
    (self.symbols, self.firsts, self.starts) = (symbols, firsts, starts)
  }

  /// - Returns: nil where no symbol has the code.
  func next(_ input: inout HighBitInput) throws(BitInput.Exhausted) -> Int? {
    var code = 0
    for length in 1...Bzip2Codes.longestCode {
      code = code << 1 | (try input.number(1))
      let place = starts[length] + code - firsts[length]
      if code >= firsts[length], place < starts[length + 1] { return Int(symbols[place]) }
    }
    return nil
  }
}
