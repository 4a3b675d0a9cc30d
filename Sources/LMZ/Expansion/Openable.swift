import Codec

/// What an expansion could have open instead.
enum Openable {
  case stream(DeflateSignature)
  case bzip2(at: Int)
  /// The image of a PNG file, from its first chunk on.
  case image(at: Int)
  case base64(Base64Text)
  case quotedPrintable(QuotedPrintableBody)
  /// The directory of a zip archive, by its records.
  case zipDirectory(Range<Int>)

  /// Where it begins, with what tells it.
  var start: Int {
    switch self {
    case .stream(let signature): signature.header
    case .bzip2(let start), .image(let start): start
    case .base64(let text): text.range.lowerBound
    case .quotedPrintable(let body): body.range.lowerBound
    case .zipDirectory(let records): records.lowerBound
    }
  }

  /// Where to look on if it is left as it is.
  var next: Int {
    switch self {
    case .stream, .bzip2, .image, .quotedPrintable: start + 1
    case .base64(let text): text.range.upperBound
    case .zipDirectory(let records): records.upperBound
    }
  }

  /// The first one from `position` on.
  ///
  /// - Parameters:
  ///   - end: before that it begins, and there streams end.
  ///   - reach: so far images and text may go.
  ///   - withText: whether base64 and quoted-printable count.
  static func next(
    in input: UnsafeBufferPointer<UInt8>, from position: Int, to end: Int, reach: Int,
    withText: Bool
  ) -> Openable? {
    var runEnd = withText ? position : reach
    if withText, position > 0, position < end, Base64Layout.isCharacter(input[position - 1]) {
      runEnd = Base64Text.endOfRun(input, from: position, to: reach)
    }
    for i in position..<max(position, end) {
      if withText, i > 0, input[i - 1] == 10,
        let body = QuotedPrintableBody(input, at: i, to: reach)
      {
        return .quotedPrintable(body)
      }
      if i >= runEnd, Base64Layout.isCharacter(input[i]) {
        runEnd = Base64Text.endOfRun(input, from: i, to: reach)
        if let text = Base64Text(input, i..<runEnd, to: reach) { return .base64(text) }
      }
      if let signature = DeflateSignature(input, at: i, to: end) { return .stream(signature) }
      if input[i] == 0x50, ZipDirectory.begins(input, at: i, to: end) {
        return .zipDirectory(i..<ZipDirectory.endOfRecords(input, at: i, to: end))
      }
      if input[i] == 0x42, Bzip2Recorder.begins(input, at: i, to: end) { return .bzip2(at: i) }
      if input[i] == 0, PNGData.begins(input, at: i, to: end) { return .image(at: i) }
    }
    return nil
  }

  /// Whether an image or base64 may go on behind a content.
  static func goesOn(behind content: UnsafeBufferPointer<UInt8>) -> Bool {
    PNGData.goesOn(behind: content) || Base64Text.goesOn(behind: content)
  }
}
