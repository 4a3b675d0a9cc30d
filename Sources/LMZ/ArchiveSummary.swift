import Codec

/// What an archive says of itself, read without decoding.
public struct ArchiveSummary: Sendable {
  public var sizes = StreamSizes(content: 0, archive: 0)
  public var frames = 0
  public var textBlocks = 0
  public var storedBlocks = 0
  /// The models that its frames need, in order of appearance.
  public var models: [ModelReference] = []
  /// Content checksum of each frame.
  public var checksums: [UInt32] = []

  /// - Throws: `FormatError` where the archive's structure is damaged.
  public init(of source: any ByteSource) throws {
    var reader = FrameReader(source)
    while let model = try reader.nextFrame() {
      frames += 1
      if !models.contains(model) { models.append(model) }
      while let block = try reader.nextBlock() {
        sizes.content += block.size
        if block.kind == .text { textBlocks += 1 } else { storedBlocks += 1 }
      }
      checksums.append(try reader.finishFrame(verifying: false))
    }
    sizes.archive = reader.position
  }
}
