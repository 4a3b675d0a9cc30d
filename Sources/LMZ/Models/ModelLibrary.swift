import CModels
import Codec
import Kernels
import LM

/// The models that are part of the program.
public enum EmbeddedModel: String, CaseIterable, Sendable {
  case nano, small

  /// The model file.
  public var file: [UInt8] { Array(bytes) }

  /// XXH64 of the file.
  var identity: UInt64 { self == .small ? Self.smallIdentity : Self.nanoIdentity }

  private static let smallIdentity = XXH64.hash(small.bytes.span)
  private static let nanoIdentity = XXH64.hash(nano.bytes.span)

  fileprivate var reference: ModelReference { ModelReference(identity: identity) }

  /// The file where it lies in the program.
  var bytes: UnsafeBufferPointer<UInt8> {
    var size = 0
    let start = self == .small ? lmz_model_small(&size) : lmz_model_nano(&size)
    return UnsafeBufferPointer(start: start, count: size)
  }

  /// The file with this identity, 16 hexadecimal digits; nil where it is none of these.
  public static func file(identity: String) -> [UInt8]? {
    allCases.first { NamedModel.text(of: $0.identity) == identity }?.file
  }
}

extension EmbeddedModel {
  /// The program's n-grams of a vocabulary; nil where it has none.
  ///
  /// - Throws: `ModelFileError` if the program is damaged.
  static func ngrams(vocabulary fingerprint: UInt64) throws(ModelFileError) -> NGramTable? {
    let named = allCases.first { NGramTable.fingerprint(of: $0.ngramFile) == fingerprint }
    guard let model = named else { return nil }
    return try ngrams.withLock { (tables) throws(ModelFileError) in
      if let table = tables[model] { return table }
      let table = try NGramTable(permanent: model.ngramFile)
      tables[model] = table
      return table
    }
  }

  private var ngramFile: UnsafeBufferPointer<UInt8> {
    var size = 0
    let start = self == .small ? lmz_ngrams_small(&size) : lmz_ngrams_nano(&size)
    return UnsafeBufferPointer(start: start, count: size)
  }

  /// Made ready once, when they are first needed.
  private static let ngrams = Guarded<[EmbeddedModel: NGramTable]>([:])
}

/// Models to decode with, found by what a frame says of its model. Those of the program are made ready when
/// they are first needed.
public final class ModelLibrary: Sendable {
  /// The models of the program.
  public static let shared = ModelLibrary()

  private let given: [NamedModel]
  private let isComplete: Bool
  private let embedded = Guarded<[EmbeddedModel: NamedModel]>([:])

  /// - Parameters:
  ///   - given: models beside those of the program, tried first.
  ///   - embedded: whether the models of the program are to be had, too.
  public init(_ given: [NamedModel] = [], embedded: Bool = true) {
    self.given = given
    isComplete = embedded
  }

  /// The same with another model, tried before all others.
  func adding(_ model: NamedModel) -> ModelLibrary {
    ModelLibrary([model] + given, embedded: isComplete)
  }

  /// - Throws: `ModelFileError` if the program is damaged.
  public func model(_ name: EmbeddedModel) throws -> NamedModel {
    try embedded.withLock { models in
      if let model = models[name] { return model }
      let model = try NamedModel(name)
      models[name] = model
      return model
    }
  }

  /// The model that a frame names.
  ///
  /// - Throws: `FormatError.modelMismatch` where it is not here.
  public func model(for reference: ModelReference) throws -> NamedModel {
    if let model = given.first(where: { $0.reference == reference }) { return model }
    if isComplete, let name = Self.embedded(reference) { return try model(name) }
    let names = given.map { "\($0.name) (\($0.reference))" } + (isComplete ? Self.names : [])
    throw FormatError.modelMismatch(
      needed: reference.description, available: names.joined(separator: ", "))
  }

  /// The name of the model that a reference stands for; nil where it is not here.
  public func name(of reference: ModelReference) -> String? {
    given.first { $0.reference == reference }?.name
      ?? (isComplete ? Self.embedded(reference)?.rawValue : nil)
  }

  /// The model of the program that a reference stands for.
  private static func embedded(_ reference: ModelReference) -> EmbeddedModel? {
    EmbeddedModel.allCases.first { $0.reference == reference }
  }

  private static var names: [String] {
    EmbeddedModel.allCases.map { "\($0) (\($0.reference))" }
  }
}
