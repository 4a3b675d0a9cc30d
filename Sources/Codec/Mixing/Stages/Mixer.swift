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
  private let startMemory: Buffer<Int>
  private let starts: UnsafeMutablePointer<Int>  // [16]
  let weights: UnsafeMutablePointer<Float>
  let weightCount: Int
  private let selected: Buffer<UInt64>
  private let rows: UnsafeMutablePointer<UnsafeMutablePointer<Float>>
  /// What each set said in the last `mix`, stretched. [16]
  let outputs: UnsafeMutablePointer<Float>
  private let probabilities: UnsafeMutablePointer<Float>  // [16]
  private var second: SecondLayer
  /// One more second layer, whose results count as much.
  private var other: SecondLayer?
  /// Learning rates of the two layers.
  var rate: Float
  var finalRate: Float

  /// - Parameters:
  ///   - inputs: number of inputs.
  ///   - contexts: how many contexts each set has.
  ///   - finalContexts: the same for the second layer.
  ///   - otherFinalContexts: the same for another one beside it; nil for none.
  init(
    inputs: Int, contexts: [Int], finalContexts: Int, otherFinalContexts: Int? = nil,
    initial: Float, rate: Float,
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
    weightCount = starts[sets]
    startMemory = Buffer(starts)
    self.starts = startMemory.unchecked
    memory = [
      Buffer(count: inputCount), Buffer(count: weightCount), Buffer(count: 16), Buffer(count: 16),
    ]
    self.inputs = memory[0].unchecked
    weights = memory[1].unchecked
    outputs = memory[2].unchecked
    probabilities = memory[3].unchecked
    selected = Buffer(count: 16)
    rows = UnsafeMutableRawPointer(selected.unchecked)
      .assumingMemoryBound(to: UnsafeMutablePointer<Float>.self)
    for i in 0..<weightCount where i % inputCount < inputs { weights[i] = initial }
    second = SecondLayer(contexts: finalContexts, sets: sets)
    other = otherFinalContexts.map { [sets] in SecondLayer(contexts: $0, sets: sets) }
  }

  /// The weight of one input in all sets, before anything was learned.
  func setInitial(input: Int, to weight: Float) {
    for i in stride(from: input, to: weightCount, by: inputCount) { weights[i] = weight }
  }

  func visit(_ walk: inout ParameterWalk) {
    for i in 0..<weightCount { walk.visit(weight: &weights[i]) }
    second.visit(&walk)
    other?.visit(&walk)
  }

  /// Chooses the weights of a set, and has them brought near: they are needed a little later. To ask for the lines behind
  /// the first takes longer than it saves.
  @inline(__always)
  func select(_ set: Int, _ context: Int) {
    let row = weights + (starts[set] &+ context &* inputCount)
    rows[set] = row
    lmz_prefetch(row)
  }

  /// - Parameter otherContext: where there are two second layers.
  /// - Returns: the stretched mixed probability.
  @inline(__always)
  mutating func mix(finalContext: Int, otherContext: Int = 0) -> Float {
    rows.withMemoryRebound(to: UnsafePointer<Float>?.self, capacity: 16) {
      lmz_mix_dot(
        isa, inputs, vectors, $0, sets, Logistic.limit, logistic.squashes, outputs, probabilities)
    }
    let result = second.mix(outputs, context: finalContext, logistic)
    guard other != nil else { return result }
    return (result + other!.mix(outputs, context: otherContext, logistic)) * 0.5
  }

  /// The last mixed probability in 0...1, where there is one second layer.
  var probability: Float { second.mixed }

  @inline(__always)
  func update(_ bit: Int) {
    let target = Float(bit)
    second.update(target, outputs, rate: finalRate)
    other?.update(target, outputs, rate: finalRate)
    rows.withMemoryRebound(to: UnsafeMutablePointer<Float>?.self, capacity: 16) {
      lmz_mix_train(isa, inputs, vectors, $0, sets, probabilities, target, rate)
    }
  }
}

/// Mixes what weight sets say, with the weights of one context.
private struct SecondLayer {
  private let memory: Buffer<Float>
  private let weights: UnsafeMutablePointer<Float>  // [contexts, 16]
  private let sets: Int
  private var row = 0
  /// The mixed probability in 0...1.
  private(set) var mixed: Float = 0.5

  init(contexts: Int, sets: Int) {
    self.sets = sets
    memory = Buffer(count: 16 * contexts)
    weights = memory.unchecked
    for i in 0..<memory.count where i % 16 < sets { weights[i] = 1 / Float(sets) }
  }

  func visit(_ walk: inout ParameterWalk) {
    for i in 0..<memory.count where i % 16 < sets { walk.visit(weight: &weights[i]) }
  }

  /// - Parameter x: what the sets say, stretched. [sets]
  /// - Returns: the stretched mixed probability.
  @inline(__always)
  mutating func mix(_ x: UnsafePointer<Float>, context: Int, _ logistic: Logistic) -> Float {
    row = context &<< 4
    let weights = weights + row
    var sum: Float = 0
    for s in 0..<sets { sum += x[s] * weights[s] }
    let result = max(-Logistic.limit, min(Logistic.limit, sum))
    mixed = logistic.squash(result)
    return result
  }

  @inline(__always)
  func update(_ target: Float, _ x: UnsafeMutablePointer<Float>, rate: Float) {
    let error = (target - mixed) * rate
    (weights + row).sixteen += x.sixteen * error
  }
}

extension UnsafeMutablePointer<Float> {
  /// What all weight sets have, of which there are sixteen at most; zeros behind them stay zeros.
  fileprivate var sixteen: SIMD16<Float> {
    @inline(__always) get { UnsafeRawPointer(self).load(as: SIMD16<Float>.self) }
    @inline(__always) nonmutating set {
      UnsafeMutableRawPointer(self).storeBytes(of: newValue, as: SIMD16<Float>.self)
    }
  }
}
