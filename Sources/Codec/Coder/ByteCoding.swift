/// Codes bytes without the language model: eight decisions each.
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
  for i in 0..<count {
    let byte = content.map { Int($0[i]) } ?? 0
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
    if i & 0xFFF == 0xFFF {
      if coder.isExhausted { return nil }
      progress(0x1000)
    }
  }
  if coder.isExhausted { return nil }
  progress(count & 0xFFF)
  return result
}
