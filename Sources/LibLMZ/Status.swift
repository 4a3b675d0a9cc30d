import Kernels
import LMZ

/// The numbers of lmz_error in lmz.h.
enum Status: Int32, Error, CaseIterable {
  case done = 0
  case outputTooSmall, notLMZ, unsupported, truncated, corrupted, checksum, model, trailingData
  case memory, parameter

  var name: String {
    switch self {
    case .done: "no error"
    case .outputTooSmall: "the result is too large for its buffer"
    case .notLMZ: "not in lmz format"
    case .unsupported: "needs a newer lmz"
    case .truncated: "unexpected end of the archive"
    case .corrupted: "compressed data is corrupt"
    case .checksum: "compressed data is corrupt: the checksum does not match"
    case .model: "made with a model that is not here"
    case .trailingData: "something else follows the archive"
    case .memory: "not enough memory"
    case .parameter: "wrong parameter"
    }
  }

  /// What became of `body`.
  static func of(_ body: () throws -> Void) -> Int32 {
    do {
      try body()
      return Status.done.rawValue
    } catch {
      return Status(error).rawValue
    }
  }

  private init(_ error: any Error) {
    switch error {
    case let status as Status: self = status
    case let error as FormatError: self = Status(error)
    case is OutOfMemory, ModelFileError.outOfMemory: self = .memory
    // Of a model within the archive, as those of the program are sound.
    default: self = .corrupted
    }
  }

  private init(_ error: FormatError) {
    switch error {
    case .notThisFormat: self = .notLMZ
    case .unsupported: self = .unsupported
    case .truncated: self = .truncated
    case .corrupted: self = .corrupted
    case .checksumMismatch: self = .checksum
    case .modelMismatch: self = .model
    case .trailingData: self = .trailingData
    case .limitExceeded: self = .memory
    }
  }
}
