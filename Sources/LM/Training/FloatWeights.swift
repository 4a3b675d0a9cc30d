import Foundation
import Kernels

/// A float32 number for every parameter of a model: its weights, a gradient, or a moment.
package struct FloatWeights: Sendable {
  package let layout: ParameterLayout
  package let values: Buffer<Float>

  /// Zeros.
  package init(_ layout: ParameterLayout) {
    self.layout = layout
    values = Buffer(count: layout.count)
  }

  package func matrix(_ parameter: ParameterLayout.Parameter) -> FloatMatrix {
    FloatMatrix(
      values, offset: parameter.offset, rows: parameter.rows, columns: parameter.columns)
  }

  package func copy() -> FloatWeights {
    let copy = FloatWeights(layout)
    copy.values.copyRow(0, from: values, at: 0, count: layout.count)
    return copy
  }
}

extension FloatWeights {
  /// Random weights to train from: matrices that read the residual stream are normal with variance
  /// 1 / width, those that write to it and the n-gram tables are zero, as in pretraining/model.py.
  package init(
    random layout: ParameterLayout, using generator: inout some RandomNumberGenerator
  ) {
    self.init(layout)
    func normal(_ parameter: ParameterLayout.Parameter, deviation: Float) {
      for i in parameter.range { values[i] = deviation * generator.normal() }
    }
    normal(layout.embedding, deviation: 0.02)
    let deviation = 1 / Float(layout.configuration.width).squareRoot()
    for layer in layout.layers {
      normal(layer.queryKeyValue, deviation: deviation)
      normal(layer.gateUp, deviation: deviation)
      values.fill(layer.temperature.range, 1.2)
      values[layer.mix.offset] = 1
    }
    values[layout.logitScale.offset] = 1
  }

  /// The weights of a model file: integers times their scales.
  ///
  /// - Throws: `ModelFileError` where a tensor is missing or of another shape.
  package init(_ file: Safetensors, _ layout: ParameterLayout) throws(ModelFileError) {
    self.init(layout)
    for parameter in layout.all {
      if parameter.role == .vector {
        let tensor = try file.finite(parameter.name, [parameter.count])
        values.copyRow(parameter.offset, from: tensor, at: 0, count: parameter.count)
        continue
      }
      let table = try QuantisedTable(
        file, parameter.name.replacing(".weight", with: ""), rows: parameter.rows,
        width: parameter.columns, bits: parameter.bits)
      for row in 0..<parameter.rows {
        values.setRow(
          parameter.offset + row * parameter.columns, from: table, row: row,
          width: parameter.columns, adding: false)
      }
    }
  }
}

extension ParameterLayout.Parameter {
  /// The name of the scales of a quantised parameter.
  package var scaleName: String { name.replacing(".weight", with: ".scale") }
}

extension RandomNumberGenerator {
  /// A number of the standard normal distribution: Box and Muller, 1958.
  mutating func normal() -> Float {
    let radius = (-2 * log(Double.random(in: Double.leastNonzeroMagnitude...1, using: &self)))
    return Float(radius.squareRoot() * cos(2 * .pi * Double.random(in: 0..<1, using: &self)))
  }
}
