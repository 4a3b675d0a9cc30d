import Codec

/// A content in which deflated streams lie open, so that what they stand for can be coded as what it is.
struct Expansion {
  /// What is coded instead of the content.
  fileprivate(set) var bytes: [UInt8] = []
  /// Bytes of content that it stands for, from its start.
  fileprivate(set) var length = 0
}

/// Opens deflated streams as they come.
struct Expander {
  private var recorder = DeflateRecorder()
  /// Where, in the first byte of the next content, the stream that the last one ended in goes on, in bits.
  private var resumes: Int?

  /// Content of less bytes is not looked at.
  private static let least = 64
  /// Nor is a stream of less.
  private static let leastStream = 32
  /// A stream that does not begin within so much room may do so in the next content.
  private static let leastRoom = FrameFormat.maximumBlock
  /// What stands for less than all of its content is at least so long, which says that more follows.
  private static let leastCut = FrameFormat.longExpansion

  /// To be called where what was expanded is not coded like that.
  mutating func forget() {
    recorder.leave()
    resumes = nil
  }

  /// - Parameters:
  ///   - content: goes on behind what was expanded, or was found to have nothing to expand, before.
  ///   - isLast: whether nothing follows.
  /// - Returns: nil where there is no stream. May stand for less than all of the content where a stream goes on behind that.
  mutating func expand(_ content: [UInt8], isLast: Bool) -> Expansion? {
    let resumes = self.resumes
    self.resumes = nil
    guard content.count >= Self.least else {
      recorder.leave()
      return nil
    }
    let padded = content + [UInt8](repeating: 0, count: DeflateRecorder.padding)
    return padded.withUnsafeBufferPointer { input in
      var expansion = Expansion()
      if let resumes,
        let opened = recorder.resume(input, at: resumes, atMost: FrameFormat.maximumExpansion),
        take(opened, from: 0, of: input, isLast, &expansion)
      {
        return expansion
      }
      var position = expansion.length
      while let stream = DeflateSignature.next(in: input, from: position, to: content.count) {
        position = stream.header + 1
        let room = FrameFormat.maximumExpansion - expansion.bytes.count
        let opened = recorder.begin(
          input, at: stream.start, windowBits: stream.windowBits, atMost: room)
        guard let opened, !opened.content.isEmpty else {
          // Its first block may be there next time, or have room.
          let isCut = opened == nil ? room < Self.leastRoom : !isLast
          if isCut, stream.header >= Self.leastCut {
            return expansion.cut(before: stream.header, of: input)
          }
          continue
        }
        guard stream.goesWith(opened, input) else { continue }
        if take(opened, from: stream.start, of: input, isLast, &expansion) { return expansion }
        position = max(position, expansion.length)
      }
      recorder.leave()
      guard !expansion.bytes.isEmpty else { return nil }
      return expansion.cut(before: content.count, of: input)
    }
  }

  /// Takes what was opened, if it pays.
  ///
  /// - Parameter start: where the stream, or what follows of it, begins.
  /// - Returns: whether the content is cut behind it.
  private mutating func take(
    _ opened: DeflateRecorder.Opened, from start: Int, of input: UnsafeBufferPointer<UInt8>,
    _ isLast: Bool, _ expansion: inout Expansion
  ) -> Bool {
    guard Self.pays(opened) else { return false }
    let plain = input[expansion.length..<start]
    expansion.bytes += DeflateRestorer.item(plain: plain) + DeflateRestorer.item(opened)
    guard opened.ending != .final else {
      expansion.length = (opened.range.upperBound + 7) / 8
      return false
    }
    expansion.length = opened.range.upperBound / 8
    // It ended for want of room, or of content.
    if expansion.bytes.count >= Self.leastCut, opened.ending == .malformed || !isLast {
      resumes = opened.range.upperBound % 8
      return true
    }
    return false
  }

  /// Of what text and other bytes take as a deflated stream, one byte in so many may go to making that again.
  private static let (leastShareOfText, leastShare) = (3, 8)
  /// Besides so many.
  private static let few = 16

  private static func pays(_ opened: DeflateRecorder.Opened) -> Bool {
    let size = opened.range.count / 8
    guard size >= leastStream else { return false }
    let cost = opened.record.count - few
    return cost * leastShare <= size
      || cost * leastShareOfText <= size && ContentKind.isText(Array(opened.content))
  }
}

extension Expansion {
  /// Stands for all of an input up to a place.
  fileprivate func cut(before end: Int, of input: UnsafeBufferPointer<UInt8>) -> Expansion {
    var expansion = self
    expansion.bytes += DeflateRestorer.item(plain: input[length..<end])
    expansion.length = end
    return expansion
  }
}
