import Codec

/// What an archive says of itself, read without decoding.
public struct ArchiveSummary: Sendable {
  public var sizes = StreamSizes(content: 0, archive: 0)
  public var frames = 0
  /// How many blocks there are of each kind.
  public var blocksByKind: [Block.Kind: Int] = [:]
  /// The models that its frames need, in order of appearance.
  public var models: [ModelReference] = []

  public var blocks: Int { blocksByKind.values.reduce(0, +) }

  /// - Throws: `FormatError` where the archive's structure is damaged.
  public init(of source: any ByteSource) throws {
    var reader = FrameReader(source)
    while let header = try reader.nextFrame() {
      if header.holdsModel {
        _ = try reader.nextBlock()
        _ = try reader.finishFrame()
        continue
      }
      frames += 1
      while let block = try reader.nextBlock() {
        sizes.content += block.size
        for leaf in block.leaves {
          blocksByKind[leaf.kind, default: 0] += 1
          if leaf.kind.needsModel && !models.contains(header.model) { models.append(header.model) }
        }
      }
      _ = try reader.finishFrame()
    }
    sizes.archive = reader.position
  }
}
