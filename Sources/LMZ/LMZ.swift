@_exported import Codec
@_exported import LM

@_exported import enum Kernels.InstructionSet

/// `bytes` as an archive of one frame.
public func compress(_ bytes: [UInt8], model: NamedModel, options: Options = Options()) throws
  -> [UInt8]
{
  let sink = CollectingSink()
  try Compressor(model: model, options: options).compress(from: ArraySource(bytes), to: sink)
  return sink.bytes
}

/// The content of an archive.
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
