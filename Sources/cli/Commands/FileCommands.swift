import ArgumentParser
import LMZ

/// `lmz compress`, `lmz decompress`, `lmz test`: the operations with their own option lists.

struct Compress: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Compress files: FILE becomes FILE.lmz.")

  @OptionGroup var method: MethodOptions
  @OptionGroup var arguments: FileArguments

  func run() throws { try arguments.perform(.compress, method) }
}

struct Decompress: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Restore files: FILE.lmz becomes FILE.")

  @OptionGroup var arguments: FileArguments

  func run() throws { try arguments.perform(.decompress) }
}

struct Test: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Test whether files decode to what their checksum says; writes nothing.")

  @OptionGroup var execution: RunOptions
  @OptionGroup var verbosity: Verbosity
  @Flag(name: .shortAndLong, help: "Take the files in directories.") var recursive = false
  @Argument(help: "Files; standard input where there is none, or for -.") var files: [String] = []

  func run() throws {
    let output = try OutputOptions.parse([])
    try OperandLoop(
      operation: .test, execution: execution, method: nil, output: output, verbosity: verbosity,
      isRecursive: recursive)(files)
  }
}

/// What compressing and decompressing take.
struct FileArguments: ParsableArguments {
  @OptionGroup var output: OutputOptions
  @OptionGroup var execution: RunOptions
  @OptionGroup var verbosity: Verbosity
  @Flag(name: .shortAndLong, help: "Take the files in directories.") var recursive = false
  @Argument(help: "Files; standard input where there is none, or for -.") var files: [String] = []

  func perform(_ operation: Operation, _ method: MethodOptions? = nil) throws {
    if output.verify && operation != .compress {
      throw ValidationError("--verify goes with compressing; what is decoded is always verified")
    }
    try OperandLoop(
      operation: operation, execution: execution, method: method, output: output,
      verbosity: verbosity, isRecursive: recursive)(files)
  }
}

/// `lmz FILE` and `lmz -d FILE`, as gzip, xz and zstd have it. The default command; its name is one that
/// no file has, so that it hides none.
struct Shorthand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "...", shouldDisplay: false)

  @Flag(name: [.customShort("z"), .long], help: "Compress (the default).") var compress = false
  @Flag(name: [.customShort("d"), .long, .customLong("uncompress")], help: "Decompress.")
  var decompress = false
  @Flag(name: .shortAndLong, help: "Test.") var test = false
  @Flag(name: .shortAndLong, help: "List.") var list = false
  @Flag(name: [.customShort("V"), .long], help: "Show the version and the models.")
  var version = false
  @OptionGroup var method: MethodOptions
  @OptionGroup var arguments: FileArguments

  func validate() throws {
    if [compress, decompress, test, list].count(where: { $0 }) > 1 {
      throw ValidationError("-z, -d, -t and -l exclude each other")
    }
    let output = arguments.output
    let writes = output.remove || output.verify || output.stdout || output.output != nil
    if (test || list) && writes {
      throw ValidationError(
        "-t and -l write no file: -c, -o, --rm and --verify do not go with them")
    }
  }

  func run() throws {
    if version {
      let models = try EmbeddedModel.allCases.map {
        "\($0.rawValue) \(try ModelLibrary.shared.model($0).identityText)"
      }
      try Console.print("lmz \(libraryVersion)\nmodels: \(models.joined(separator: ", "))")
    } else if list {
      try List.list(
        arguments.files, isRecursive: arguments.recursive, output: arguments.output,
        execution: arguments.execution)
    } else {
      try arguments.perform(test ? .test : decompress ? .decompress : .compress, method)
    }
  }
}
