import Foundation
import TestSupport
import Testing

@testable import LMZ

/// Contents cut into frames, which threads code side by side.
@Suite struct FrameTests {
  let model: NamedModel

  init() throws { model = try Golden.tinyModel() }

  static func options(
    _ method: Options.Method, frameSize: Int? = nil, threads: Int = 1
  ) -> Options {
    var options = Options(method: method, memory: .small, threads: threads)
    options.frameSize = frameSize
    return options
  }

  /// Keeps what is written, and may refuse more.
  final class Sink: ByteSink {
    struct Full: Error {}
    private(set) var bytes: [UInt8] = []
    private let room: Int
    private let written: (Int) -> Void

    init(room: Int = .max, written: @escaping (Int) -> Void = { _ in }) {
      self.room = room
      self.written = written
    }

    func write(_ more: [UInt8]) throws {
      guard more.count <= room - bytes.count else { throw Full() }
      bytes += more
      written(bytes.count)
    }
  }

  /// Tells before every read how many bytes were read until then.
  final class Source: ByteSource {
    private var rest: ArraySource
    private var position = 0
    private let willRead: (Int) -> Void

    init(_ bytes: [UInt8], willRead: @escaping (Int) -> Void) {
      rest = ArraySource(bytes)
      self.willRead = willRead
    }

    func read(_ count: Int) -> [UInt8] {
      willRead(position)
      let bytes = rest.read(count)
      position += bytes.count
      return bytes
    }
  }

  private func decompress(
    _ archive: [UInt8], threads: Int, to sink: Sink, progress: @escaping (Int) -> Void = { _ in }
  ) throws -> StreamSizes {
    try Decompressor(
      models: ModelLibrary([model], embedded: false),
      options: Self.options(.mixed, threads: threads)
    ).decompress(from: ArraySource(archive), to: sink, progress: progress)
  }

  @Test(arguments: [Options.Method.mixed, .languageModelOnly, .withoutLanguageModel])
  func framesAreThoseOfTheirContents(_ method: Options.Method) throws {
    let size = 7000
    let text = try Array(Golden.sample("data.json").prefix(20_000))
    for count in [0, 1, size - 1, size, size + 1, 2 * size, text.count] {
      let content = Array(text.prefix(count))
      let expected = try stride(from: 0, to: max(1, count), by: size).flatMap {
        try compress(
          Array(content[$0...].prefix(size)), model: model, options: Self.options(method))
      }
      for threads in [1, 2, 5] {
        let options = Self.options(method, frameSize: size, threads: threads)
        let archive = try compress(content, model: model, options: options)
        #expect(archive == expected, "\(count) bytes, \(threads) threads")
        let restored = try LMZ.decompress(archive, model: model, options: options)
        #expect(restored == content, "\(count) bytes, \(threads) threads")
      }
    }
  }

  @Test func sizesAndProgressAreThoseOfTheWhole() throws {
    let content = try Array(Golden.sample("english.txt").prefix(50_000))
    for threads in [1, 3] {
      let options = Self.options(.mixed, frameSize: 9000, threads: threads)
      let archive = Sink()
      var done = 0
      let sizes = try Compressor(model: model, options: options)
        .compress(from: ArraySource(content), to: archive) { done += $0 }
      #expect(sizes == StreamSizes(content: content.count, archive: archive.bytes.count))
      #expect(done == content.count)
      #expect(try ArchiveSummary(of: ArraySource(archive.bytes)).frames == 6)
      done = 0
      let restored = Sink()
      #expect(try decompress(archive.bytes, threads: threads, to: restored) { done += $0 } == sizes)
      #expect(restored.bytes == content && done == content.count)
    }
  }

  /// A frame of stored blocks.
  private static func frame(stored content: [UInt8]) throws -> [UInt8] {
    let sink = Sink()
    let header = FrameHeader(model: .none, memory: .small, mixing: .first)
    var writer = FrameWriter(sink, header)
    for start in stride(from: 0, to: content.count, by: FrameFormat.maximumBlock) {
      let block = Array(content[start...].prefix(FrameFormat.maximumBlock))
      try writer.append(Block(stored: block), content: block)
    }
    try writer.finish()
    return sink.bytes
  }

  /// More frames than may be read ahead, each of a few bytes.
  @Test func manySmallFrames() throws {
    let contents = (0..<20_000).map { Array("\($0)\n".utf8) }
    let restored = Sink()
    _ = try decompress(contents.flatMap(Self.frame), threads: 4, to: restored)
    #expect(restored.bytes == contents.flatMap { $0 })
  }

  /// Frames that hold more than may wait for their turn.
  @Test func longFrames() throws {
    var random = SeededGenerator(seed: 41)
    let contents = [20, 24, 1].map { random.bytes($0 << 20) }
    let archive = try contents.flatMap(Self.frame)
    for threads in [1, 3] {
      let restored = Sink()
      _ = try decompress(archive, threads: threads, to: restored)
      #expect(restored.bytes == contents.flatMap { $0 }, "\(threads) threads")
    }
  }

