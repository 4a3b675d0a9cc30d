import ArgumentParser
import Foundation

/// Other compressors that lmz is measured beside, each at its strongest ordinary level.
enum Peer: String, CaseIterable {
  case gzip, xz, zstd, brotli, bzip2

  /// The programs of an option's value, a list with commas.
  static func list(_ names: String) throws -> [Peer] {
    try names.split(separator: ",").map {
      guard let peer = Peer(rawValue: String($0)) else {
        let known = allCases.map(\.rawValue).joined(separator: ", ")
        throw ValidationError("--against \($0): known are \(known)")
      }
      return peer
    }
  }

  private func arguments(for size: Int) -> [String] {
    switch self {
    case .gzip: ["-9nc"]
    case .xz: ["-9ec", "-T1"]
    // Where it knows the size, it need not make ready for any.
    case .zstd: ["--ultra", "-22", "--stream-size=\(size)", "-qc"]
    case .brotli: ["-q", "11", "-w", "24", "-c"]
    case .bzip2: ["-9c"]
    }
  }

  /// Bytes that the program makes of a content.
  ///
  /// - Throws: `FileError` naming the program where it is missing or fails.
  func size(_ content: [UInt8]) throws -> Int {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = [rawValue] + arguments(for: content.count)
    let (input, output) = (Pipe(), Pipe())
    process.standardInput = input
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    try process.run()
    let writer = Thread {
      // A program that is missing closes the pipe, and then its exit status tells.
      try? input.fileHandleForWriting.write(contentsOf: Data(content))
      try? input.fileHandleForWriting.close()
    }
    writer.start()
    var size = 0
    while let part = try output.fileHandleForReading.read(upToCount: 1 << 20), !part.isEmpty {
      size += part.count
    }
    process.waitUntilExit()
    switch process.terminationStatus {
    case 0: return size
    case 127: throw FileError(rawValue, "this program is not installed")
    default: throw FileError(rawValue, "failed with status \(process.terminationStatus)")
    }
  }
}
