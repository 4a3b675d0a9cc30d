/// Bytes that probably come next, offered together: one decision then stands for all of them. Blocks of
/// bytes only. Which run is offered follows from what both sides know.
struct Runs {
  /// Where the run that was offered last is a copy from, and how long it is.
  private struct Offer {
    var start = 0
    var count = 0
    /// Entry in `chances`.
    var chance = 0
    var isAbove = false
    /// For how many bytes the match is not offered again if it is refused.
    var patience = 0
  }

  /// Whether the block's lines have mostly been there before. A match is then offered to the end of its
  /// line, and at the beginning of a line also what stands above.
  var repeatsLines = false

  private let chances = AdaptiveMap(count: MatchModel.buckets * 4 + columns, limit: 255)
  private var offer = Offer()
  /// No run of a match, or from above, is offered before these positions: one was refused.
  private var nextMatch = 0
  private var nextAbove = 0

  /// Lengths of the runs that are offered where a match may go on beyond the line.
  private static let lengths = [16, 32, 512]
  /// From how many bytes on a match with what is about to be written is offered as a run.
  private static let longRepetition = 512
  /// How long a match is when it is offered.
  private static let shortestMatch = 16
  /// The shortest and the longest rest of a line, and after how many bytes it is offered again. The context models
  /// need less for what is shorter than a run's decision takes.
  private static let shortestRest = 32
  private static let longestRest = 256
  private static let restPatience = 4
  /// Bytes that are offered from the line above if that is long, as often as they fit into so many columns.
  private static let above = 8
  private static let columns = 32
  private static let longLine = 64

  mutating func beginBlock() {
    repeatsLines = false
    resume()
  }

  /// The bytes that are offered next; empty where nothing is.
  ///
  /// - Parameter isLineDue: whether a line may be named here; no less than the rest of a line is offered then.
  mutating func next(_ model: inout ByteModel, isLineDue: Bool) -> [UInt8] {
    guard findMatch(&model, isLineDue) || (repeatsLines && !isLineDue && findAbove(&model)) else {
      return []
    }
    return model.copy(offer.count, from: offer.start)
  }

  private mutating func findMatch(_ model: inout ByteModel, _ isLineDue: Bool) -> Bool {
    let match = model.matches.0
    guard model.lane.position >= nextMatch, match.length >= Self.shortestMatch else { return false }
    let length = length(of: match, blockStart: model.lane.start)
    let bucket = MatchModel.bucket(of: match) * 4
    offer = Offer(
      start: match.position, count: length, chance: bucket + (length > Self.lengths[1] ? 1 : 0),
      patience: length)
    if repeatsLines && length <= Self.lengths[1] {
      let rest = model.restOfLine(most: Self.longestRest)
      if rest >= Self.shortestRest {
        offer.count = rest
        offer.patience = Self.restPatience
        offer.chance = bucket + (model.lane.column == 0 ? 2 : 3)
      } else if isLineDue {
        return false
      }
    }
    return offer.count > 0
  }

  /// How many bytes of a match to offer: by how long it has held, and no more than are known.
  private func length(of match: MatchModel.Pointer, blockStart: Int) -> Int {
    let most =
      match.misses > 0 || match.length < 32
      ? Self.lengths[0] : match.length < 1024 ? Self.lengths[1] : Self.lengths[2]
    // A match in the block itself may run into what it predicts, which then repeats. What ends a short
    // repetition is worth learning; a long one is worth the time.
    let repeats = match.position >= blockStart && match.length >= Self.longRepetition
    let known = repeats ? most : match.end - match.position
    return Self.lengths.last { $0 <= min(most, known) } ?? 0
  }

  private mutating func findAbove(_ model: inout ByteModel) -> Bool {
    let column = model.lane.column
    guard model.lane.position >= nextAbove, column < Self.columns, column % Self.above == 0,
      model.lane.previousLineLength >= Self.longLine
    else { return false }
    let start = model.lane.previousLineStart + column
    offer = Offer(
      start: start, count: Self.above, chance: MatchModel.buckets * 4 + column, isAbove: true)
    return true
  }

  /// The probability that the offered run comes, 1...65535. It is not offered again at once.
  mutating func probability(_ position: Int) -> UInt32 {
    if offer.isAbove {
      nextAbove = position + 1
    } else {
      nextMatch = position + offer.patience
    }
    return max(1, min(65535, chances[offer.chance] >> 16))
  }

  func update(_ bit: Int) { chances.update(offer.chance, bit) }

  /// The offered run has come. Nothing is learned from what was so well known.
  mutating func accept(_ run: [UInt8], _ model: inout ByteModel) {
    if repeatsLines {
      model.note(copy: run, of: offer.start, isMatch: !offer.isAbove)
    } else {
      for byte in run { model.note(byte) }
    }
    resume()
  }

  /// Bytes have come that were not coded one by one: runs may be offered again.
  mutating func resume() {
    nextMatch = 0
    nextAbove = 0
  }
}
