/// What the context models and mixers begin with: learned once from the training corpora, so that the
/// first kilobytes of a file need not teach it. Part of the format, like the language model.
///
/// As a file: how many numbers there are for maps, refinements and weights, of 32 bits each, then these numbers, of 16 bits;
/// all little-endian.
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

  private static let header = 12

  /// - Returns: nil where the file has not the size that it says.
  public init?(file bytes: [UInt8]) {
    guard bytes.count >= Self.header else { return nil }
    func number(_ i: Int, bytes count: Int) -> Int {
      (0..<count).reduce(0) { $0 | Int(bytes[i + $1]) << (8 * $1) }
    }
    let counts = (0..<3).map { number(4 * $0, bytes: 4) }
    guard bytes.count == Self.header + 2 * counts.reduce(0, +) else { return nil }
    var next = Self.header
    func numbers(_ count: Int) -> [UInt16] {
      defer { next += 2 * count }
      return (0..<count).map {
        UInt16(bytes[next + 2 * $0]) | UInt16(bytes[next + 2 * $0 + 1]) << 8
      }
    }
    maps = numbers(counts[0])
    refinements = numbers(counts[1])
    weights = numbers(counts[2]).map { Int16(bitPattern: $0) }
  }

  public var file: [UInt8] {
    let header = counts.flatMap { n in (0..<4).map { UInt8(truncatingIfNeeded: n >> (8 * $0)) } }
    return header
      + (maps + refinements + weights.map { UInt16(bitPattern: $0) }).flatMap {
        [UInt8(truncatingIfNeeded: $0), UInt8(truncatingIfNeeded: $0 >> 8)]
      }
  }

  /// How many numbers of each kind there are.
  public var counts: [Int] { [maps.count, refinements.count, weights.count] }

  /// Without the first ones of each kind, as many as `shape` has.
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

  /// Whether there is nothing left to set.
  var isAtEnd: Bool {
    [next.maps, next.refinements, next.weights] == parameters.counts
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
