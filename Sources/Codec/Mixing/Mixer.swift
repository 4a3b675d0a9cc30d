import CKernels
import Kernels

/// Logistic mixing in two layers (Mattern 2012; PAQ8): every weight set gives squash(w · x), with the
/// weights of its own context; a second layer mixes those.
///
/// Legend: N inputs (a multiple of 16), S sets.
struct Mixer {
  let inputs: UnsafeMutablePointer<Float>  // [N]
  let inputCount: Int
  private let vectors: Int
  let sets: Int
  private let logistic: Logistic
  private let isa: lmz_isa

  private let memory: [Buffer<Float>]
  /// Where each set's weights begin, in weights.
  private let starts: [Int]
  let weights: UnsafeMutablePointer<Float>
  let weightCount: Int
  private let selected: Buffer<UInt64>
  private let rows: UnsafeMutablePointer<UnsafeMutablePointer<Float>>
  /// What each set said in the last `mix`, stretched. [16]
  let outputs: UnsafeMutablePointer<Float>
  private let probabilities: UnsafeMutablePointer<Float>  // [16]
  private let steps: UnsafeMutablePointer<Float>  // [16]
  private let finalWeights: UnsafeMutablePointer<Float>
  private let finalCount: Int
  private var finalRow = 0
  private var mixed: Float = 0.5
  /// Learning rates of the two layers.
  var rate: Float
  var finalRate: Float

  /// - Parameters:
  ///   - inputs: number of inputs.
  ///   - contexts: how many contexts each set has.
  ///   - finalContexts: the same for the second layer.
  init(
    inputs: Int, contexts: [Int], finalContexts: Int, initial: Float, rate: Float,
    finalRate: Float, _ logistic: Logistic, instructionSet: InstructionSet
  ) {
    precondition(contexts.count <= 16)
    inputCount = (inputs + 15) / 16 * 16
    vectors = inputCount / 16
    sets = contexts.count
    self.logistic = logistic
    isa = instructionSet.code
    self.rate = rate
    self.finalRate = finalRate
    var starts = [0]
    for count in contexts { starts.append(starts[starts.count - 1] + count * inputCount) }
    self.starts = starts
    weightCount = starts[sets]
    finalCount = finalContexts * 16
    memory = [
      Buffer(count: inputCount), Buffer(count: weightCount), Buffer(count: 16), Buffer(count: 16),
      Buffer(count: 16), Buffer(count: finalCount),
    ]
    self.inputs = memory[0].unchecked
    weights = memory[1].unchecked
    outputs = memory[2].unchecked
    probabilities = memory[3].unchecked
    steps = memory[4].unchecked
    finalWeights = memory[5].unchecked
    selected = Buffer(count: 16)
    rows = UnsafeMutableRawPointer(selected.unchecked)
      .assumingMemoryBound(to: UnsafeMutablePointer<Float>.self)
    for i in 0..<weightCount where i % inputCount < inputs { weights[i] = initial }
    for i in 0..<finalContexts {
      for s in 0..<sets { finalWeights[16 * i + s] = 1 / Float(sets) }
    }
  }

  /// The weight of one input in all sets, before anything was learned.
  func setInitial(input: Int, to weight: Float) {
    for i in stride(from: input, to: weightCount, by: inputCount) { weights[i] = weight }
  }

  func visit(_ walk: inout ParameterWalk) {
    for i in 0..<weightCount { walk.visit(weight: &weights[i]) }
    for i in 0..<finalCount where i % 16 < sets {
      walk.visit(weight: &finalWeights[i])
    }
  }

  /// Chooses the weights of a set, and has them brought near: they are needed a little later.
  @inline(__always)
  func select(_ set: Int, _ context: Int) {
    let row = weights + starts[set] + context * inputCount
    rows[set] = row
    for i in 0..<vectors { lmz_prefetch(row + 16 * i) }
  }

  /// - Returns: the stretched mixed probability.
  @inline(__always)
  mutating func mix(finalContext: Int) -> Float {
    rows.withMemoryRebound(to: UnsafePointer<Float>?.self, capacity: 16) {
      lmz_mix_dot(isa, inputs, vectors, $0, sets, outputs)
    }
    finalRow = finalContext * 16
    var sum: Float = 0
    for s in 0..<sets {
      let x = max(-Logistic.limit, min(Logistic.limit, outputs[s]))
      outputs[s] = x
      probabilities[s] = logistic.squash(x)
      sum += x * finalWeights[finalRow + s]
    }
    let result = max(-Logistic.limit, min(Logistic.limit, sum))
    mixed = logistic.squash(result)
    return result
  }

  @inline(__always)
  func update(_ bit: Int) {
    let target = Float(bit)
    let error = (target - mixed) * finalRate
    for s in 0..<sets {
      steps[s] = (target - probabilities[s]) * rate
      finalWeights[finalRow + s] += outputs[s] * error
    }
    rows.withMemoryRebound(to: UnsafeMutablePointer<Float>?.self, capacity: 16) {
      lmz_mix_train(isa, inputs, vectors, $0, sets, steps)
    }
  }
}
