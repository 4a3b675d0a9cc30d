import Kernels

/// Says which token zlib would write next, whatever was written before.
///
/// zlib's search is followed to the letter: chains of places with the same hash, the latest first, of limited length. Places are
/// counted from the start of `window`; 0, where a stream begins, is never found.
struct TokenPredictor {
  let parameters: DeflateParameters
  private let effort: DeflateParameters.Effort
  /// Bytes of a hash.
  private let hashed: Int
  private let headMemory: Buffer<Int32>
  private let chainMemory: Buffer<Int32>
  /// The latest place with a hash; 0 for none.
  private let heads: UnsafeMutablePointer<Int32>
  /// The place with the same hash before a place, by its lowest bits.
  private let chains: UnsafeMutablePointer<Int32>
  /// Where the next token begins.
  private(set) var position = 0
  /// The first place that is not in the chains yet, on lazy levels.
  private var inserted = 0
  /// What was found for `position` before it was reached.
  private var carried: Match?
  private var ahead: (place: Int, match: Match)?
  /// Places that were tried, and bytes that were compared there.
  private(set) var work = 0

  private struct Match {
    var length: Int
    var start: Int
  }

  private static let shortest = 3
  private static let longest = 258
  /// zlib's search wants so many bytes ahead, which shortens the window.
  private static let lookahead = longest + shortest + 1
  /// A match of three bytes farther away is not worth it.
  private static let tooFar = 4096
  /// Nor one of so many where those are left out.
  private static let longestFiltered = 5

  init(_ parameters: DeflateParameters) {
    self.parameters = parameters
    effort = parameters.effort
    hashed = parameters.hash.length
    headMemory = Buffer(count: 1 << parameters.hash.bits)
    chainMemory = Buffer(count: 1 << parameters.windowBits)
    heads = headMemory.unchecked
    chains = chainMemory.unchecked
  }

  private var windowSize: Int { 1 << parameters.windowBits }
  private var farthest: Int { windowSize - Self.lookahead }

  /// Forgets the first `count` bytes of the window, a multiple of its size.
  mutating func drop(_ count: Int) {
    guard count > 0 else { return }
    for buffer in [headMemory, chainMemory] {
      let places = buffer.unchecked
      for i in 0..<buffer.count { places[i] = max(0, places[i] - Int32(count)) }
    }
    position -= count
    inserted -= count
    ahead = nil
    if let match = carried { carried = Match(length: match.length, start: match.start - count) }
  }

  /// The token at `position`.
  mutating func next(in window: UnsafeBufferPointer<UInt8>) -> DeflateToken {
    ahead = nil
    let match =
      parameters.isLazy
      ? carried ?? search(position, window, longerThan: 2) : search(position, window, longerThan: 2)
    if match.length < Self.shortest { return DeflateToken(literal: window[position]) }
    if parameters.isLazy, match.length < effort.lazy {
      let later = search(position + 1, window, longerThan: match.length)
      if later.length > match.length {
        ahead = (position + 1, later)
        return DeflateToken(literal: window[position])
      }
    }
    return DeflateToken(length: match.length, distance: position - match.start)
  }

  /// The least distance, at `position`, of a match of this length; nil where the chain has none.
  mutating func leastDistance(
    of length: Int, in window: UnsafeBufferPointer<UInt8>
  ) -> Int? {
    guard position + max(length, hashed) <= window.count else { return nil }
    var candidate = Int(heads[hash(position, window)])
    // It may have been looked ahead already.
    if candidate == position { candidate = Int(chains[position & (windowSize - 1)]) }
    let limit = max(0, position - windowSize)
    let start = window.baseAddress!
    var chain = Self.longestChain
    while candidate > limit, chain > 0 {
      let count = Self.commonBytes(start + candidate, start + position, atMost: length)
      work += 1 + count
      if count == length { return position - candidate }
      candidate = Int(chains[candidate & (windowSize - 1)])
      chain -= 1
    }
    return nil
  }

