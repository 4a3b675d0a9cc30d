/// What the context models and mixers begin with: learned once from the training corpora, so that the
/// first kilobytes of a file need not teach it. Part of the format, like the language model.
///
/// As a file: little-endian numbers of 16 bits, first those of the maps, then refinements, then weights.
public struct MixingParameters: Sendable {
  /// Probability (of 65536) and count of every map's entry, in turn.
  public var maps: [UInt16] = []
  /// Probabilities of the refinements.
  public var refinements: [UInt16] = []
  /// Mixer weights in units of 1/4096.
  public var weights: [Int16] = []

  public init(maps: [UInt16] = [], refinements: [UInt16] = [], weights: [Int16] = []) {
    self.maps = maps
    self.refinements = refinements
    self.weights = weights
  }

  /// - Parameters:
  ///   - bytes: the file.
  ///   - shape: parameters with as many numbers of each kind.
  /// - Returns: nil where the file has another size.
  init?(bytes: [UInt8], like shape: MixingParameters) {
    guard bytes.count == 2 * shape.count else { return nil }
    var values = stride(from: 0, to: bytes.count, by: 2).map {
      UInt16(bytes[$0]) | UInt16(bytes[$0 + 1]) << 8
    }[...]
    maps = Array(values.prefix(shape.maps.count))
    values = values.dropFirst(maps.count)
    refinements = Array(values.prefix(shape.refinements.count))
    weights = values.dropFirst(refinements.count).map { Int16(bitPattern: $0) }
  }

  /// As many numbers of each kind as `shape` has, the first ones.
  public func prefix(like shape: MixingParameters) -> MixingParameters {
    MixingParameters(
      maps: Array(maps.prefix(shape.maps.count)),
      refinements: Array(refinements.prefix(shape.refinements.count)),
      weights: Array(weights.prefix(shape.weights.count)))
  }

  /// What follows `prefix(like: shape)`.
  public func dropping(_ shape: MixingParameters) -> MixingParameters {
    MixingParameters(
      maps: Array(maps.dropFirst(shape.maps.count)),
      refinements: Array(refinements.dropFirst(shape.refinements.count)),
      weights: Array(weights.dropFirst(shape.weights.count)))
  }

  public static func + (a: MixingParameters, b: MixingParameters) -> MixingParameters {
    MixingParameters(
      maps: a.maps + b.maps, refinements: a.refinements + b.refinements,
      weights: a.weights + b.weights)
  }

  var count: Int { maps.count + refinements.count + weights.count }

  public var bytes: [UInt8] {
    (maps + refinements + weights.map { UInt16(bitPattern: $0) }).flatMap {
      [UInt8(truncatingIfNeeded: $0), UInt8(truncatingIfNeeded: $0 >> 8)]
    }
  }
}

/// Goes through parameters in their one order, to set them or to collect them.
struct ParameterWalk {
  private let isSetting: Bool
  private(set) var parameters: MixingParameters
  private var next = (maps: 0, refinements: 0, weights: 0)

  init(setting parameters: MixingParameters) {
    isSetting = true
    self.parameters = parameters
  }

  init() {
    isSetting = false
    parameters = MixingParameters()
  }

  mutating func visit(refinement entry: inout UInt16) {
    if isSetting {
      entry = parameters.refinements[next.refinements]
      next.refinements += 1
    } else {
      parameters.refinements.append(entry)
    }
  }

  mutating func visit(weight: inout Float) {
    if isSetting {
      weight = Float(parameters.weights[next.weights]) * (1 / 4096)
      next.weights += 1
    } else {
      parameters.weights.append(Int16(max(-32767, min(32767, (weight * 4096).rounded()))))
    }
  }

  mutating func visit(map entry: inout UInt32) {
    if isSetting {
      let p = UInt32(parameters.maps[next.maps])
      entry = p << 16 | 1 << 15 | UInt32(parameters.maps[next.maps + 1])
      next.maps += 2
    } else {
      parameters.maps += [
        UInt16(truncatingIfNeeded: entry >> 16), UInt16(truncatingIfNeeded: entry & 1023),
      ]
    }
  }
}
