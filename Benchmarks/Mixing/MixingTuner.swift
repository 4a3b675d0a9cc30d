import ArgumentParser
import Codec
import Foundation
import LMZ

/// Measures the context models and mixers without the coder around them, and trains what they begin with.
///
/// A `.decisions` file is what the language model said of a file; everything else is taken as plain bytes.
@main
struct MixingTuner: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "mixing-tuner", subcommands: [Record.self, Measure.self, Train.self])
}

struct Record: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Write the language model's decisions on files: DIR/<name>.decisions.")

  @Option(help: "Folder for the result.") var out: String
  @Option(help: "Only the first BYTES of each file.") var head = 1 << 20
  @Option(help: "nano, small, or a model file.") var model = EmbeddedModel.small.rawValue
  @Argument var files: [String]

  func run() throws {
    let model =
      if let name = EmbeddedModel(rawValue: model) { try ModelLibrary().model(name) } else {
        try NamedModel(file: [UInt8](Data(contentsOf: URL(filePath: model))))
      }
    for file in files {
      let sample = try Sample(file, head: head)
      let recorded = try RecordedDecisions(of: sample.bytes, model: model, options: Options())
      let bytes = recorded.record.packed.withUnsafeBytes { Data($0) }
      try bytes.write(to: URL(filePath: out).appending(path: "\(sample.name).decisions"))
    }
  }
}

struct Measure: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Ideal code length of each file, by itself.")

  @Option(help: "Parameters instead of those of the program.") var parameters: String?
  @Option(help: "Way of mixing for decisions, 1 to 7.") var mixing = 7
  @Option(help: "Only the first BYTES of each file.") var head = Int.max
  @Flag(help: "Only the total.") var short = false
  @Argument var files: [String]

  func run() throws {
    let ways: [MixingVersion] = [.first, .second, .third, .fourth, .fifth, .sixth, .seventh]
    guard (1...ways.count).contains(mixing) else { throw ValidationError("no way \(mixing)") }
    let mixing = ways[mixing - 1]
    let parameters = try parameters.map { try Self.read($0, mixing) }
    var sum = Cost()
    for file in files {
      let sample = try Sample(file, head: head)
      // Of bytes as an encoder without a language model would take them.
      let version: MixingVersion = sample.decisions == nil && parameters == nil ? .first : mixing
      let (cost, _) = try sample.cost(version, parameters ?? .shipped(version))
      sum.add(cost)
      if !short { print(cost.line(sample.name)) }
    }
    print(sum.line("total"))
  }

  private static func read(_ path: String, _ mixing: MixingVersion) throws -> MixingParameters {
    let fresh = try MixingPredictor.fresh(mixing)
    guard let own = MixingParameters(file: try Sample(path).bytes),
      own.counts == fresh.parameters.dropping(fresh.sharedParameters).counts
    else { throw ValidationError("\(path): not parameters of that way of mixing") }
    return try MixingParameters.shared + own
  }
}

struct Train: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Learn what to begin with from samples.",
    discussion: """
      Every sample is coded with the parameters so far, which then move a part of the way to where the \
      sample took them (Nichol et al., 2018). Probabilities of bit histories keep all that they learned. \
      What all versions of the mixing share stays as shipped.
      """)

  @Option(help: "Where the parameters go.") var out: String
  @Option var passes = 3
  @Option(help: "Part of the way, in the first pass; the last has a quarter of it.") var rate = 0.3
  @Option(help: "The most that a bit history's probability counts for.") var counts = 24
  @Argument var files: [String]

  func run() throws {
    let samples = try files.map { try Sample($0) }
    var random = SplitMix(state: 1)
    let shared = try MixingParameters.shared
    var parameters = try shared + MixingPredictor.fresh(.seventh).parameters.dropping(shared)
    for pass in 0..<passes {
      var sum = Cost()
      let share = rate * (1 - 0.75 * Double(pass) / Double(max(1, passes - 1)))
      for sample in samples.shuffled(using: &random) {
        let (cost, learned) = try sample.cost(.seventh, parameters)
        sum.add(cost)
        let own = learned.moved(from: parameters, share: share).dropping(shared)
        parameters = shared + own
      }
      print(sum.line("pass \(pass + 1)"))
    }
    try Data(parameters.dropping(shared).capped(counts).file).write(to: URL(filePath: out))
  }
}

/// Bytes, or decisions on them.
struct Sample {
  let name: String
  let bytes: [UInt8]
  let decisions: RecordedDecisions?

