import Foundation
import Kernels

/// A run on disk, in safetensors: float32 weights, the best so far, both moments, and where it was.
package enum TrainingCheckpoint {
  private static let format = "lmz-training"

  /// The trainer as a file, from which an equal trainer goes on exactly.
  package static func file(_ trainer: Trainer) throws -> [UInt8] {
    var writer = SafetensorsWriter()
    for (name, weights) in trainer.arrays {
      writer.add(name, .f32, [weights.values.count], weights.values)
    }
    return try writer.file(metadata: [
      "format": format, "state": try json(trainer.state),
      "settings": try json(trainer.settings.withoutBudget),
      "configuration": try json(trainer.layout.configuration),
      "corpus": trainer.corpusDescription,
    ])
  }

  /// Puts the trainer where the run was that wrote the file.
  ///
  /// - Throws: `ModelFileError` where the file is damaged, `TrainingError.notThisRun` where it is of other
  ///   data, settings or a model of another shape. A longer budget is no other run.
  package static func restore(_ bytes: [UInt8], to trainer: Trainer) throws {
    let file = try Safetensors(bytes)
    guard file.metadata["format"] == format, let state = file.metadata["state"] else {
      throw ModelFileError.unsupported("it is no checkpoint of training")
    }
    try expect(file, "configuration", try json(trainer.layout.configuration), "model's shape")
    try expect(file, "settings", try json(trainer.settings.withoutBudget), "settings")
    try expect(file, "corpus", trainer.corpusDescription, "text")
    let decoded = try JSONDecoder().decode(Trainer.State.self, from: Data(state.utf8))
    for (name, weights) in trainer.arrays {
      let tensor: Buffer<Float> = try file.tensor(name, .f32, [weights.values.count])
      weights.values.copyRow(0, from: tensor, at: 0, count: tensor.count)
    }
    trainer.resume(decoded)
  }

  private static func expect(
    _ file: Safetensors, _ key: String, _ expected: String, _ what: String
  ) throws(TrainingError) {
    guard file.metadata[key] == expected else { throw .notThisRun("its \(what) differ") }
  }

  private static func json(_ value: some Encodable) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    return String(decoding: try encoder.encode(value), as: UTF8.self)
  }
}

extension TrainingSettings {
  /// What must be the same for a run to go on.
  fileprivate var withoutBudget: TrainingSettings {
    var settings = self
    settings.budget = .tokens(0)
    return settings
  }
}

extension Trainer {
  fileprivate var arrays: [(String, FloatWeights)] {
    [
      ("weights", weights), ("best", best), ("momentum", optimizer.momentum),
      ("second_moment", optimizer.secondMoment),
    ]
  }
}
