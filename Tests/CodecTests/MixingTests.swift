import Foundation
import Kernels
import TestSupport
import Testing

@testable import Codec

@Suite struct MixingTests {
  @Test func squashUndoesStretch() {
    let logistic = Logistic.shared
    var last: Float = -20
    for p in 1...65535 {
      let x = logistic.stretch16(UInt32(p))
      // The tails are finer than the middle; where they meet, half a step is lost.
      #expect(x > last - 0.003)
      last = x
      let back = logistic.squash(x) * 65536
      #expect(abs(back - Float(p)) < max(9, Float(p) * 0.001), "\(p): \(back)")
    }
    for i in -1300...1300 {
      let p = logistic.squash(Float(i) / 100)
      #expect(p > 0 && p < 1)
    }
  }

  @Test func bitHistoriesCountAndForget() {
    let histories = BitHistory.shared
    let states = histories.states
    #expect(states.count <= 256 && states[0].total == 0)
    #expect(zip(states, states.dropFirst()).allSatisfy { $0.total <= $1.total })
    for i in states.indices {
      for bit in 0...1 {
        let next = states[Int(histories.next[2 * i + bit])]
        #expect(next.last == bit)
        #expect((bit == 1 ? next.ones : next.zeros) >= 1)
      }
    }
    // Many zeros, then a one: the zeros hardly count any more.
    var state = 0
    for _ in 0..<100 { state = Int(histories.next[2 * state]) }
    #expect(states[state].zeros > 20 && states[state].ones == 0)
    state = Int(histories.next[2 * state + 1])
    #expect(states[state].ones == 1 && states[state].zeros < 10)
  }

  @Test func slotsBelongToTheirContext() throws {
    let table = try HistoryTable(log2Size: 16, hasCorrections: false)
    let a = table.slot(0x1234_5678_9ABC_DE11).histories
    a[1] = 7
    #expect(table.slot(0x1234_5678_9ABC_DE11).histories[1] == 7)
    #expect(table.slot(0x1234_5678_9ABC_DE12).histories[1] == 0)
    // The fullest slot of three is the last to go.
    for i in 0..<20 {
      table.slot(0x1234_5678_9ABC_0020 + UInt64(i)).histories[1] = 1
    }
    #expect(table.slot(0x1234_5678_9ABC_DE11).histories[1] == 7)
  }

  @Test func mapsFindTheFrequency() {
    let map = AdaptiveMap(count: 1, limit: 1023)
    var random = SeededGenerator(seed: 50)
    for _ in 0..<20000 { map.update(0, Int.random(in: 0..<10, using: &random) < 3 ? 1 : 0) }
    #expect(abs(Double(map.probability12(0)) / 4096 - 0.3) < 0.03, "seed 50")
  }

  /// Every instruction set moves many entries as one by one, whatever they have seen.
  @Test(arguments: InstructionSet.available)
  func mapsMoveTogether(set: InstructionSet) {
    let entries = 2 * 1024 + 3
    let (many, one) = (
      AdaptiveMap(count: entries, limit: 900), AdaptiveMap(count: entries, limit: 900)
    )
    var random = SeededGenerator(seed: 57)
    let extremes: [UInt32] = [0, 1, 4_194_302, 4_194_303]
    for i in 0..<entries {
      let p =
        extremes.randomElement(using: &random)!
        ^ (i % 2 == 0 ? 0 : UInt32.random(in: 0..<4_194_304, using: &random))
      many[i] = p << 10 | UInt32(i % 1024)
      one[i] = many[i]
    }
    for bit in [0, 1, 1, 0] {
      let indices = (0..<Int32(entries)).shuffled(using: &random)
      let kept = Buffer(indices.map { many.kept[Int($0)] } + [UInt32](repeating: 0, count: 5))
      many.update(indices, kept: kept.unchecked, count: entries, bit, set.code)
      for i in 0..<entries { one.update(i, bit) }
      let differing = (0..<entries).filter { many[$0] != one[$0] }
      #expect(differing.isEmpty, "seed 57, \(differing.prefix(3))")
    }
  }

