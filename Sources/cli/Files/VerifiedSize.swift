import LMZ

/// The size of a content's archive, which was decoded and compared.
struct VerifiedSize {
  let bytes: Int

  /// - Throws: `FormatError.checksumMismatch` where decoding gives something else.
  init(_ content: [UInt8], _ compressor: Compressor, _ decompressor: Decompressor) throws {
    let archive = CollectingSink()
    try compressor.compress(from: ArraySource(content), to: archive)
    let restored = CollectingSink()
    try decompressor.decompress(from: ArraySource(archive.bytes), to: restored)
    guard restored.bytes == content else { throw FormatError.checksumMismatch }
    bytes = archive.bytes.count
  }
}