  init(_ path: String, head: Int = .max) throws {
    let url = URL(filePath: path)
    let data = try Data(contentsOf: url)
    name = url.lastPathComponent
    if name.hasSuffix(".decisions") {
      bytes = []
      let packed = data.withUnsafeBytes { Array($0.bindMemory(to: UInt64.self)) }
      decisions = RecordedDecisions(packed: packed)
    } else {
      bytes = [UInt8](data.prefix(head))
      decisions = nil
    }
  }

  func cost(
    _ version: MixingVersion, _ parameters: MixingParameters?
  ) throws -> (Cost, MixingParameters) {
    let start = Date()
    var meter = Meter(
      predictor: try MixingPredictor(
        version, memory: .large, firstBlock: max(bytes.count, (decisions?.record.count ?? 0) / 8),
        parameters: parameters, instructionSet: .best))
    if let record = decisions?.record {
      meter.predictor.beginTokens([FrameFormat.maximumBlock - 1])
      for i in 0..<record.count { record.replay(i, to: &meter) }
    } else {
      meter.predictor.beginBytes(bytes.count, ContentKind.structure(of: bytes))
      _ = codeBytes(bytes, count: bytes.count, with: &meter, progress: { _ in })
    }
    let cost = Cost(
      bytes: meter.bytes, bits: meter.bits, languageModelBits: meter.languageModelBits,
      seconds: -start.timeIntervalSinceNow)
    return (cost, meter.predictor.parameters)
  }
}

/// Adds up what decisions cost.
struct Meter: DecisionCoder {
  var predictor: MixingPredictor
  var bits = 0.0
  var languageModelBits = 0.0
  var bytes = 0

  mutating func code(_ decision: Decision, answer: Bool) -> Bool {
    func cost(_ p: Double) -> Double { -log2((answer ? p : 65536 - p) / 65536) }
    bits += cost(Double(predictor.probability(decision)))
    predictor.update(answer)
    if decision.probability != Decision.unknown {
      languageModelBits += cost(Double(decision.probability))
    }
    return answer
  }

  mutating func offeredRun() -> [UInt8] { predictor.offeredRun() }

  mutating func append(run: [UInt8]) {
    predictor.append(run: run)
    bytes += run.count
  }

  mutating func beginToken() { predictor.beginToken() }

  mutating func append(_ byte: UInt8) {
    predictor.append(byte)
    bytes += 1
  }
}

struct Cost {
  var bytes = 0
  var bits = 0.0
  var languageModelBits = 0.0
  var seconds = 0.0

  mutating func add(_ other: Cost) {
    bytes += other.bytes
    bits += other.bits
    languageModelBits += other.languageModelBits
    seconds += other.seconds
  }

  func line(_ name: String) -> String {
    let alone = languageModelBits > 0 ? "\tmodel alone \(Int(languageModelBits / 8))" : ""
    let speed = Int(Double(bytes) / max(seconds, 1e-9) / 1000)
    return "\(name)\t\(bytes)\t\(Int(bits / 8))\t\(speed) KB/s\(alone)"
  }
}

extension MixingPredictor {
  /// One that begins with no parameters.
  static func fresh(_ version: MixingVersion) throws -> MixingPredictor {
    try MixingPredictor(
      version, memory: .small, firstBlock: 1, parameters: nil, instructionSet: .best)
  }
}

extension MixingParameters {
  /// What all versions share, as shipped.
  static var shared: MixingParameters {
    get throws {
      guard let shared = shippedShared else {
        throw ValidationError("this program has no parameters that all ways share")
      }
      return shared
    }
  }

  /// Weights and refinements `share` of the way from `start` to here; the maps, whose entries know how
  /// much they have seen, all the way.
  func moved(from start: MixingParameters, share: Double) -> MixingParameters {
    func between<T: BinaryInteger>(_ a: T, _ b: T) -> T {
      T((Double(a) + share * (Double(b) - Double(a))).rounded())
    }
    var result = self
    result.weights = zip(start.weights, weights).map(between)
    result.refinements = zip(start.refinements, refinements).map(between)
    return result
  }

  /// No map's entry counts for more than `most`.
  func capped(_ most: Int) -> MixingParameters {
    var result = self
    for i in stride(from: 1, to: maps.count, by: 2) {
      result.maps[i] = min(maps[i], UInt16(most))
    }
    return result
  }
}

struct SplitMix: RandomNumberGenerator {
  var state: UInt64
  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