  @Test(arguments: InstructionSet.available)
  func mixerLearnsWhomToTrust(set: InstructionSet) {
    let logistic = Logistic.shared
    var mixer = Mixer(
      inputs: 2, contexts: [1, 1], finalContexts: 1, initial: 0.5, rate: 0.02, finalRate: 0.01,
      logistic, instructionSet: set)
    var random = SeededGenerator(seed: 51)
    for _ in 0..<3000 {
      let bit = Bool.random(using: &random)
      mixer.inputs[0] = bit ? 2 : -2
      mixer.inputs[1] = Bool.random(using: &random) ? 2 : -2
      for i in 0..<2 { mixer.select(i, 0) }
      _ = mixer.mix(finalContext: 0)
      mixer.update(bit ? 1 : 0)
    }
    #expect(mixer.weights[0] > 1 && abs(mixer.weights[1]) < 0.3, "seed 51")
  }

  /// Two second layers that see the same learn the same, and their mean is what one of them says.
  @Test func secondLayersCountAlike() {
    let logistic = Logistic.shared
    var mixers = [nil, 4].map {
      Mixer(
        inputs: 3, contexts: [2, 1], finalContexts: 4, otherFinalContexts: $0, initial: 0.3,
        rate: 0.02, finalRate: 0.01, logistic, instructionSet: .best)
    }
    var random = SeededGenerator(seed: 53)
    var last: [Float] = []
    for _ in 0..<500 {
      let bit = Int.random(in: 0...1, using: &random)
      let inputs = (0..<3).map { _ in Float.random(in: -4...4, using: &random) + Float(bit) }
      let (first, final) = (
        Int.random(in: 0...1, using: &random), Int.random(in: 0...3, using: &random)
      )
      last = mixers.indices.map { i in
        for k in 0..<3 { mixers[i].inputs[k] = inputs[k] }
        mixers[i].select(0, first)
        mixers[i].select(1, 0)
        let result = mixers[i].mix(finalContext: final, otherContext: final)
        mixers[i].update(bit)
        return result
      }
      #expect(last[0] == last[1], "seed 53")
    }
    // Another context of the second one, which has learned other things, must show.
    let others = (0..<4).map { mixers[1].mix(finalContext: 0, otherContext: $0) }
    #expect(Set(others).count == 4)
  }

  /// What n-grams expect counts for as much as it has been worth.
  @Test func ngramsAreTakenForWhatTheyTurnOutToBe() {
    var input = NGramInput(Logistic.shared)
    func decision(_ ngrams: UInt16, trust: UInt8) -> Decision {
      Decision(kind: 0, partial: 1, probability: 30000, trust: trust, ngrams: ngrams)
    }
    input.prepare(decision(60000, trust: 3))
    #expect(input.input > 1)
    var random = SeededGenerator(seed: 54)
    for _ in 0..<400 {
      input.prepare(decision(60000, trust: 3))
      input.update(Int.random(in: 0..<5, using: &random) == 0 ? 1 : 0)
    }
    #expect(abs(input.input - -1.39) < 0.4, "seed 54")
    input.prepare(decision(60000, trust: 4))
    #expect(input.input > 1)
    input.prepare(decision(0, trust: 0))
    #expect(input.input == 0)
    input.update(1)
    #expect(input.input == 0)
  }

  /// What stands beside is found by indentation, and again behind a word of another length.
  @Test func linesAreFollowedBeside() throws {
    func beside(_ text: String) throws -> (byte: Character?, difference: Int) {
      var history = try History(log2Size: 10)
      history.beginBlock([0])
      var lane = LaneContext()
      for byte in text.utf8 {
        history.append(byte, lane: 0)
        lane.append(byte)
        lane.followLines(byte, history)
      }
      let lines = lane.indentation
      let byte = lines.beside < 0 ? nil : Character(Unicode.Scalar(history[lines.beside]))
      return (byte, lines.difference)
    }
    #expect(try beside("if a:\n  x = 12\n  ") == (nil, 0))
    #expect(try beside("if a:\n  x = 12\n  x") == (" ", 1))
    #expect(try beside("if a:\n  x = 12\n  long") == ("x", 3))
    #expect(try beside("if a:\n  x = 12\n  long = ") == ("1", 2))
    // A deeper line between is passed over, and one of less ends it.
    #expect(try beside("if a:\n  x = 12\n    y\n\n  x =") == (" ", 1))
    #expect(try beside("if a:\n  x = 12\nelse:\n  x") == (nil, 0))
    #expect(try beside("if a:\n  x = 12\ni") == ("f", 1))
  }

