import Foundation
import LMZ

/// What is done with each operand.
enum Operation {
  case compress, decompress, test
}

/// Compresses, decompresses or tests the operands one after the other. What goes wrong with one is
/// reported and does not keep the others from being done.
struct OperandLoop {
  let operation: Operation
  let execution: RunOptions
  /// Needed to compress.
  let method: MethodOptions?
  let output: OutputOptions
  let verbosity: Verbosity
  let isRecursive: Bool

  func callAsFunction(_ operands: [String]) throws {
    let files =
      operands.isEmpty
      ? ["-"]
      : isRecursive
        ? DirectoryContents.expanded(operands) {
          output.isArchive($0) != (operation == .compress)
        } : operands
    if output.output != nil && files.count > 1 {
      throw FileError(output.output ?? "", "only one input can be written to it")
    }
    Interrupts.install()
    let library = try execution.library()
    let worker = Worker(
      operation: operation,
      compressor: operation == .compress ? try method?.compressor(execution, library) : nil,
      decompressor: Decompressor(models: library, options: try execution.options()),
      output: output, verbosity: verbosity)
    for file in files {
      do {
        try worker.process(file)
      } catch let skipped as NotRegular {
        Console.warning(
          "\(Console.shown(skipped.name)): \(skipped.what) -- ignored", quiet: verbosity.quiet)
      } catch let error as FileError {
        Console.error("\(error)")
      } catch {
        Console.error("\(Console.shown(file == "-" ? "standard input" : file)): \(error)")
      }
    }
    if Console.status != .done { throw Console.status }
  }
}

private struct Worker {
  let operation: Operation
  let compressor: Compressor?
  let decompressor: Decompressor
  let output: OutputOptions
  let verbosity: Verbosity

  func process(_ operand: String) throws {
    if operand == "-" {
      try process(standardInput: FileSource.standardInput)
      return
    }
    let input = try InputFile(
      operand, following: output.force || output.stdout,
      pipes: output.stdout || operation == .test)
    if operation == .test {
      let sizes = try transfer(input.source, to: ChecksumSink(), name: operand, total: nil)
      report(operand, sizes, "OK")
    } else if output.stdout {
      try refuseTerminal()
      report(
        operand,
        try transfer(
          input.source, to: FileSink.standardOutput, name: operand,
          total: operation == .compress ? input.size : nil),
        "standard output")
    } else {
      try write(input, to: output.output ?? targetName(operand))
    }
  }

  private func process(standardInput source: FileSource) throws {
    if operation != .compress && Console.isTerminal(STDIN_FILENO) {
      throw FileError(source.name, "compressed data is not read from a terminal")
    }
    let name = source.name
    switch (operation, output.stdout ? nil : output.output) {
    case (.test, _):
      report(name, try transfer(source, to: ChecksumSink(), name: name, total: nil), "OK")
    case (_, let target?):
      let file = try OutputFile(target, replacing: output.force)
      let content = ChecksumSource(source)
      let sizes = try transfer(content, to: file.sink, name: name, total: nil)
      if output.verify { try verify(file, content, sizes) }
      try file.commit(like: nil)
      report(name, sizes, target)
    case (_, nil):
      try refuseTerminal()
      let sizes = try transfer(source, to: FileSink.standardOutput, name: name, total: nil)
      report(name, sizes, "standard output")
    }
  }

  private func refuseTerminal() throws {
    if operation == .compress && !output.force && Console.isTerminal(STDOUT_FILENO) {
      throw FileError("standard output", "compressed data is not written to a terminal; use -f")
    }
  }

  /// - Throws: `NotRegular` where the name does not suit the operation.
  private func targetName(_ operand: String) throws -> String {
    let suffix = output.suffix
    if operation == .compress {
      guard !output.isArchive(operand) || output.force else {
        throw NotRegular(
          name: operand,
          what: "already has the suffix \(operand.hasSuffix(suffix) ? suffix : ".tlmz")")
      }
      return operand + suffix
    }
    if operand.hasSuffix(".tlmz"), !operand.hasSuffix("/.tlmz"), operand != ".tlmz" {
      return operand.dropLast(5) + ".tar"
    }
    let base = operand.dropLast(suffix.count)
    guard operand.hasSuffix(suffix), !base.isEmpty, !base.hasSuffix("/") else {
      throw NotRegular(name: operand, what: "has not the suffix \(suffix); use -o or -c")
    }
    return String(base)
  }

  private func write(_ input: InputFile, to target: String) throws {
    var existing = stat()
    if stat(target.fileSystemName, &existing) == 0, existing.st_dev == input.status.st_dev,
      existing.st_ino == input.status.st_ino
    {
      throw FileError(target, "is the input itself")
    }
    let file = try OutputFile(target, replacing: output.force)
    let content = ChecksumSource(input.source)
    let sizes = try transfer(
      content, to: file.sink, name: input.name, total: operation == .compress ? input.size : nil)
    if output.remove || output.verify { try verify(file, content, sizes) }
    try file.commit(like: input.status)
    if output.remove { try input.remove() }
    report(input.name, sizes, target)
  }

  /// Decodes an archive that was written and compares it with what was read. What was decoded needs no
  /// more than the checksum that it was found to have.
  private func verify(_ file: OutputFile, _ content: ChecksumSource, _ sizes: StreamSizes) throws {
    guard operation == .compress else { return }
    let decoded = ChecksumSink()
    try decompressor.decompress(from: file.reread(), to: decoded)
    guard decoded.checksum.digest() == content.checksum.digest(), decoded.count == sizes.content
    else { throw FileError(file.sink.name, "does not decode to the input; the input is kept") }
  }

  private func transfer(
    _ source: any ByteSource, to sink: any ByteSink, name: String, total: Int?
  ) throws -> StreamSizes {
    let bar = ProgressBar(name, total: total, isOn: !verbosity.quiet)
    defer { bar.finish() }
    return try compressor?.compress(from: source, to: sink, progress: bar.advance)
      ?? decompressor.decompress(from: source, to: sink, progress: bar.advance)
  }

  private func report(_ name: String, _ sizes: StreamSizes, _ result: String) {
    guard verbosity.verbose, !verbosity.quiet else { return }
    let ratio = Measure.percentage(sizes)
    Console.say(
      "\(Console.shown(name)): \(sizes.content) bytes, \(sizes.archive) compressed (\(ratio)), "
        + "\(Console.shown(result))")
  }
}
