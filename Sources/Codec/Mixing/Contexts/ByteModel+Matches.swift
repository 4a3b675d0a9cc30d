/// What the match models know beside the next bit.
extension ByteModel {
  /// What a match says of a token's end before the byte that it predicts, and how sure it is.
  @inline(__always)
  func tokenEnd(_ pointer: MatchModel.Pointer) -> (ends: Bool, bucket: Int)? {
    guard pointer.position > 0 else { return nil }
    return (history.beginsToken(at: pointer.position), MatchModel.bucket(of: pointer))
  }

  /// `count` bytes from a position on, which repeat where they reach what is not known yet.
  func copy(_ count: Int, from start: Int) -> [UInt8] {
    let period = lane.position - start
    return (0..<count).map { history[start + ($0 < period ? $0 : $0 % period)] }
  }

  /// How many bytes the long match knows up to and with the next end of a line, if those are at most `most`; else 0.
  mutating func restOfLine(most: Int) -> Int {
    let match = matches.0
    for i in 0..<max(0, min(most, match.end - match.position))
    where history[match.position + i] == 10 {
      return i + 1
    }
    return 0
  }

  /// What the long match expects of the next bit, and how surely: 0 for no match, at most 14.
  @inline(__always)
  var matchExpectation: Int {
    let bucket = longMatch.bucket
    return bucket == 0 ? 0 : 1 + min(bucket / 4, 6) * 2 + longMatch.expectedBit
  }
}
