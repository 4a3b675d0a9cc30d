/// Codes bytes without the language model: eight decisions each, one for a whole run, or
/// those of a line's number.
///
/// - Parameters:
///   - content: the bytes to encode; nil for a decoder.
///   - progress: told how many bytes were coded since the last call.
/// - Returns: the bytes that were coded; nil where a decoder's input ends too early.
@inline(__always)
public func codeBytes(
  _ content: [UInt8]?, count: Int, with coder: inout some DecisionCoder, progress: (Int) -> Void
) -> [UInt8]? {
  var result: [UInt8] = []
  result.reserveCapacity(count)
  var reported = 0
  while result.count < count {
    if result.count - reported >= 4096 {
      if coder.isExhausted { return nil }
      progress(result.count - reported)
      reported = result.count
    }
    let position = result.count
    if let run = takenRun(content, position, most: count - position, with: &coder) {
      coder.append(run: run)
      result += run
      continue
    }
    if coder.namesLine, let number = lineNumber(content, position, with: &coder) {
      guard let line = coder.appendLine(number), line.count <= count - position else { return nil }
      result += line
      continue
    }
    let byte = content.map { Int($0[position]) } ?? 0
    var partial = 1
    for bit in 0..<8 {
      let answer = coder.code(
        Decision(
          kind: UInt8(bit), partial: UInt8(truncatingIfNeeded: partial),
          probability: Decision.unknown),
        answer: byte >> (7 - bit) & 1 == 1)
      partial = partial << 1 | (answer ? 1 : 0)
    }
    let coded = UInt8(truncatingIfNeeded: partial)
    coder.append(coded)
    result.append(coded)
  }
  if coder.isExhausted { return nil }
  progress(count - reported)
  return result
}

/// The first of the offered runs that is what comes next; nil where none is.
@inline(__always)
private func takenRun(
  _ content: [UInt8]?, _ position: Int, most: Int, with coder: inout some DecisionCoder
) -> [UInt8]? {
  while true {
    let run = coder.offeredRun()
    guard !run.isEmpty, run.count <= most else { return nil }
    let isHere = content.map { $0[position..<(position + run.count)] == run[...] } ?? false
    let decision = Decision(kind: Decision.run, partial: 1, probability: Decision.unknown)
    if coder.code(decision, answer: isHere) { return run }
  }
}

/// The number of the line that comes next; nil where that is not named.
private func lineNumber(_ content: [UInt8]?, _ position: Int, with coder: inout some DecisionCoder)
  -> Int?
{
  func decision(_ kind: UInt8) -> Decision {
    Decision(kind: kind, partial: 1, probability: Decision.unknown)
  }
  let known = content.flatMap { coder.number(ofLineIn: $0[position...]) }
  guard coder.code(decision(Decision.named), answer: known != nil) else { return nil }
  var number = 0
  for bit in (0..<NumberedLines.bits).reversed() {
    let isSet = coder.code(
      decision(Decision.numberBit), answer: (known ?? 0) >> bit & 1 == 1)
    number = number << 1 | (isSet ? 1 : 0)
  }
  return number
}

// Compiled for this predictor here, where it can be inlined.

extension PredictingEncoder where P == MixingPredictor {
  /// See `codeBytes`.
  public mutating func encodeBytes(_ content: [UInt8], progress: (Int) -> Void) {
    _ = codeBytes(content, count: content.count, with: &self, progress: progress)
  }
}

extension PredictingDecoder where P == MixingPredictor {
  /// See `codeBytes`.
  public mutating func decodeBytes(_ count: Int, progress: (Int) -> Void) -> [UInt8]? {
    codeBytes(nil, count: count, with: &self, progress: progress)
  }
}
