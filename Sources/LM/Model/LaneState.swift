import Kernels

/// What a lane remembers of its text: keys and values of the last W positions, and the last tokens.
///
/// Belongs to one thread at a time.
public final class LaneState {
  /// One cache per layer and key/value head.
  let caches: [[AttentionCache]]
  let slots: Int
  /// Number of tokens seen.
  public internal(set) var position = 0
  /// The last two tokens, the later one first; 0 before the start.
  var recent: (UInt16, UInt16) = (0, 0)

  /// - Parameters:
  ///   - chunk: the most tokens that one `forward` call will add. 1 for a decoder.
  ///   - arena: what lanes that run side by side lie in.
  /// - Throws: `OutOfMemory`.
  public init(_ model: Model, chunk: Int = 1, in arena: Arena = Arena()) throws {
    let c = model.configuration
    let slots = c.window + chunk - 1
    caches = try (0..<c.layers).map { _ in
      try (0..<c.kvHeads).map { _ in
        try AttentionCache(slots: slots, headSize: c.headSize, in: arena)
      }
    }
    self.slots = slots
  }
}

/// Row of an n-gram table for the last `order` tokens (2 or 3): a hash modulo 2^32, the twin of
/// `ngram_rows` in pretraining/model.py.
func ngramRow(_ token: UInt16, after recent: (UInt16, UInt16), order: Int, rows: Int) -> Int {
  var h = UInt32(recent.0)
  if order == 3 { h = UInt32(recent.1) &* 0x9E37_79B1 &+ h }
  h = h &* 0x85EB_CA6B &+ UInt32(token)
  h = (h ^ (h >> 15)) &* 0x2C1B_3C6D
  return Int(h >> 8) % rows
}
