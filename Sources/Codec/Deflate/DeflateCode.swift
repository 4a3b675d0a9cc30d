/// The alphabets of DEFLATE (RFC 1951).
enum DeflateCode {
  static let endOfBlock = 256
  static let literalsAndLengths = 286
  static let distances = 30
  static let longestCode = 15
  static let longestLengthCode = 7

  static let matchLengths = 3...258
  static let longestDistance = 1 << 15

  /// The order in which a block has the lengths of the codes for code lengths.
  static let lengthOrder = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15]

  /// A symbol for numbers from `base` on, told apart by `extra` more bits.
  struct Symbol {
    let base: Int
    let extra: Int
  }

  /// Of the symbols from 257 on; 258 has a symbol of its own, the last.
  static let lengths: [Symbol] =
    ranges(from: 3, perExtra: 4, first: 8, count: 28) + [Symbol(base: 258, extra: 0)]
  static let distanceSymbols: [Symbol] = ranges(from: 1, perExtra: 2, first: 4, count: 30)

  /// Symbols of which the first have no more bits, and the others one more for every `perExtra` of them.
  private static func ranges(from start: Int, perExtra: Int, first: Int, count: Int) -> [Symbol] {
    var base = start
    return (0..<count).map { i in
      let extra = i < first ? 0 : (i - first) / perExtra + 1
      defer { base += 1 << extra }
      return Symbol(base: base, extra: extra)
    }
  }

  /// The index in `lengths` for every length, from 3 on.
  private static let lengthIndices: [UInt8] = matchLengths.map { length in
    UInt8(lengths.lastIndex { $0.base <= length }!)
  }
  /// The index in `distanceSymbols` for distances of 1 to 256, and for multiples of 128 of them less 1.
  private static let nearIndices: [UInt8] = (1...256).map(distanceIndex(searching:))
  private static let farIndices: [UInt8] = (0..<256).map { distanceIndex(searching: $0 << 7 + 1) }

  private static func distanceIndex(searching distance: Int) -> UInt8 {
    UInt8(distanceSymbols.lastIndex { $0.base <= distance }!)
  }

  /// - Parameter length: one of `matchLengths`.
  static func lengthIndex(_ length: Int) -> Int { Int(lengthIndices[length - 3]) }

  /// - Parameter distance: 1 to `longestDistance`.
  static func distanceIndex(_ distance: Int) -> Int {
    Int(distance <= 256 ? nearIndices[distance - 1] : farIndices[(distance - 1) >> 7])
  }
}

/// A byte, or a match: bytes that were there before.
struct DeflateToken: Equatable {
  private let bits: UInt32

  init(literal byte: UInt8) { bits = UInt32(byte) }

  /// - Parameters:
  ///   - length: one of `DeflateCode.matchLengths`.
  ///   - distance: 1 to `DeflateCode.longestDistance`.
  init(length: Int, distance: Int) { bits = UInt32(distance) << 16 | UInt32(length) }

  /// 0 for a literal.
  var distance: Int { Int(bits >> 16) }
  var isMatch: Bool { bits >= 1 << 16 }
  /// Bytes that it stands for.
  var length: Int { isMatch ? Int(bits & 0xFFFF) : 1 }
  /// Of a literal.
  var literal: UInt8 { UInt8(truncatingIfNeeded: bits) }
}
