/// Why an archive cannot be read.
public enum FormatError: Error, Equatable, CustomStringConvertible {
  case notThisFormat
  case unsupported(String)
  case truncated
  case corrupted(String)
  case checksumMismatch
  case modelMismatch(needed: String, available: String)
  case trailingData
  /// Needs more bytes of memory than the caller allows.
  case limitExceeded(needed: Int, limit: Int)

  public var description: String {
    switch self {
    case .notThisFormat: "not in lmz format"
    case .unsupported(let what): "needs a newer lmz: \(what)"
    case .truncated: "unexpected end of file"
    case .corrupted(let why): "compressed data is corrupt: \(why)"
    case .checksumMismatch: "compressed data is corrupt: the checksum does not match"
    case .modelMismatch(let needed, let available):
      "made with model \(needed); the model here is \(available)"
    case .trailingData: "something that is no lmz frame follows the compressed data"
    case .limitExceeded(let needed, let limit):
      "needs \(needed >> 20) MiB of memory for context models; the limit is \(limit >> 20) MiB"
    }
  }
}
