import ArgumentParser
import Foundation
import LMZ

/// Which model, how many threads.
struct RunOptions: ParsableArguments {
  @Option(
    name: [.customShort("T", allowingJoined: true), .long],
    help: "Number of threads; 0 means all processors. The output is the same for any number.")
  var threads = 0

  @Option(help: "A model file to use instead of the one in the program.")
  var model: String?

  func validate() throws {
    guard (0...256).contains(threads) else {
      throw ValidationError("the number of threads must be in 0...256")
    }
  }

  func options() throws -> Options {
    var options = threads > 0 ? Options(threads: threads) : Options()
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

  func loadModel() throws -> NamedModel {
    guard let model else { return try NamedModel.small() }
    let file = try InputFile(model, following: true)
    var source = file.source
    do {
      return try NamedModel(file: source.read(file.size))
    } catch let error as ModelFileError {
      throw FileError(model, error.description)
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
  @Flag(name: [.customShort("c"), .long], help: "Write to standard output.")
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

  func validate() throws {
    if remove && keep { throw ValidationError("--keep and --rm exclude each other") }
  }
}
