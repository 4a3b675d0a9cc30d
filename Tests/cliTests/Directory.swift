import Foundation

/// A directory of its own for one test, removed afterwards, and the program to run in it.
final class Directory: Sendable {
  private let url: URL

  init() throws {
    url = FileManager.default.temporaryDirectory.appending(path: "lmz-test-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(at: url) }

  struct Result {
    var status: Int32
    var output: [UInt8]
    var error: String
  }

  var names: [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: url.path)) ?? []).sorted()
  }

  func path(_ name: String) -> String { url.appending(path: name).path }

  func write(_ name: String, _ bytes: [UInt8]) throws {
    try Data(bytes).write(to: url.appending(path: name))
  }

  func read(_ name: String) throws -> [UInt8] {
    [UInt8](try Data(contentsOf: url.appending(path: name)))
  }

  func remove(_ name: String) throws {
    try FileManager.default.removeItem(at: url.appending(path: name))
  }

  func lmz(_ arguments: String...) throws -> Result { try run(arguments) }

  /// The built program lies beside the test bundle, which on Linux is the folder itself.
  private static let program: URL = {
    let folder = Bundle(for: Directory.self).bundleURL
    let inside = folder.appending(path: "lmz")
    return FileManager.default.isExecutableFile(atPath: inside.path)
      ? inside : folder.deletingLastPathComponent().appending(path: "lmz")
  }()

  func process(_ arguments: [String]) -> Process {
    let process = Process()
    process.executableURL = Self.program
    process.arguments = arguments
    process.currentDirectoryURL = url
    process.standardInput = FileHandle.nullDevice
    return process
  }

  func run(
    _ arguments: [String], input: [UInt8] = [], outputTo: String? = nil,
    environment: [String: String]? = nil
  ) throws -> Result {
    let process = process(arguments)
    if let environment { process.environment = environment }
    let name = ".\(UUID().uuidString)"
    let (inputFile, errorFile) = (url.appending(path: name), Pipe())
    let outputFile = outputTo.map { URL(filePath: $0) } ?? url.appending(path: name + ".out")
    try Data(input).write(to: inputFile)
    if outputTo == nil { try Data().write(to: outputFile) }
    process.standardInput = try FileHandle(forReadingFrom: inputFile)
    process.standardOutput = try FileHandle(forWritingTo: outputFile)
    process.standardError = errorFile
    try process.run()
    let error = errorFile.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    defer {
      try? FileManager.default.removeItem(at: inputFile)
      if outputTo == nil { try? FileManager.default.removeItem(at: outputFile) }
    }
    return Result(
      status: process.terminationStatus,
      output: outputTo == nil ? [UInt8](try Data(contentsOf: outputFile)) : [],
      error: String(decoding: error, as: UTF8.self))
  }
}
