/// The shape of a model. The twin of `Configuration` in pretraining/model.py.
///
/// Legend, used throughout LM: V vocabulary, D width, L layers, H query heads, G key/value heads,
/// E head size, F feed-forward width, W window.
public struct Configuration: Codable, Equatable, Sendable {
  public var vocabulary: Int
  public var width: Int
  public var layers: Int
  public var heads: Int
  public var kvHeads: Int
  public var hidden: Int
  public var window: Int
  public var bigramRows: Int
  public var trigramRows: Int
  /// Bits of an n-gram row's numbers in the file, 8 or 4.
  public var tableBits: Int

  enum CodingKeys: String, CodingKey {
    case vocabulary, width, layers, heads, hidden, window
    case kvHeads = "kv_heads"
    case bigramRows = "bigram_rows"
    case trigramRows = "trigram_rows"
    case tableBits = "table_bits"
  }

  /// Models from before there were tables of four bits do not name their bits.
  public init(from decoder: any Decoder) throws {
    let fields = try decoder.container(keyedBy: CodingKeys.self)
    func number(_ key: CodingKeys) throws -> Int { try fields.decode(Int.self, forKey: key) }
    vocabulary = try number(.vocabulary)
    width = try number(.width)
    layers = try number(.layers)
    heads = try number(.heads)
    kvHeads = try number(.kvHeads)
    hidden = try number(.hidden)
    window = try number(.window)
    bigramRows = try number(.bigramRows)
    trigramRows = try number(.trigramRows)
    tableBits = try fields.decodeIfPresent(Int.self, forKey: .tableBits) ?? 8
  }

  public var headSize: Int { width / heads }

  /// Columns of the fused query, key and value projection.
  var projected: Int { (heads + 2 * kvHeads) * headSize }

  /// Weight products per token; attention over the window is not counted.
  public var multiplyAdds: Int {
    layers * (width * (projected + heads * headSize) + 3 * width * hidden) + vocabulary * width
  }

  /// The largest window whose weighted sums of values fit in 32 bits: 16383 · 127 · W < 2^31.
  static let maximumWindow = 1032

  /// - Throws: `ModelFileError.unsupported` where the kernels cannot run this shape, or where it would
  ///   take memory out of proportion.
  func validate() throws(ModelFileError) {
    func check(_ holds: Bool, _ what: String) throws(ModelFileError) {
      if !holds { throw .unsupported("configuration: \(what)") }
    }
    try check((256...65536).contains(vocabulary), "vocabulary \(vocabulary) is not in 256...65536")
    try check((16...8192).contains(width) && width % 16 == 0, "width \(width)")
    try check((1...256).contains(layers), "layers \(layers)")
    try check((1...256).contains(heads) && width % heads == 0, "heads \(heads)")
    try check(headSize % 16 == 0 && headSize <= 1024, "head size \(headSize)")
    try check(kvHeads >= 1 && heads % kvHeads == 0, "key/value heads \(kvHeads)")
    try check((16...8192).contains(hidden) && hidden % 16 == 0, "hidden \(hidden)")
    try check((1...Self.maximumWindow).contains(window), "window \(window)")
    try check((1...(1 << 24)).contains(bigramRows), "bigram rows \(bigramRows)")
    try check((1...(1 << 24)).contains(trigramRows), "trigram rows \(trigramRows)")
    try check([4, 8].contains(tableBits), "bits of n-gram rows \(tableBits)")
  }
}
