/// How a deflated stream was made, as far as zlib's parameters say so.
struct DeflateParameters: Equatable {
  /// What places with a possible match have in common.
  enum Hash: Int, CaseIterable {
    /// zlib's 15 bits of three bytes.
    case three
    /// The 16 that it has with the most memory.
    case widerThree
    /// 16 bits of four bytes, as zlib-ng has them; those of the browsers are like it.
    case four

    var bits: Int { self == .three ? 15 : 16 }
    /// Bytes that it is of.
    var length: Int { self == .four ? 4 : 3 }
  }

  /// 1 to 9.
  var level: Int
  var hash = Hash.three
  /// Whether short matches are left out, as for images.
  var isFiltered = false
  /// The logarithm of the window: 9 to 15.
  var windowBits = 15

  init(level: Int, hash: Hash = .three, isFiltered: Bool = false) {
    self.level = level
    self.hash = hash
    self.isFiltered = isFiltered
  }

  private static let levels = 9

  /// From 1 on.
  var code: Int {
    let form = (15 - windowBits) * 2 + (isFiltered ? 1 : 0)
    return level + Self.levels * (hash.rawValue + Hash.allCases.count * form)
  }

  /// - Parameter code: at least 1.
  /// - Returns: nil for what is none.
  init?(code: Int) {
    let (rest, level) = (code - 1).quotientAndRemainder(dividingBy: Self.levels)
    let (form, hash) = rest.quotientAndRemainder(dividingBy: Hash.allCases.count)
    guard let hash = Hash(rawValue: hash), form < 2 * 7 else { return nil }
    self.init(level: level + 1, hash: hash, isFiltered: form & 1 == 1)
    windowBits = 15 - form / 2
  }

  /// How hard a level looks for matches.
  struct Effort {
    /// A match so long at the place before makes the search shorter.
    let good: Int
    /// A match so long at the place before is taken at once; on levels that do not look further, the longest match whose
    /// places are all remembered.
    let lazy: Int
    /// A match so long ends the search.
    let nice: Int
    /// The most places that are tried.
    let chain: Int
  }

  var effort: Effort { Self.efforts[level - 1] }

  /// Whether a match is taken only if there is no longer one at the next place.
  var isLazy: Bool { level >= 4 }

  private static let efforts = [
    (4, 4, 8, 4), (4, 5, 16, 8), (4, 6, 32, 32), (4, 4, 16, 16), (8, 16, 32, 32), (8, 16, 128, 128),
    (8, 32, 128, 256), (32, 128, 258, 1024), (32, 258, 258, 4096),
  ].map { Effort(good: $0.0, lazy: $0.1, nice: $0.2, chain: $0.3) }
}
