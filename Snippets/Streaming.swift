// Compresses standard input to standard output, block by block: swift run -c release Streaming < FILE > FILE.lmz

import Foundation
import LMZ

/// Where the content comes from.
struct StandardInput: ByteSource {
  func read(_ count: Int) throws -> [UInt8] {
    var bytes: [UInt8] = []
    while bytes.count < count,
      let more = try FileHandle.standardInput.read(upToCount: count - bytes.count), !more.isEmpty
    {
      bytes += more
    }
    return bytes
  }
}

/// Where the archive goes.
struct StandardOutput: ByteSink {
  func write(_ bytes: [UInt8]) throws {
    try FileHandle.standardOutput.write(contentsOf: Data(bytes))
  }
}

let compressor = try Compressor(level: .standard)
let sizes = try compressor.compress(from: StandardInput(), to: StandardOutput())
FileHandle.standardError.write(
  Data("\(sizes.content) bytes became \(sizes.archive)\n".utf8))