  /// What stands before the damage is written, and the error is the same, however many threads there are.
  @Test func damageEndsWhereItIs() throws {
    let content = try Array(Golden.sample("english.txt").prefix(40_000))
    let size = 8000
    let options = Self.options(.mixed, frameSize: size, threads: 2)
    let archive = try compress(content, model: model, options: options)
    let second = try compress(
      Array(content.prefix(2 * size)), model: model, options: options
    ).count
    var damages: [[UInt8]] = [Array(archive.dropLast()), Array(archive.prefix(second + 100))]
    for offset in [0, 3, 4, 5, 9, 10, 40, 1000] {
      var damaged = archive
      damaged[second + offset] ^= 0xFF
      damages.append(damaged)
    }
    for (i, damaged) in damages.enumerated() {
      var outcomes: Set<String> = []
      for threads in [1, 2, 6] {
        let sink = Sink()
        do {
          _ = try decompress(damaged, threads: threads, to: sink)
          Issue.record("damage \(i) was not noticed")
        } catch {
          outcomes.insert("\(sink.bytes.count) \(error)")
        }
        #expect(sink.bytes.count >= 2 * size && content.starts(with: sink.bytes.prefix(2 * size)))
      }
      #expect(outcomes.count == 1, "damage \(i): \(outcomes)")
    }
  }

  /// Where the sink fails, nothing is read any more after the error.
  @Test func sourceIsLeftAlone() throws {
    var random = SeededGenerator(seed: 42)
    let options = Self.options(.withoutLanguageModel, frameSize: 1 << 20, threads: 3)
    let archive = try (0..<60).flatMap { _ in try Self.frame(stored: random.bytes(1 << 20)) }
    var isOver = false
    let source = Source(archive) { _ in
      if isOver { Issue.record("read after the return") }
    }
    #expect(throws: Sink.Full.self) {
      try Decompressor(models: ModelLibrary([model], embedded: false), options: options)
        .decompress(from: source, to: Sink(room: 3 << 20))
    }
    isOver = true
    #expect(throws: Sink.Full.self) {
      try Compressor(model: nil, options: options)
        .compress(from: ArraySource(random.bytes(9 << 20)), to: Sink(room: 3 << 20))
    }
  }

  /// Content is written before what follows it can be read, as it may never come.
  @Test func contentDoesNotWaitForMore() throws {
    var random = SeededGenerator(seed: 43)
    let first = try Self.frame(stored: random.bytes(300_000))
    let archive = try first + Self.frame(stored: random.bytes(300_000))
    let isWritten = DispatchSemaphore(value: 0)
    var isFirst = true
    let source = Source(archive) { position in
      guard isFirst, position >= first.count + 9 else { return }
      isFirst = false
      if isWritten.wait(timeout: .now() + 60) == .timedOut { Issue.record("nothing was written") }
    }
    let sink = Sink { count in if count == 300_000 { isWritten.signal() } }
    try Decompressor(
      models: ModelLibrary([model], embedded: false), options: Self.options(.mixed, threads: 2)
    ).decompress(from: source, to: sink)
    #expect(sink.bytes.count == 600_000 && !isFirst)
  }

  @Test func modelsOfArchivesServeAllFrames() throws {
    let content = try Array(Golden.sample("english.txt").prefix(30_000))
    var options = Self.options(.mixed, frameSize: 8000, threads: 3)
    options.embedsModel = true
    let plain = try Golden.tinyModel(ngrams: false)
    let archive = try compress(content, model: plain, options: options)
    #expect(try LMZ.decompress(archive, threads: 3) == content)
  }

  /// A frame for which there is no thread after all is left to the caller, also where that waits for it already.
  @Test func framesThatArePutBack() throws {
    let board = FrameBoard(threads: 2, memory: .max, share: ThreadShare(2))
    let header = FrameHeader(model: .none, memory: .small, mixing: .first)
    for _ in 0..<2 { #expect(board.begin(header, ModelLibrary()) != nil) }
    // The first is the caller's.
    let first = try #require(try board.first())
    #expect(first.isOwn)
    let second = try #require(board.take())
    #expect(second !== first.frame && board.take() == nil)
    board.finish(first.frame, .success(()))
    #expect(try board.nextContent(of: first.frame) == nil)
    board.removeFirst()
    let next = try #require(try board.first())
    #expect(next.frame === second && !next.isOwn)
    board.putBack(second)
    #expect(try board.nextContent(of: second) == nil)
    board.removeFirst()
    let again = try #require(try board.first())
    #expect(again.frame === second && again.isOwn)
  }

  /// Frames take turns where there is not memory for two.
  @Test func memoryIsForAllFramesTogether() throws {
    let content = try Array(Golden.sample("english.txt").prefix(40_000))
    var options = Self.options(.withoutLanguageModel, frameSize: 9000, threads: 4)
    let archive = try compress(content, model: model, options: options)
    options.memoryLimit = 10 << 20
    #expect(try compress(content, model: model, options: options) == archive)
    #expect(try LMZ.decompress(archive, model: model, options: options) == content)
    options.memoryLimit = 1 << 18
    #expect(throws: FormatError.self) {
      try LMZ.decompress(archive, model: model, options: options)
    }
  }
}
