@_exported import Codec
@_exported import LM

@_exported import enum Kernels.InstructionSet

/// Version of library and program.
public let libraryVersion = "0.1.0"

/// `bytes` as an archive of one frame, with a model of the program.
///
/// - Parameters:
///   - level: how much time and memory a better ratio may cost.
///   - threads: 0 for all processors; never changes a byte of the result.
public func compress(_ bytes: [UInt8], level: Level = .standard, threads: Int = 0) throws
  -> [UInt8]
{
  let sink = CollectingSink()
  try Compressor(level: level, threads: threads).compress(from: ArraySource(bytes), to: sink)
  return sink.bytes
}

/// The content of an archive that needs no model but those of the program, or brings its own.
///
/// - Parameter memoryLimit: the most bytes that context models may take.
/// - Throws: `FormatError` where it is damaged, needs another model or too much memory.
public func decompress(_ archive: [UInt8], threads: Int = 0, memoryLimit: Int = .max) throws
  -> [UInt8]
{
  let sink = CollectingSink()
  var options = Options(requestedThreads: threads)
  options.memoryLimit = memoryLimit
  try Decompressor(models: .shared, options: options)
    .decompress(from: ArraySource(archive), to: sink)
  return sink.bytes
}

/// Bits of the archive of a text for each of its characters, which are Unicode scalars; nil for an empty
/// text.
public func bitsPerCharacter(of text: String, level: Level = .standard) throws -> Double? {
  let characters = text.unicodeScalars.count
  guard characters > 0 else { return nil }
  return 8 * Double(try compress(Array(text.utf8), level: level).count) / Double(characters)
}

/// `bytes` as an archive of one frame, with a given model.
public func compress(_ bytes: [UInt8], model: NamedModel, options: Options = Options()) throws
  -> [UInt8]
{
  let sink = CollectingSink()
  try Compressor(model: model, options: options).compress(from: ArraySource(bytes), to: sink)
  return sink.bytes
}

/// The content of an archive made with a given model.
///
/// - Throws: `FormatError` where it is damaged or needs another model.
public func decompress(_ archive: [UInt8], model: NamedModel, options: Options = Options()) throws
  -> [UInt8]
{
  let sink = CollectingSink()
  let models = ModelLibrary([model], embedded: false)
  try Decompressor(models: models, options: options)
    .decompress(from: ArraySource(archive), to: sink)
  return sink.bytes
}

/// Keeps what is written in memory.
public final class CollectingSink: ByteSink {
  public private(set) var bytes: [UInt8] = []

  public init() {}

  public func write(_ bytes: [UInt8]) { self.bytes += bytes }
}
