/// What bzip2 codes of a sorted block: for every byte, how many others came since it was seen last, and runs of none.
struct Bzip2Symbols: Equatable {
  /// The bytes that occur, in order.
  let bytes: [UInt8]
  /// 0 and 1 are digits of a run, the lowest first: so many that 0 counts 1, 2, 4, …, and 1 twice that. Then come the others, less 1,
  /// and the end.
  let symbols: [UInt16]

  /// How many symbols there are; the last is the end.
  var alphabet: Int { bytes.count + 2 }

  init(of column: [UInt8]) {
    var occurs = [Bool](repeating: false, count: 256)
    for byte in column { occurs[Int(byte)] = true }
    bytes = (0..<256).filter { occurs[$0] }.map { UInt8($0) }
    var symbols: [UInt16] = []
    symbols.reserveCapacity(column.count + 1)
    var recent = bytes
    var run = 0
    recent.withUnsafeMutableBufferPointer { recent in
      for byte in column {
        if byte == recent[0] {
          run += 1
          continue
        }
        Self.append(run: run, to: &symbols)
        run = 0
        var (place, carried) = (0, recent[0])
        while carried != byte {
          place += 1
          swap(&carried, &recent[place])
        }
        recent[0] = byte
        symbols.append(UInt16(place + 1))
      }
    }
    Self.append(run: run, to: &symbols)
    symbols.append(UInt16(bytes.count + 1))
    self.symbols = symbols
  }

  private static func append(run: Int, to symbols: inout [UInt16]) {
    var rest = run
    while rest > 0 {
      symbols.append(rest & 1 == 1 ? 0 : 1)
      rest = (rest - 1) >> 1
    }
  }

  /// - Parameters:
  ///   - bytes: that occur.
  ///   - most: bytes of the column.
  ///   - next: the next symbol, of as many as there are.
  /// - Returns: nil where the column is longer.
  static func column(
    of bytes: [UInt8], atMost most: Int, next: () throws(BitInput.Exhausted) -> Int
  ) throws(BitInput.Exhausted) -> (symbols: [UInt16], column: [UInt8])? {
    var symbols: [UInt16] = []
    var column: [UInt8] = []
    var recent = bytes
    var (run, digit) = (0, 1)
    while true {
      let symbol = try next()
      symbols.append(UInt16(symbol))
      if symbol < 2 {
        run += digit << symbol
        digit <<= 1
        guard run <= most - column.count else { return nil }
        continue
      }
      column.append(contentsOf: repeatElement(recent[0], count: run))
      (run, digit) = (0, 1)
      guard symbol <= bytes.count else { return (symbols, column) }
      guard column.count < most else { return nil }
      let place = symbol - 1
      let byte = recent[place]
      for i in (0..<place).reversed() { recent[i + 1] = recent[i] }
      recent[0] = byte
      column.append(byte)
    }
  }
}
