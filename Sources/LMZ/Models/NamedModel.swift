import Codec
import LM

/// A model with its identity.
public struct NamedModel: Sendable {
  public let model: Model
  /// As the model file or the adapter file has it.
  public let name: String
  /// The identity of the model that an adapter changes; nil where there is no adapter.
  public let base: String?
  /// XXH64 of the model file, or of the adapter file.
  public let identity: UInt64
  /// Bytes of the file.
  public let fileSize: Int
  /// What streams begin with; nil for nothing.
  let priming: Priming?
  /// The model file or the adapter file; nil for the models of the program, which need not be carried.
  let file: [UInt8]?
  /// How tokens are coded.
  let trie: TokenTrie
  /// What is known of the vocabulary's n-grams; nil for nothing.
  public let ngrams: NGramTable?

  public var reference: ModelReference { ModelReference(identity: identity) }

  /// The identity as it is shown: 16 hexadecimal digits, of which frames hold the first 8.
  public var identityText: String { Self.text(of: identity) }

  static func text(of identity: UInt64) -> String {
    let digits = String(identity, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }

  /// - Throws: `ModelFileError` where the file is damaged or of another kind.
  public init(file bytes: [UInt8]) throws(ModelFileError) {
    try self.init(file: bytes, ngrams: nil)
  }

  /// - Parameter ngrams: of the model's vocabulary; nil for those of the program, where it has them. Others are not put
  ///   into archives with the model.
  package init(file bytes: [UInt8], ngrams: NGramTable?) throws(ModelFileError) {
    try self.init(Model(file: bytes), File(bytes), ngrams: ngrams)
  }

  /// A model of the program.
  init(_ embedded: EmbeddedModel) throws(ModelFileError) {
    let file = File(identity: embedded.identity, size: embedded.bytes.count, content: nil)
    try self.init(Model(Safetensors(permanent: embedded.bytes)), file)
  }

  /// A model file or an adapter of one of the program's models.
  ///
  /// - Throws: `ModelFileError` where it is neither.
  public init(any bytes: [UInt8]) throws(ModelFileError) {
    if Adapter.isAdapter(bytes) {
      try self.init(adapter: bytes, base: EmbeddedModel.file(identity:))
    } else {
      try self.init(file: bytes)
    }
  }

  /// A model as an adapter changes it.
  ///
  /// - Parameter base: finds the file of the model that the adapter was made for, by its identity.
  /// - Throws: `ModelFileError` where the file is damaged, of another kind, or its base is not to be had.
  public init(adapter bytes: [UInt8], base: (_ identity: String) -> [UInt8]?)
    throws(ModelFileError)
  {
    let adapter = try Adapter(file: bytes)
    guard let file = base(adapter.base) else {
      throw .unsupported("it changes model \(adapter.base), which is not here")
    }
    let model = try Model(file: adapter.applied(to: Safetensors(file)))
    try self.init(model, File(bytes), adapter: adapter)
  }

  /// Where a model comes from.
  fileprivate struct File {
    let identity: UInt64
    let size: Int
    /// Nil for what need not be carried.
    let content: [UInt8]?
  }

  private init(
    _ model: Model, _ file: File, adapter: Adapter? = nil, ngrams: NGramTable? = nil
  ) throws(ModelFileError) {
    self.model = model
    name = adapter?.name ?? model.name
    base = adapter?.base
    self.file = file.content
    identity = file.identity
    fileSize = file.size
    trie = TokenTrie(starts: model.vocabulary.starts, bytes: model.vocabulary.bytes)
    let fingerprint = model.vocabulary.fingerprint
    guard (ngrams?.fingerprint ?? fingerprint) == fingerprint else {
      throw .unsupported("the n-grams are of another vocabulary")
    }
    self.ngrams = try ngrams == nil ? EmbeddedModel.ngrams(vocabulary: fingerprint) : ngrams
    self.priming = Priming(adapter?.priming ?? [], model, trie)
  }
}

extension NamedModel.File {
  fileprivate init(_ bytes: [UInt8]) {
    self.init(identity: XXH64.hash(bytes), size: bytes.count, content: bytes)
  }
}