  /// How many bytes are the same at two places; both have `most`, the first `count` of them the same.
  @inline(__always)
  private static func commonBytes(
    _ a: UnsafePointer<UInt8>, _ b: UnsafePointer<UInt8>, from count: Int = 0, atMost most: Int
  ) -> Int {
    var count = count
    while count + 8 <= most {
      let (x, y) = (UnsafeRawPointer(a + count), UnsafeRawPointer(b + count))
      let difference = x.loadUnaligned(as: UInt64.self) ^ y.loadUnaligned(as: UInt64.self)
      if difference != 0 { return count + difference.littleEndian.trailingZeroBitCount / 8 }
      count += 8
    }
    while count < most && a[count] == b[count] { count += 1 }
    return count
  }

  /// Places that are tried for a match of known length.
  private static let longestChain = 4096

  /// Goes on behind a token.
  mutating func advance(_ token: DeflateToken, in window: UnsafeBufferPointer<UInt8>) {
    if parameters.isLazy {
      carried = !token.isMatch && ahead?.place == position + 1 ? ahead?.match : nil
    } else {
      let end = position + token.length
      if position + hashed <= window.count { insert(position, window) }
      if token.isMatch && token.length <= effort.lazy && end + hashed <= window.count {
        for place in (position + 1)..<end { insert(place, window) }
      }
    }
    position += token.length
  }

  /// Goes on behind bytes that are no tokens.
  mutating func skip(_ count: Int, in window: UnsafeBufferPointer<UInt8>) {
    let end = position + count
    let first = parameters.isLazy ? inserted : position
    if first < end {
      for place in first..<end where place + hashed <= window.count { insert(place, window) }
    }
    inserted = max(inserted, end)
    carried = nil
    position = end
  }

  /// - Parameter place: with `hashed` bytes.
  @inline(__always)
  private func hash(_ place: Int, _ window: UnsafeBufferPointer<UInt8>) -> Int {
    let start = UnsafeRawPointer(window.baseAddress! + place)
    if parameters.hash == .four {
      let bytes = start.loadUnaligned(as: UInt32.self).littleEndian
      return Int((bytes &* 2_654_435_761) >> 16)
    }
    let bits = parameters.hash.bits
    let shift = (bits + 2) / 3
    let (a, b, c) = (Int(window[place]), Int(window[place + 1]), Int(window[place + 2]))
    return (a << (2 * shift) ^ b << shift ^ c) & (1 << bits - 1)
  }

  @inline(__always)
  private func insert(_ place: Int, _ window: UnsafeBufferPointer<UInt8>) {
    let head = heads + hash(place, window)
    chains[place & (windowSize - 1)] = head.pointee
    head.pointee = Int32(place)
  }

  private func isTooLittle(_ match: Match, at place: Int) -> Bool {
    parameters.isFiltered && match.length <= Self.longestFiltered
      || match.length == Self.shortest && place - match.start > Self.tooFar
  }

  /// The longest match that zlib finds at a place, if there is one longer than `length`; else one that is not longer.
  private mutating func search(
    _ place: Int, _ window: UnsafeBufferPointer<UInt8>, longerThan length: Int
  ) -> Match {
    var best = Match(length: 2, start: 0)
    let left = window.count - place
    guard left >= hashed else { return best }
    if parameters.isLazy {
      while inserted < place {
        insert(inserted, window)
        inserted += 1
      }
    }
    var candidate = Int(heads[hash(place, window)])
    guard candidate > 0, place - candidate <= farthest, left > length else { return best }
    var bestLength = length
    var chain = length >= effort.good ? effort.chain >> 2 : effort.chain
    let most = min(Self.longest, left)
    let nice = min(effort.nice, left)
    let limit = max(0, place - farthest)
    let start = window.baseAddress! + place
    repeat {
      work += 1
      let other = window.baseAddress! + candidate
      if other[bestLength] == start[bestLength], other[bestLength - 1] == start[bestLength - 1],
        other[0] == start[0], other[1] == start[1]
      {
        let count = Self.commonBytes(other, start, from: 2, atMost: most)
        work += count
        if count > bestLength {
          bestLength = count
          best = Match(length: count, start: candidate)
          if count >= nice { break }
        }
      }
      candidate = Int(chains[candidate & (windowSize - 1)])
      chain -= 1
    } while candidate > limit && chain > 0
    if parameters.isLazy, isTooLittle(best, at: place) { best.length = 2 }
    return best
  }
}
