import Foundation

/// File names are bytes, and Swift's strings are Unicode. A byte that belongs to no character stands in a
/// string as one of 256 private ones, so that every name comes back byte for byte.
enum FileName {
  private static let first: UInt32 = 0x10FF00

  /// The arguments of the program.
  static var arguments: [String] {
    (0..<Int(CommandLine.argc)).compactMap { CommandLine.unsafeArgv[$0].map { string($0) } }
  }

  /// - Parameter start: bytes with a 0 behind them.
  static func string(_ start: UnsafePointer<CChar>) -> String {
    let bytes = UnsafeBufferPointer(start: start, count: strlen(start)).map(UInt8.init(bitPattern:))
    var text = String.UnicodeScalarView()
    var at = 0
    while at < bytes.count {
      let length = (1...4).first {
        at + $0 <= bytes.count && String(validating: bytes[at..<(at + $0)], as: UTF8.self) != nil
      }
      let scalar = length.flatMap {
        String(decoding: bytes[at..<(at + $0)], as: UTF8.self).unicodeScalars.first
      }
      if let scalar, let length, !isByte(scalar) {
        text.append(scalar)
        at += length
      } else {
        text.append(Unicode.Scalar(first + UInt32(bytes[at])) ?? "?")
        at += 1
      }
    }
    return String(text)
  }

  /// Whether a character stands for a byte.
  static func isByte(_ scalar: Unicode.Scalar) -> Bool {
    scalar.value >= first && scalar.value <= first + 255
  }
}

extension String {
  /// The bytes of a file name for the system, with a 0 behind them.
  var fileSystemName: [CChar] {
    var bytes: [CChar] = []
    for scalar in unicodeScalars {
      if FileName.isByte(scalar) {
        bytes.append(CChar(truncatingIfNeeded: scalar.value))
      } else {
        bytes += UTF8.encode(scalar).map { $0.map(CChar.init(bitPattern:)) } ?? []
      }
    }
    return bytes + [0]
  }
}
