import Foundation
import LMZ

/// The files beside a model in training: OUT.checkpoint and OUT.jsonl.
final class TrainingFiles {
  private let checkpoint: String
  let log: String
  private let output: String
  private var lastSave = ContinuousClock.now

  static let interval = Duration.seconds(120)

  init(_ output: String) {
    self.output = output
    checkpoint = output + ".checkpoint"
    log = output + ".jsonl"
  }

  /// Goes on from the checkpoint, where there is one.
  ///
  /// - Throws: `FileError` where it is damaged or of another run; it is never removed for that.
  func resume(_ trainer: Trainer, quiet: Bool) throws {
    guard FileManager.default.fileExists(atPath: checkpoint) else { return }
    let bytes = try InputFile.content(checkpoint)
    do {
      try TrainingCheckpoint.restore(bytes, to: trainer)
    } catch {
      throw FileError(checkpoint, "\(error); remove it to begin anew")
    }
    if !quiet {
      Console.say("\(Console.shown(output)): goes on after \(trainer.state.tokens) tokens")
    }
  }

  func saveIfDue(_ trainer: Trainer) throws {
    if ContinuousClock.now - lastSave > Self.interval { try save(trainer) }
  }

  /// Replaces the checkpoint once the new one is on disk.
  func save(_ trainer: Trainer) throws {
    let file = try OutputFile(checkpoint, replacing: true)
    try file.sink.write(try TrainingCheckpoint.file(trainer))
    try file.commit(like: nil)
    lastSave = .now
  }

  func removeCheckpoint() { unlink(checkpoint) }
}
