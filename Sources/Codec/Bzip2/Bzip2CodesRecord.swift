/// The codes of a block that are not those that libbzip2 chooses.
struct Bzip2CodesRecord: Equatable {
  /// The lengths of all tables as they stand in the block, bits in bytes, the most significant first.
  var lengths: [UInt8]
  var bits: Int
  var tables: Int
  /// Selectors for which there is no group.
  var surplus: Int
  /// Groups whose table is another than the one by which they take the fewest bits, or, behind the last, the one before.
  var corrections: [Correction] = []

  struct Correction: Equatable {
    /// Groups since the last one that had its table.
    var gap: Int
    var selector: UInt8
  }

  /// Bits that lengths may take: for every symbol those from the least to the greatest.
  private static let mostBits = Bzip2Codes.mostTables * (5 + 258 * 40)

  /// - Parameters:
  ///   - codes: as they were read.
  ///   - symbols: of the block.
  ///   - lengths: bits.
  init(_ codes: Bzip2Codes, of symbols: [UInt16], lengths: HighBitOutput) {
    (self.lengths, bits) = lengths.all
    tables = codes.lengths.count
    let usual = Bzip2Codes.selectors(of: codes.lengths, for: symbols)
    surplus = codes.selectors.count - usual.count
    var gap = 0
    for (group, selector) in codes.selectors.enumerated() {
      if selector == (group < usual.count ? usual[group] : codes.selectors[group - 1]) {
        gap += 1
      } else {
        corrections.append(Correction(gap: gap, selector: selector))
        gap = 0
      }
    }
  }

  /// - Returns: nil where the block with these symbols has no such codes.
  func codes(for symbols: Bzip2Symbols) -> Bzip2Codes? {
    let padded = lengths + [UInt8](repeating: 0, count: BitInput.padding)
    let lengths = padded.withUnsafeBufferPointer { padded -> [[UInt8]]? in
      var input = HighBitInput(padded, at: 0)
      let lengths = try? Bzip2Codes.lengths(&input, tables: tables, alphabet: symbols.alphabet)
      return input.position == bits ? lengths : nil
    }
    guard let lengths else { return nil }
    var selectors = Bzip2Codes.selectors(of: lengths, for: symbols.symbols)
    guard selectors.count + surplus <= Bzip2Codes.mostSelectors else { return nil }
    let groups = selectors.count
    var corrections = corrections[...]
    var gap = corrections.first?.gap ?? .max
    for group in 0..<(groups + surplus) {
      if group >= groups { selectors.append(selectors[group - 1]) }
      if gap == 0, let correction = corrections.popFirst() {
        guard correction.selector < tables else { return nil }
        selectors[group] = correction.selector
        gap = corrections.first?.gap ?? .max
      } else {
        gap -= 1
      }
    }
    return corrections.isEmpty ? Bzip2Codes(lengths: lengths, selectors: selectors) : nil
  }

  /// As `Bzip2Codes` writes them.
  func append(_ codes: Bzip2Codes, to output: inout HighBitOutput) {
    codes.appendSelectors(to: &output)
    for (i, byte) in lengths.enumerated() where 8 * i < bits {
      let size = min(8, bits - 8 * i)
      output.append(Int(byte) >> (8 - size), size)
    }
  }

  // MARK: Bytes

  var bytes: [UInt8] {
    var bytes: [UInt8] = []
    for number in [tables, surplus, bits] { Varint.append(number, to: &bytes) }
    bytes += lengths
    Varint.append(corrections.count, to: &bytes)
    for correction in corrections {
      Varint.append(correction.gap * Bzip2Codes.mostTables + Int(correction.selector), to: &bytes)
    }
    return bytes
  }

  /// - Throws: `FormatError.corrupted`.
  init(_ reader: inout ExpansionReader) throws {
    tables = try reader.number()
    surplus = try reader.number()
    bits = try reader.number()
    guard tables >= Bzip2Codes.fewestTables, tables <= Bzip2Codes.mostTables,
      surplus <= Bzip2Codes.mostSelectors, bits <= Self.mostBits
    else { throw ExpansionReader.damaged }
    lengths = Array(try reader.bytes((bits + 7) / 8))
    for _ in 0..<(try reader.number()) {
      let (gap, selector) = try reader.number().quotientAndRemainder(
        dividingBy: Bzip2Codes.mostTables)
      corrections.append(Correction(gap: gap, selector: UInt8(selector)))
    }
  }
}
