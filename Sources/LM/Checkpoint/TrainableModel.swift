import Foundation
import Kernels

/// A model as training sees it: float32 weights, and what a model file holds beside weights.
package struct TrainableModel {
  package let weights: FloatWeights
  package let rotary: RotaryPhases
  package let tokenizer: Tokenizer
  private let rotarySteps: Buffer<UInt64>

  package var configuration: Configuration { weights.layout.configuration }

  /// The weights of a model file.
  ///
  /// - Throws: `ModelFileError` where the file is damaged or of another kind.
  package init(file: Safetensors) throws {
    let model = try Model(file)
    weights = try FloatWeights(file, ParameterLayout(model.configuration))
    tokenizer = model.tokenizer
    rotarySteps = try file.tensor("rotary.steps", .u64, [model.configuration.headSize / 2])
    rotary = model.weights.rotary
  }

  /// Random weights.
  ///
  /// - Parameter configuration: its vocabulary is that of the tokenizer, whatever it says.
  /// - Throws: `ModelFileError.unsupported` where the kernels cannot run this shape.
  package init(
    random configuration: Configuration, tokenizer: Tokenizer,
    using generator: inout some RandomNumberGenerator
  ) throws {
    var configuration = configuration
    configuration.vocabulary = tokenizer.vocabulary.count
    try configuration.validate()
    weights = FloatWeights(random: ParameterLayout(configuration), using: &generator)
    self.tokenizer = tokenizer
    rotarySteps = Buffer(RotaryPhases.steps(headSize: configuration.headSize))
    rotary = RotaryPhases(steps: rotarySteps.array(0..<rotarySteps.count))
  }

  /// The quantised model file: integer weights with one scale per row.
  ///
  /// - Parameters:
  ///   - weights: in place of the model's own.
  ///   - provenance: what the file shall say of its making, as JSON.
  package func file(named name: String, weights: FloatWeights, provenance: String) throws
    -> [UInt8]
  {
    var writer = SafetensorsWriter()
    for parameter in weights.layout.all { writer.add(parameter, of: weights) }
    writer.add("rotary.steps", .u64, [rotarySteps.count], rotarySteps)
    tokenizer.write(to: &writer)
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    return try writer.file(metadata: [
      "format": "lmz-model", "version": Model.formatVersion, "name": name,
      "configuration": String(decoding: try encoder.encode(configuration), as: UTF8.self),
      "provenance": provenance,
    ])
  }
}

extension SafetensorsWriter {
  /// A parameter as model files have it: vectors in float32, the others in integers with their scales.
  mutating func add(_ parameter: ParameterLayout.Parameter, of weights: FloatWeights) {
    if parameter.role == .vector {
      add(parameter.name, .f32, [parameter.count], weights.values, at: parameter.offset)
      return
    }
    let (integers, scales) = weights.quantised(parameter)
    if parameter.bits == 8 {
      add(parameter.name, .i8, [parameter.rows, parameter.columns], integers)
    } else {
      add(parameter.name, .u8, [parameter.rows, parameter.columns / 2], integers.nibbles())
    }
    add(parameter.scaleName, .f32, [parameter.rows], scales)
  }
}

extension Buffer where Element == Int8 {
  /// Two integers from -8 to 7 in a byte: 8 added to each, the first in the lower half. What `QuantisedTable` reads.
  fileprivate func nibbles() -> Buffer<UInt8> {
    let bytes = Buffer<UInt8>(count: count / 2)
    for i in 0..<bytes.count {
      bytes[i] = UInt8(self[2 * i] + 8) | UInt8(self[2 * i + 1] + 8) << 4
    }
    return bytes
  }
}

extension FloatWeights {
  /// Integers of the parameter's bits [rows, columns] and their scales [rows]: of several scales the one
  /// with the smallest squared error.
  package func quantised(_ parameter: ParameterLayout.Parameter) -> (Buffer<Int8>, Buffer<Float>) {
    let integers = Buffer<Int8>(count: parameter.count)
    let scales = Buffer<Float>(count: parameter.rows)
    for row in 0..<parameter.rows {
      scales[row] = integers.setQuantised(
        at: row * parameter.columns, count: parameter.columns, bits: parameter.bits, values,
        at: parameter.offset + row * parameter.columns)
    }
    return (integers, scales)
  }

  /// The weights as a model file holds them: the same numbers after quantisation.
  package func roundedToFile() -> FloatWeights {
    let rounded = copy()
    for parameter in layout.all where parameter.role != .vector {
      let (integers, scales) = quantised(parameter)
      for row in 0..<parameter.rows {
        rounded.values.setRow(
          parameter.offset + row * parameter.columns, from: integers, row: row, scale: scales[row],
          width: parameter.columns, adding: false)
      }
    }
    return rounded
  }
}

extension RotaryPhases {
  /// Turns per position of each frequency, in units of 2^-64 turn, for base 10000.
  package static func steps(headSize: Int) -> [UInt64] {
    stride(from: 0, to: headSize, by: 2).map {
      let turns = pow(10000, -Double($0) / Double(headSize)) / (2 * .pi)
      return UInt64(turns * 0x1p53) << 11
    }
  }
}
