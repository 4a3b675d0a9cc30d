import ArgumentParser
import Foundation
import LMZ

/// How many threads.
struct ThreadOptions: ParsableArguments {
  @Option(
    name: [.customShort("T", allowingJoined: true), .long],
    help: "Number of threads; 0 means all processors.")
  var threads = 0

  func validate() throws {
    guard (0...256).contains(threads) else {
      throw ValidationError("the number of threads must be in 0...256")
    }
  }

  var count: Int { threads > 0 ? threads : ProcessInfo.processInfo.activeProcessorCount }
}

/// Which models there are, how many threads. The output is the same for any number of threads.
struct RunOptions: ParsableArguments {
  @OptionGroup var threads: ThreadOptions

  @Option(help: "Use this model: nano, small, a model file, or an adapter.")
  var model: String?

  @Option(
    help: "Refuse what needs more memory than this for context models, as 64M or 1G.")
  var memory: ByteCount?

  func options() throws -> Options {
    var options = Options(threads: threads.count)
    if let memory { options.memoryLimit = memory.bytes }
    // For tests of exactness; it never changes the output.
    if let name = ProcessInfo.processInfo.environment["LMZ_ISA"] {
      guard let set = InstructionSet(available: name) else {
        let names = InstructionSet.available.map(\.rawValue).joined(separator: ", ")
        throw ValidationError("LMZ_ISA=\(name): this processor has \(names)")
      }
      options.instructionSet = set
    }
    return options
  }

  /// The models to decode with.
  func library() throws -> ModelLibrary {
    guard let model, EmbeddedModel(rawValue: model) == nil else { return ModelLibrary() }
    return ModelLibrary([try load(model)])
  }

  /// The model of the option, or the one of the program named `standard`.
  func loadModel(_ standard: EmbeddedModel, from library: ModelLibrary) throws -> NamedModel {
    guard let model else { return try library.model(standard) }
    if let name = EmbeddedModel(rawValue: model) { return try library.model(name) }
    return try load(model)
  }

  private func load(_ name: String) throws -> NamedModel {
    try NamedModel(InputFile.content(name), of: name)
  }
}

/// A number of bytes, as users write it: 4096, 64K, 16M, 1G, also with iB behind.
struct ByteCount: ExpressibleByArgument {
  let bytes: Int

  init?(argument: String) {
    let digits = argument.prefix { $0.isASCII && $0.isNumber }
    let shifts = ["": 0, "k": 10, "m": 20, "g": 30, "kib": 10, "mib": 20, "gib": 30]
    guard let number = Int(digits),
      let shift = shifts[argument.dropFirst(digits.count).lowercased()],
      number > 0, number <= Int.max >> shift
    else { return nil }
    bytes = number << shift
  }
}

/// How to compress.
struct MethodOptions: ParsableArguments {
  @Flag(help: "Level: 1-3 without language model, 4-5 nano, 6-9 small.")
  var level: LevelFlag = .level6

  @Flag(name: .customLong("lm-only"), help: "Use the language model alone: the size measures it.")
  var languageModelOnly = false

  @Flag(name: .customLong("no-lm"), help: "Use no language model: fast.")
  var withoutLanguageModel = false

  @Flag(
    name: .customLong("embed-model"),
    help: "Put the model file or adapter of --model into the archive, so that it opens anywhere.")
  var embedsModel = false

  @Option(
    help: """
      Begin anew after so many bytes, as 16M: several threads code such frames side by side, in both directions.
      """)
  var frameSize: ByteCount?

  /// Smaller frames would learn next to nothing.
  private static let smallestFrame = 1 << 16

  func validate() throws {
    if let frameSize, frameSize.bytes < Self.smallestFrame {
      throw ValidationError("--frame-size must be 64K or more")
    }
    if languageModelOnly && (withoutLanguageModel || level.level.model == nil) {
      throw ValidationError("--lm-only does not go with --no-lm or with levels 1 to 3")
    }
  }

  /// - Parameter lanes: in place of the level's.
  func compressor(_ execution: RunOptions, _ library: ModelLibrary, lanes: Int? = nil) throws
    -> Compressor
  {
    let level = level.level
    if embedsModel && (execution.model == nil || withoutLanguageModel) {
      throw ValidationError("--embed-model needs --model, and does not go with --no-lm")
    }
    var options = try execution.options()
    options.memory = level.memory
    options.lanes = lanes ?? level.lanes
    options.frameSize = frameSize?.bytes
    guard let standard = execution.model != nil ? .small : level.model, !withoutLanguageModel else {
      options.method = .withoutLanguageModel
      return Compressor(model: nil, options: options)
    }
    options.method = languageModelOnly ? .languageModelOnly : .mixed
    options.embedsModel = embedsModel
    return Compressor(model: try execution.loadModel(standard, from: library), options: options)
  }
}

/// -1 to -9, as gzip and xz have them.
enum LevelFlag: Int, EnumerableFlag {
  case level1 = 1
  case level2, level3, level4, level5, level6, level7, level8, level9

  var level: Level { Level(rawValue) }

  static func name(for value: LevelFlag) -> NameSpecification {
    let digit = NameSpecification.Element.customShort(Character("\(value.rawValue)"))
    return switch value {
    case .level1: [digit, .customLong("fast")]
    case .level9: [digit, .customLong("best")]
    default: [digit]
    }
  }
}

/// How much to say.
struct Verbosity: ParsableArguments {
  @Flag(name: .shortAndLong, help: "No progress, no warnings.")
  var quiet = false

  @Flag(name: .shortAndLong, help: "Say what was done with every file.")
  var verbose = false
}

/// What becomes of input and output.
struct OutputOptions: ParsableArguments {
  @Flag(
    name: [.customShort("c"), .long, .customLong("to-stdout")], help: "Write to standard output.")
  var stdout = false

  @Option(name: [.customShort("o"), .long], help: "Write to this file.")
  var output: String?

  @Flag(name: .shortAndLong, help: "Replace existing files, follow links, write to a terminal.")
  var force = false

  @Flag(name: .shortAndLong, help: "Keep the input (the default).")
  var keep = false

  @Flag(
    name: .customLong("rm"), help: "Remove the input after the output was verified and is on disk.")
  var remove = false

  @Flag(help: "Decode what was written and compare it with the input, as --rm does.")
  var verify = false

  @Option(
    name: [.customShort("S", allowingJoined: true), .long], help: "Suffix of compressed files.")
  var suffix = ".lmz"

  /// Whether a file has the name of an archive.
  func isArchive(_ name: String) -> Bool { name.hasSuffix(suffix) || name.hasSuffix(".tlmz") }

  func validate() throws {
    guard suffix.count > 1, suffix.hasPrefix("."), !suffix.contains("/") else {
      throw ValidationError("--suffix must be a dot and a name")
    }
    if verify && stdout { throw ValidationError("--verify does not go with -c") }
    if remove && keep { throw ValidationError("--keep and --rm exclude each other") }
  }
}
