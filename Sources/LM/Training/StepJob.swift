import Kernels

/// The work of one training step, in parts of which no two workers ever touch the same memory.
struct StepJob: @unchecked Sendable {
  let passes: [TrainingPass]
  let gradients: [FloatWeights]
  let weights: FloatWeights
  let optimizer: Optimizer
  private let parts: [TrainingBatch]
  private let scale: Float
  private let dropout: (probability: Float, seed: UInt64)
  private let losses: Buffer<Double>  // [parts]
  private let squares: Buffer<Double>  // [workers]

  init(
    passes: [TrainingPass], gradients: [FloatWeights], weights: FloatWeights, optimizer: Optimizer,
    batch: TrainingBatch, dropout: (probability: Float, seed: UInt64)
  ) {
    self.passes = passes
    self.gradients = gradients
    self.weights = weights
    self.optimizer = optimizer
    self.dropout = dropout
    parts = batch.split(rows: passes[0].capacity, workers: passes.count)
    scale = 1 / Float(batch.rows)
    losses = Buffer(count: parts.count)
    squares = Buffer(count: passes.count)
  }

  /// Gradient of the mean loss of every `workers`-th part, into the worker's own array.
  func addGradients(worker: Int) {
    let gradient = gradients[worker]
    gradient.values.fill(0..<gradient.values.count, 0)
    let pass = passes[worker]
    for i in stride(from: worker, to: parts.count, by: passes.count) {
      pass.addGradient(
        parts[i], weights, scale: scale,
        dropout: dropout.probability > 0
          ? .init(probability: dropout.probability, seed: dropout.seed &+ UInt64(i) << 32) : nil,
        to: gradient)
      losses[i] = (0..<parts[i].rows).reduce(0) { $0 + Double(pass.losses[$1]) }
    }
  }

  /// The sum of all losses in nats.
  var loss: Double { losses.array(0..<losses.count).reduce(0, +) }

  /// The worker's share of the array of all parameters.
  private func share(_ worker: Int) -> Range<Int> {
    let count = weights.values.count
    return (count * worker / passes.count)..<(count * (worker + 1) / passes.count)
  }

  /// Adds the gradients of the other workers to the first one's.
  func sumGradients(worker: Int) {
    let range = share(worker)
    let sum = gradients[0].values
    for other in gradients.dropFirst() {
      sum.combine(
        at: range.lowerBound, b: 1, 1, other.values, at: range.lowerBound, count: range.count)
    }
    squares[worker] = Double(
      sum.dot(at: range.lowerBound, sum, at: range.lowerBound, count: range.count))
  }

  /// Euclidean norm of the gradient, after `sumGradients`.
  var gradientNorm: Float {
    Float(squares.array(0..<squares.count).reduce(0, +).squareRoot())
  }

  func scaleGradient(worker: Int, by factor: Float) {
    let range = share(worker)
    let sum = gradients[0].values
    sum.combine(
      at: range.lowerBound, b: factor, 0, sum, at: range.lowerBound, count: range.count)
  }

  func update(_ number: Int, worker: Int, rateFactor: Float) {
    optimizer.step(number, worker: worker, weights, gradient: gradients[0], factor: rateFactor)
  }
}
