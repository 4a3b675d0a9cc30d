import LMZ

// The functions of lmz.h, which documents them.

@c(lmz_version)
public func version() -> UnsafePointer<CChar> { CText.version.start }

@c(lmz_error_name)
public func errorName(_ error: Int32) -> UnsafePointer<CChar> {
  (Status(rawValue: error).flatMap { CText.names[$0] } ?? CText.unknown).start
}

@c(lmz_compress_bound)
public func compressBound(_ size: Int) -> Int { FrameFormat.largestFrame(of: size) }

@c(lmz_compress)
public func compressMemory(
  _ content: UnsafeRawPointer?, _ size: Int, _ archive: UnsafeMutableRawPointer?,
  _ archiveSize: UnsafeMutablePointer<Int>?, _ level: Int32, _ threads: Int32
) -> Int32 {
  Status.of {
    guard (1...9).contains(level), threads >= 0, let bytes = bytes(content, size) else {
      throw Status.parameter
    }
    let sink = try BufferSink(archive, room: archiveSize)
    try Compressor(level: Level(Int(level)), threads: Int(threads))
      .compress(from: ArraySource(bytes), to: sink)
    archiveSize?.pointee = sink.count
  }
}

@c(lmz_content_size)
public func contentSize(
  _ archive: UnsafeRawPointer?, _ archiveSize: Int, _ size: UnsafeMutablePointer<Int>?
) -> Int32 {
  Status.of {
    guard let bytes = bytes(archive, archiveSize), let size else { throw Status.parameter }
    size.pointee = try ArchiveSummary(of: ArraySource(bytes)).sizes.content
  }
}

@c(lmz_decompress)
public func decompressMemory(
  _ archive: UnsafeRawPointer?, _ archiveSize: Int, _ content: UnsafeMutableRawPointer?,
  _ size: UnsafeMutablePointer<Int>?, _ threads: Int32
) -> Int32 {
  Status.of {
    guard threads >= 0, let bytes = bytes(archive, archiveSize) else { throw Status.parameter }
    let sink = try BufferSink(content, room: size)
    try Decompressor(models: .shared, options: Options(requestedThreads: Int(threads)))
      .decompress(from: ArraySource(bytes), to: sink)
    size?.pointee = sink.count
  }
}

/// A copy of the caller's memory; nil for a null pointer with a size.
private func bytes(_ start: UnsafeRawPointer?, _ count: Int) -> [UInt8]? {
  guard count >= 0, start != nil || count == 0 else { return nil }
  return Array(UnsafeRawBufferPointer(start: start, count: count))
}

/// Writes to memory of the caller.
private final class BufferSink: ByteSink {
  private let start: UnsafeMutableRawPointer?
  private let room: Int
  private(set) var count = 0

  init(_ start: UnsafeMutableRawPointer?, room: UnsafeMutablePointer<Int>?) throws {
    guard let room = room?.pointee, room >= 0, start != nil || room == 0 else {
      throw Status.parameter
    }
    self.start = start
    self.room = room
  }

  func write(_ bytes: [UInt8]) throws {
    guard bytes.count <= room - count else { throw Status.outputTooSmall }
    start?.advanced(by: count).copyMemory(from: bytes, byteCount: bytes.count)
    count += bytes.count
  }
}