  /// Not a bit of a probability may depend on the instruction set.
  @Test func instructionSetsAgree() throws {
    let text = try Array(Golden.sample("english.txt").prefix(3000))
    let expected = try Self.probabilities(text, .portable)
    for set in InstructionSet.available { #expect(try Self.probabilities(text, set) == expected) }
  }

  static func probabilities(
    _ content: [UInt8], _ set: InstructionSet, _ structure: ByteStructure = .text
  ) throws -> [UInt32] {
    var log = ProbabilityLog(
      predictor: try MixingPredictor(
        .first, memory: .small, firstBlock: content.count, parameters: nil, instructionSet: set))
    log.predictor.beginBytes(content.count, structure)
    _ = codeBytes(content, count: content.count, with: &log, progress: { _ in })
    return log.probabilities
  }

  struct ProbabilityLog: DecisionCoder {
    var predictor: MixingPredictor
    var probabilities: [UInt32] = []
    mutating func code(_ decision: Decision, answer: Bool) -> Bool {
      probabilities.append(predictor.probability(decision))
      predictor.update(answer)
      return answer
    }
    mutating func append(_ byte: UInt8) { predictor.append(byte) }
    mutating func append(run: [UInt8]) { predictor.append(run: run) }
    mutating func offeredRun() -> [UInt8] { predictor.offeredRun() }
    var namesLine: Bool { predictor.namesLine }
    func number(ofLineIn content: ArraySlice<UInt8>) -> Int? {
      predictor.number(ofLineIn: content)
    }
    mutating func appendLine(_ number: Int) -> [UInt8]? { predictor.appendLine(number) }
  }

  @Test func repetitionCostsNothing() throws {
    var random = SeededGenerator(seed: 52)
    let once = random.bytes(5000)
    let content = (0..<20).flatMap { _ in once }
    let decisions = try Self.probabilities(content, .best, ByteStructure(recordLength: 1))
    // The first 5,000 bytes take eight decisions each; nearly all others come in runs.
    #expect(decisions.count < 5000 * 8 + 3000)
  }

  /// Lines in any order, all of which have been there: one decision takes what is known of each.
  @Test func knownLinesTakeFewDecisions() throws {
    var random = SeededGenerator(seed: 57)
    let lines = (0..<50).map { i in
      let numbers = (0..<8).map { _ in
        String(UInt64.random(in: 0...UInt64.max, using: &random), radix: 16)
      }
      return Array("2026-11-22 \(i) \(numbers.joined(separator: " "))\n".utf8)
    }
    let content = (0..<1000).flatMap { _ in lines.randomElement(using: &random)! }
    let known = try Self.probabilities(
      content, .best, ByteStructure(recordLength: 0, repeatsLines: true))
    let plain = try Self.probabilities(content, .best)
    #expect(known.count < plain.count / 2, "\(known.count) \(plain.count)")
    // At most a run that is refused, whether the line is named, and 16 bits.
    let numbered = try Self.probabilities(
      content, .best, ByteStructure(linesNumberedFrom: 0))
    #expect(numbered.count < 950 * 18 + 50 * 170 * 9, "\(numbered.count)")
  }

  @Test func linesKeepTheirNumbers() throws {
    var history = try History(log2Size: 22)
    history.beginBlock([0])
    var lines = NumberedLines(column: 4)
    func line(_ i: Int) -> [UInt8] {
      Array("\(1000 + i % 7)\(i) \(String(repeating: "x", count: 64))\n".utf8)
    }
    var place = 0
    func append(_ i: Int) -> Range<Int> {
      for byte in line(i) { history.append(byte, lane: 0) }
      defer { place += line(i).count }
      return place..<(place + line(i).count)
    }
    for i in 0..<3 { lines.note(append(i), history) }
    let again = append(1)
    lines.note(again, history)
    // What stands in the first four bytes does not count; the place is the last one.
    #expect(lines.number(of: line(8)[4...], history) == nil)
    #expect(lines.number(of: line(1)[4...] + [9, 9], history) == 1)
    #expect(lines.place(of: 1, history) == (again.lowerBound + 4)..<again.upperBound)
    #expect(lines.place(of: 3, history) == nil)
    // Too short, without an end, or one byte different.
    #expect(lines.number(of: [65, 10], history) == nil)
    #expect(lines.number(of: line(1)[4...].dropLast(), history) == nil)
    #expect(lines.number(of: line(1)[4...].dropLast(2) + [66, 10], history) == nil)
    // The first number goes to the line after the last number.
    for i in 3..<65536 { lines.note(append(i), history) }
    let first = append(65536)
    lines.note(first, history)
    #expect(lines.place(of: 0, history) == (first.lowerBound + 4)..<first.upperBound)
    #expect(lines.number(of: line(0)[4...], history) == nil)
  }

  /// Damaged numbers end in an error, not in a crash.
  @Test func numbersWithoutALineAreRefused() throws {
    struct Guess: DecisionCoder {
      var predictor: MixingPredictor
      mutating func code(_ decision: Decision, answer: Bool) -> Bool {
        let answer = decision.kind >= Decision.named || (decision.kind != Decision.run && answer)
        _ = predictor.probability(decision)
        predictor.update(answer)
        return answer
      }
      mutating func append(_ byte: UInt8) { predictor.append(byte) }
      mutating func append(run: [UInt8]) { predictor.append(run: run) }
      mutating func offeredRun() -> [UInt8] { predictor.offeredRun() }
      var namesLine: Bool { predictor.namesLine }
      func number(ofLineIn content: ArraySlice<UInt8>) -> Int? {
        predictor.number(ofLineIn: content)
      }
      mutating func appendLine(_ number: Int) -> [UInt8]? { predictor.appendLine(number) }
    }
    let content = Array((String(repeating: "a", count: 80) + "\n" + "b").utf8)
    var coder = Guess(
      predictor: try MixingPredictor(
        .first, memory: .small, firstBlock: content.count, parameters: nil, instructionSet: .best))
    coder.predictor.beginBytes(content.count, ByteStructure(linesNumberedFrom: 0))
    #expect(codeBytes(content, count: content.count, with: &coder, progress: { _ in }) == nil)
  }

  @Test func parametersComeBack() throws {
    func predictor(_ version: MixingVersion, _ parameters: MixingParameters?) throws
      -> MixingPredictor
    {
      try MixingPredictor(
        version, memory: .small, firstBlock: 100, parameters: parameters, instructionSet: .best)
    }
    var first = try predictor(.first, nil).parameters
    first.weights[5] = -1234
    first.maps[0] = 4321
    first.refinements[7] = 99
    let read = try #require(MixingParameters(file: first.file))
    #expect(read.file == first.file)
    let set = try predictor(.first, read)
    #expect(set.parameters.file == first.file)
    let shared = set.sharedParameters
    #expect(shared.weights[5] == -1234 && shared.maps[0] == 4321 && shared.refinements[7] == 99)

    for version in MixingVersion.allCases.dropFirst() {
      let fresh = try predictor(version, nil)
      var own = fresh.parameters.dropping(shared)
      own.weights[5] = -4321
      own.maps[0] = 1234
      let set = try predictor(version, shared + own)
      #expect(set.parameters.file == (shared + own).file)
      #expect(set.sharedParameters.file == shared.file)
      #expect(set.parameters.dropping(shared).file == own.file)
    }
    #expect(MixingParameters(file: [1, 2, 3]) == nil)
    #expect(MixingParameters(file: Array(first.file.dropLast())) == nil)
    #expect(MixingParameters(file: first.file + [0, 0]) == nil)
  }

  /// Part of the format: what encloses the end of each text is what encloses the end of the other.
  @Test(arguments: [
    ("f(a[1], ", "f("), ("{\"a\": {\"b\": [1, 2]}, ", "{"), ("a) b] c", ""),
    ("<p>x<br/>y<b>z</b> ", "<p>"), ("<ul><li>a<li>b</ul> ", ""),
    ("<!-- x --><?xml a?><a b=1>", "<a>"), ("<p>(x", "p (x"), ("a < b > c", ""),
  ])
  func knowsWhatEncloses(text: String, same: String) {
    func innermost(_ text: String) -> UInt32 {
      var lane = LaneContext()
      for byte in text.utf8 { lane.append(byte) }
      return lane.nesting.innermost
    }
    #expect(innermost(text) == innermost(same))
    #expect((innermost(text) == 0) == same.isEmpty)
  }

  /// Whatever of half a byte comes before it is asked for is learned by then.
  @Test func historiesLearnHalvesThatAreAskedFor() throws {
    let logistic = Logistic.shared
    var models = try [MixingVersion.third, .fourth].map {
      try ByteModel(
        $0, memory: .small, firstBlock: 3000, primed: 0, logistic, instructionSet: .best)
    }
    for i in 0..<2 { models[i].beginBlock([0], recordLength: 0, inTokens: true) }
    let inputs = [Buffer<Float>(count: 64), Buffer<Float>(count: 64)]
    var random = SeededGenerator(seed: 5)
    for (i, byte) in try Golden.sample("english.txt").prefix(3000).enumerated() {
      if i % 3 == 0 { for i in 0..<2 { models[i].beginToken() } }
      let asked =
        UInt8.random(in: 1...15, using: &random) | .random(in: 1...15, using: &random) << 4
      for bit in 0..<8 {
        let answer = Int(byte >> (7 - bit) & 1)
        guard asked >> bit & 1 == 1 else {
          for i in 0..<2 { models[i].advance(answer) }
          continue
        }
        for i in 0..<2 { models[i].predict(inputs[i].unchecked) }
        #expect((0..<64).allSatisfy { inputs[0][$0] == inputs[1][$0] })
        #expect(models[0].knownOrders == models[1].knownOrders)
        for i in 0..<2 { models[i].update(answer) }
      }
    }
    #expect(models[0].knownOrders > 0)
  }

  @Test func sureDecisionsAreLeftWhileTheyAreRight() throws {
    func decision(_ expectation: UInt16, known: Bool = true) -> Decision {
      Decision(
        kind: 0, partial: 1, probability: known ? 30000 : Decision.unknown, expectation: expectation
      )
    }
    var sure = SureDecisions()
    func isLeft(_ decision: Decision) -> Bool { sure.leaves(decision) }
    for (expectation, expected) in [
      (1, true), (31, true), (32, false), (65504, false), (65505, true),
    ] {
      #expect(isLeft(decision(UInt16(expectation))) == expected)
      sure.update(expectation > 32768)
    }
    #expect(!isLeft(decision(1, known: false)))

    // One that was wrong takes as many right ones as there are in its step; unsure ones count for nothing.
    #expect(isLeft(decision(20)))
    sure.update(true)
    for _ in 0..<1024 {
      #expect(!isLeft(decision(20)))
      sure.update(false)
      _ = sure.leaves(decision(30000))
      sure.update(true)
    }
    #expect(isLeft(decision(65535)))

    var predictor = try MixingPredictor(
      .fourth, memory: .small, firstBlock: 100, parameters: nil, instructionSet: .best)
    predictor.beginTokens([100])
    predictor.beginToken()
    var probabilities: [UInt32] = []
    for bit in 0..<8 {
      let decision = Decision(
        kind: UInt8(bit), partial: UInt8((2 << bit) - 1), probability: 30000, expectation: 20)
      probabilities.append(predictor.probability(decision))
      predictor.update(true)
    }
    // After the first it is mixed, and the mixer learns.
    #expect(probabilities[0] == 20 && probabilities[7] > 40, "\(probabilities)")
  }

  @Test func missingMemoryIsAnError() {
    #expect(throws: OutOfMemory.self) { try HistoryTable(log2Size: 60, hasCorrections: true) }
    #expect(throws: OutOfMemory.self) { try HistoryTable(log2Size: 62, hasCorrections: false) }
    #expect(throws: OutOfMemory.self) { try MatchModel(minimum: 7, log2Size: 61) }
  }

  @Test func callsComeBack() {
    var random = SeededGenerator(seed: 53)
    for i in 0..<300 {
      // Mostly the bytes that matter.
      let bytes = (0..<Int.random(in: 0...60, using: &random)).map { _ in
        [0xE8, 0xE9, 0x00, 0xFF, UInt8.random(in: 0...255, using: &random)].randomElement(
          using: &random)!
      }
      var changed = bytes
      X86Calls.makeAbsolute(&changed)
      X86Calls.makeRelative(&changed)
      #expect(changed == bytes, "seed 53, \(i)")
    }
    var two: [UInt8] = [0xE8, 0x10, 0, 0, 0, 0x90, 0xE8, 0x0A, 0, 0, 0]
    X86Calls.makeAbsolute(&two)
    #expect(two[1] == two[7])
  }
}
