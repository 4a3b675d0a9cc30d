import Foundation
import LMZ

/// Reads a file descriptor.
struct FileSource: ByteSource {
  let descriptor: Int32
  let name: String

  static let standardInput = FileSource(descriptor: STDIN_FILENO, name: "standard input")

  mutating func read(_ count: Int) throws -> [UInt8] {
    try [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
      while filled < count {
        let got = Foundation.read(descriptor, buffer.baseAddress! + filled, count - filled)
        if got == 0 { break }
        if got > 0 {
          filled += got
        } else if errno != EINTR {
          throw FileError(name, code: errno)
        }
      }
    }
  }
}

extension FileSource {
  /// Everything up to the end, but at most `limit` bytes.
  mutating func readAll(_ limit: Int = .max) throws -> [UInt8] {
    var bytes: [UInt8] = []
    while true {
      let part = try read(min(1 << 20, limit - bytes.count))
      if part.isEmpty { return bytes }
      bytes += part
    }
  }
}

/// Writes a file descriptor.
struct FileSink: ByteSink {
  let descriptor: Int32
  var name = "standard error"

  static let standardOutput = FileSink(descriptor: STDOUT_FILENO, name: "standard output")

  func write(_ bytes: [UInt8]) throws {
    var done = 0
    while done < bytes.count {
      let put = bytes[done...].withUnsafeBytes {
        Foundation.write(descriptor, $0.baseAddress, $0.count)
      }
      if put >= 0 {
        done += put
      } else if errno != EINTR {
        throw FileError(name, code: errno)
      }
    }
  }
}

/// Takes everything and keeps only its checksum and length.
final class ChecksumSink: ByteSink {
  private(set) var checksum = XXH64()
  private(set) var count = 0

  func write(_ bytes: [UInt8]) {
    checksum.update(bytes[...])
    count += bytes.count
  }
}

/// Passes a source on and keeps the checksum of what went through.
final class ChecksumSource: ByteSource {
  private var source: any ByteSource
  private(set) var checksum = XXH64()

  init(_ source: any ByteSource) { self.source = source }

  func read(_ count: Int) throws -> [UInt8] {
    let bytes = try source.read(count)
    checksum.update(bytes[...])
    return bytes
  }
}
