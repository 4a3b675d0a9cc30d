import Codec

extension Compressor {
  /// Writes a frame for every `size` bytes of a source, several of them at a time. Neither bytes nor order
  /// depend on how many.
  func compressFrames(
    of size: Int, from source: any ByteSource, to sink: any ByteSink,
    progress: @escaping (Int) -> Void
  ) throws -> StreamSizes {
    let share = ThreadShare(options.threads)
    let options = options.sharing(share)
    let progress = SharedProgress(progress)
    defer { progress.end() }
    var source = source
    var sink = sink
    var sizes = StreamSizes(content: 0, archive: 0)
    func take(_ frame: [UInt8]) throws {
      sizes.archive += frame.count
      try sink.write(frame)
    }
    let jobs = OrderedJobs<[UInt8]>(most: framesAtATime(of: size))
    var next = try source.readAll(size)
    repeat {
      let content = next
      next = content.count < size ? [] : try source.readAll(size)
      sizes.content += content.count
      try jobs.begin(
        { [model] in
          share.enter()
          defer { share.leave() }
          let archive = CollectingSink()
          var encoder = FrameEncoder(model, options, progress: progress.report)
          _ = try encoder.write(from: ArraySource(content), to: archive)
          return archive.bytes
        }, take: take)
    } while !next.isEmpty
    try jobs.finish(take: take)
    return sizes
  }

  /// As many as there are threads, and memory for.
  private func framesAtATime(of size: Int) -> Int {
    let contexts = ContextMemory(
      options.memory, firstBlock: min(size, FrameFormat.maximumBlock),
      primed: model?.priming?.contexts.bytes ?? 0, mixing: options.mixing(model)
    ).bytes
    // Each frame may be held twice while it is coded, and twice more while it waits.
    let (needed, isTooMuch) = size.multipliedReportingOverflow(by: 4)
    guard !isTooMuch, needed < options.memoryForFrames else { return 1 }
    return max(1, min(options.threads, options.memoryForFrames / (contexts + needed)))
  }
}

extension ByteSource {
  /// Up to `count` bytes, in steps, so that memory grows with what is there.
  fileprivate mutating func readAll(_ count: Int) throws -> [UInt8] {
    var bytes: [UInt8] = []
    while bytes.count < count {
      let step = min(1 << 20, count - bytes.count)
      let more = try read(step)
      bytes += more
      if more.count < step { break }
    }
    return bytes
  }
}
