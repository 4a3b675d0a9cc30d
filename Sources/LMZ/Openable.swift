import Codec

/// What an expansion could have open instead.
enum Openable {
  case stream(DeflateSignature)
  /// The image of a PNG file, from its first chunk on.
  case image(at: Int)
  case base64(Base64Text)

  /// Where it begins, with what tells it.
  var start: Int {
    switch self {
    case .stream(let signature): signature.header
    case .image(let start): start
    case .base64(let text): text.range.lowerBound
    }
  }

  /// The first one from `position` on.
  static func next(
    in input: UnsafeBufferPointer<UInt8>, from position: Int, to end: Int, withBase64: Bool
  ) -> Openable? {
    var runEnd = withBase64 ? position : end
    if withBase64, position > 0, position < end, Base64Layout.isCharacter(input[position - 1]) {
      runEnd = Base64Text.endOfRun(input, from: position, to: end)
    }
    for i in position..<max(position, end) {
      if i >= runEnd, Base64Layout.isCharacter(input[i]) {
        runEnd = Base64Text.endOfRun(input, from: i, to: end)
        if let text = Base64Text(input, i..<runEnd, to: end) { return .base64(text) }
      }
      if let signature = DeflateSignature(input, at: i, to: end) { return .stream(signature) }
      if input[i] == 0, PNGData.begins(input, at: i, to: end) { return .image(at: i) }
    }
    return nil
  }
}
