import Foundation
import Kernels

/// Muon for the matrices, AdamW for everything else; or AdamW alone.
///
/// The twin of pretraining/optimizer.py. All state lies in two arrays of the parameters' layout: the
/// first moments, which for Muon are its momentum, and the second moments of AdamW.
package final class Optimizer {
  package struct Settings: Codable, Equatable, Sendable {
    package enum Method: String, Codable, CaseIterable, Sendable { case muon, adamw }

    package enum Part: String, Codable, Sendable { case everything, vectors }

    /// Which parameters change.
    package var part = Part.everything
    /// What trains the matrices.
    package var method = Method.muon
    package var muonRate: Float = 0.02
    package var adamRate: Float = 4e-3
    /// Decoupled weight decay of the matrices.
    package var weightDecay: Float = 0.02
    /// Largest Euclidean norm of a gradient; longer ones are shortened to it.
    package var clip: Float = 1

    package init() {}
  }

  let settings: Settings
  let layout: ParameterLayout
  package let momentum: FloatWeights
  package let secondMoment: FloatWeights
  private let units: [[Unit]]
  private let scratch: [Orthogonaliser?]

  static let betas: (Float, Float) = (0.9, 0.95)
  static let muonMomentum: Float = 0.95

  /// A part of a step that one worker does alone.
  private enum Unit {
    case muon(ParameterLayout.Parameter, rows: Range<Int>)
    case adam(Range<Int>, decays: Bool)

    /// Multiply-adds, roughly.
    func cost(_ columns: Int) -> Int {
      switch self {
      case .muon(_, let rows): 30 * rows.count * columns * min(rows.count, columns)
      case .adam(let range, _): 30 * range.count
      }
    }
  }

  package init(_ layout: ParameterLayout, _ settings: Settings, workers: Int) {
    self.layout = layout
    self.settings = settings
    momentum = FloatWeights(layout)
    secondMoment = FloatWeights(layout)
    (units, scratch) = Self.plan(layout, settings, workers)
  }

  private static func plan(_ layout: ParameterLayout, _ settings: Settings, _ workers: Int)
    -> ([[Unit]], [Orthogonaliser?])
  {
    var costs: [(unit: Unit, cost: Int)] = []
    var largest = 0
    func add(_ unit: Unit, _ columns: Int) { costs.append((unit, unit.cost(columns))) }
    for parameter in layout.all where settings.part == .everything || parameter.role == .vector {
      switch parameter.role {
      case .matrix(let blocks) where settings.method == .muon:
        let rows = parameter.rows / blocks
        for i in 0..<blocks {
          add(.muon(parameter, rows: (i * rows)..<((i + 1) * rows)), parameter.columns)
        }
        largest = max(largest, rows * parameter.columns)
      default:
        let decays = if case .matrix = parameter.role { true } else { false }
        for start in stride(from: 0, to: parameter.count, by: 1 << 20) {
          let end = min(parameter.count, start + 1 << 20)
          add(.adam((parameter.offset + start)..<(parameter.offset + end), decays: decays), 1)
        }
      }
    }
    // The dearest first, each to the worker that has least to do.
    var units = [[Unit]](repeating: [], count: workers)
    var loads = [Int](repeating: 0, count: workers)
    for (unit, cost) in costs.sorted(by: { $0.cost > $1.cost }) {
      let worker = loads.indices.min { loads[$0] < loads[$1] } ?? 0
      units[worker].append(unit)
      loads[worker] += cost
    }
    return (units, (0..<workers).map { _ in largest > 0 ? Orthogonaliser(largest) : nil })
  }

  /// Worker `worker`'s part of a step.
  ///
  /// - Parameters:
  ///   - number: of the step, from 1.
  ///   - factor: of the learning rates, from the schedule.
  ///   - gradient: used up.
  func step(
    _ number: Int, worker: Int, _ weights: FloatWeights, gradient: FloatWeights, factor: Float
  ) {
    for unit in units[worker] {
      switch unit {
      case .adam(let range, let decays):
        weights.values.adamW(
          range, gradient: gradient.values, moments: (momentum.values, secondMoment.values),
          rate: settings.adamRate * factor, betas: Self.betas, step: number,
          decay: decays ? settings.weightDecay : 0)
      case .muon(let parameter, let rows):
        guard let scratch = scratch[worker] else { continue }
        let at = parameter.offset + rows.lowerBound * parameter.columns
        let count = rows.count * parameter.columns
        let beta = Self.muonMomentum
        momentum.values.combine(at: at, b: beta, 1 - beta, gradient.values, at: at, count: count)
        gradient.values.combine(
          at: at, b: 1 - beta, beta, momentum.values, at: at, count: count)  // Nesterov
        let update = scratch.orthogonalise(gradient.matrix(parameter).rows(rows))
        let rate = settings.muonRate * factor
        let shape = max(1, Float(rows.count) / Float(parameter.columns)).squareRoot()
        weights.values.combine(
          at: at, b: 1 - rate * settings.weightDecay, -rate * shape, update.buffer, at: 0,
          count: count)
      }
    }
  }
}

/// Nearly U Vᵀ of a matrix by the quintic Newton-Schulz iteration: Jordan et al., "Muon", 2024.
final class Orthogonaliser {
  private let x: Buffer<Float>
  private let y: Buffer<Float>
  private let gram: Buffer<Float>
  private let square: Buffer<Float>

  /// - Parameter elements: of the largest matrix.
  init(_ elements: Int) {
    x = Buffer(count: elements)
    y = Buffer(count: elements)
    gram = Buffer(count: elements)
    square = Buffer(count: elements)
  }

  /// The result lies in memory of this object until the next call.
  func orthogonalise(_ matrix: FloatMatrix, iterations: Int = 5) -> FloatMatrix {
    let (rows, columns) = (matrix.rows, matrix.columns)
    let count = rows * columns
    let side = min(rows, columns)
    let norm = matrix.buffer.dot(
      at: matrix.offset, matrix.buffer, at: matrix.offset, count: count
    ).squareRoot()
    x.combine(at: 0, b: 0, 1 / (norm + 1e-7), matrix.buffer, at: matrix.offset, count: count)
    let x = FloatMatrix(x, rows: rows, columns: columns)
    let y = FloatMatrix(y, rows: rows, columns: columns)
    let gram = FloatMatrix(gram, rows: side, columns: side)
    let square = FloatMatrix(square, rows: side, columns: side)
    for _ in 0..<iterations {
      if rows > columns {
        gram.setProduct(transposed: x, times: x)
      } else {
        gram.setProduct(x, timesTransposed: x)
      }
      square.setProduct(gram, times: gram, scale: 2.0315)
      square.buffer.combine(at: 0, b: 1, -4.7750, gram.buffer, at: 0, count: side * side)
      if rows > columns {
        y.setProduct(x, times: square)
      } else {
        y.setProduct(square, times: x)
      }
      x.buffer.combine(at: 0, b: 3.4445, 1, y.buffer, at: 0, count: count)
    }
    return x
  }
}
