import Foundation
import LMZ

/// What is fed with the fuzzer's bytes.
enum Target: String, CaseIterable {
  /// As an archive whose fields are read and whose content is not decoded: `lmz -l`.
  case container
  /// As an archive that is decoded.
  case archive
  /// As content: compressed and restored, and once more from an archive with one bit changed.
  case content
  /// As an expansion, the deflated streams of which are made again.
  case expansion
  /// As text: its tokens stand for it.
  case tokens
  /// As a model file or an adapter.
  case model
}

/// What a target needs, made once.
enum Fixture {
  nonisolated(unsafe) private static var target = Target.archive
  nonisolated(unsafe) private static var model: NamedModel?
  nonisolated(unsafe) private static var file: [UInt8] = []

  static func load(_ name: Target, modelFile: String) throws {
    target = name
    file = [UInt8](try Data(contentsOf: URL(filePath: modelFile)))
    model = try NamedModel(file: file)
  }

  /// Ends the process where a promise is broken.
  static func run(_ bytes: [UInt8]) {
    guard let model else { return }
    switch target {
    case .container: _ = try? ArchiveSummary(of: ArraySource(bytes))
    case .archive: _ = try? decompress(bytes, model: model, options: options)
    case .content: restore(bytes, model)
    case .expansion:
      // Of two blocks, so that streams can go on. Two bytes say how long the content and the first expansion are.
      guard bytes.count > 2 else { return }
      let expansions = bytes.dropFirst(2)
      var restorer = ExpansionRestorer()
      for part in [expansions.prefix(Int(bytes[1])), expansions.dropFirst(Int(bytes[1]))] {
        _ = try? restorer.content(of: Array(part), size: Int(bytes[0]))
      }
    case .tokens:
      var encoder = BytePairEncoder(model.model.merges)
      precondition(model.model.vocabulary.decode(encoder.encode(bytes[...])) == bytes)
    case .model: _ = try? NamedModel(any: bytes)
    }
  }

  private static var options: Options {
    var options = Options(memory: .small, threads: 1)
    options.memoryLimit = 16 << 20
    return options
  }

  /// The first byte says how to compress and which bit to change.
  private static func restore(_ bytes: [UInt8], _ model: NamedModel) {
    guard let choice = bytes.first else { return }
    let content = Array(bytes.dropFirst())
    var options = options
    options.method =
      [.mixed, .withoutLanguageModel, .languageModelOnly, .mixed][Int(choice & 3)]
    guard var archive = try? compress(content, model: model, options: options),
      let restored = try? decompress(archive, model: model, options: options), restored == content
    else { preconditionFailure("content is not restored") }
    let bit = (Int(choice) &* 2_654_435_761 &+ content.count) % (8 * archive.count)
    archive[bit / 8] ^= 1 << (bit % 8)
    precondition(
      (try? decompress(archive, model: model, options: options)) == nil, "damage is not noticed")
  }
}
