import Codec
import Foundation
import Kernels
import LM
import Synchronization

/// Decodes text blocks: each thread owns some lanes; it waits for its turn to read one token of each,
/// passes the turn on, and runs the model over what it read while the others read theirs.
final class TextDecoder<P: Predictor> {
  private let model: Model
  private let trie: TokenTrie
  private let ngrams: NGramTable?
  private let options: Options
  private let shared: SharedDecoder<P>
  private let priming: NamedModel.Priming?
  private var lanes: [DecoderLane] = []
  private let arena = Arena()

  /// - Parameter ngrams: of the model; nil where the predictor takes no notice of them.
  init(
    _ model: NamedModel, ngrams: NGramTable?, options: Options, _ shared: SharedDecoder<P>
  ) {
    self.model = model.model
    self.ngrams = ngrams
    priming = model.priming
    self.options = options
    trie = model.trie
    self.shared = shared
  }

  /// Forgets what the lanes have seen.
  func reset() { lanes = [] }

  /// - Throws: `FormatError.corrupted` where the coded bytes cannot be those of such a block.
  func decode(_ block: Block, progress: @escaping (Int) -> Void) throws -> [UInt8] {
    let count = block.lanes.count
    let known = lanes.count
    while lanes.count < count { lanes.append(try DecoderLane(model, after: priming, in: arena)) }
    priming?.prime(lanes[known...].map(\.state), model, chunk: 1, options)
    for (i, (lane, size)) in zip(lanes, block.lanes).enumerated() { lane.begin(size, as: i) }
    shared.coder.beginBlock(block.payload[...])
    shared.coder.predictor.beginTokens(block.lanes)
    shared.isDamaged = false
    let worker = { [self] (threads: Int) in
      Worker(
        model: model, trie: trie, ngrams: ngrams, set: options.instructionSet, shared: shared,
        turn: Turn(threads),
        groups: (0..<threads).map { t in
          Array(lanes[(count * t / threads)..<(count * (t + 1) / threads)])
        },
        progress: progress)
    }
    let threads = min(options.threadsOfFrame, count)
    let together = worker(threads)
    // Threads wait for each other's turn, so that one alone has to have all lanes.
    if !runTogether(threads, { together.run($0) }) { worker(1).run(0) }
    if shared.isDamaged || shared.coder.isExhausted {
      throw FormatError.corrupted("its coded bytes make no sense")
    }
    return lanes.prefix(count).flatMap(\.bytes)
  }

  private struct Worker: @unchecked Sendable {
    let model: Model
    let trie: TokenTrie
    let ngrams: NGramTable?
    let set: InstructionSet
    let shared: SharedDecoder<P>
    let turn: Turn
    let groups: [[DecoderLane]]
    let progress: (Int) -> Void

    func run(_ group: Int) {
      var lanes = groups[group]
      let transformer = Transformer(model, capacity: lanes.count, instructionSet: set)
      let weights = lanes.map { _ in TokenWeights(vocabulary: model.vocabulary.count) }
      var expected = lanes.map { _ in ExpectedTokens(most: NGramTable.most) }
      while !lanes.isEmpty {
        transformer.forward(lanes.map { .init(lane: $0.state, tokens: [$0.recent.last]) })
        for (i, lane) in lanes.enumerated() {
          ngrams?.prefetch(after: lane.recent)
          transformer.weights(row: i, into: weights[i])
          ngrams?.expect(after: lane.recent, &expected[i])
        }
        turn.wait(for: group)
        readTokens(of: lanes, weights, expected)
        lanes.removeAll { $0.isComplete }
        if shared.isDamaged { lanes = [] }
        turn.pass(from: group, isFinished: lanes.isEmpty)
      }
    }

    /// One token of each lane, in order.
    private func readTokens(
      of lanes: [DecoderLane], _ weights: [TokenWeights], _ expected: [ExpectedTokens]
    ) {
      var bytes = 0
      for (i, lane) in lanes.enumerated() where !shared.isDamaged {
        shared.coder.predictor.select(lane: lane.number)
        let token = weights[i].withPrefix { prefix in
          trie.code(token: nil, prefix: prefix, expected: expected[i], with: &shared.coder)
        }
        let text = model.vocabulary[token]
        bytes += text.count
        if shared.coder.isExhausted || !lane.append(UInt16(token), text) { shared.isDamaged = true }
      }
      progress(bytes)
    }
  }
}

/// The coder of a stream, which blocks of all kinds share; within a block it passes from thread to thread
/// with the turn.
final class SharedDecoder<P: Predictor>: @unchecked Sendable {
  var coder: PredictingDecoder<P>
  var isDamaged = false
  init(_ predictor: P) { coder = PredictingDecoder(predictor) }
}

/// A lane on the decoding side. Belongs to one thread during a block.
private final class DecoderLane: @unchecked Sendable {
  let state: LaneState
  /// The last tokens, of which the model has not seen the very last; 0 at the start of a stream without priming.
  private(set) var recent: RecentTokens
  private(set) var bytes: [UInt8] = []
  private var size = 0
  /// Among the lanes of the block.
  private(set) var number = 0

  init(_ model: Model, after priming: NamedModel.Priming?, in arena: Arena) throws {
    state = try LaneState(model, in: arena)
    recent = priming?.recent ?? RecentTokens([0])
  }

  var isComplete: Bool { bytes.count == size }

  func begin(_ size: Int, as number: Int) {
    self.size = size
    self.number = number
    bytes = []
    bytes.reserveCapacity(min(size, 1 << 16))
  }

  /// - Returns: false where the token is longer than what is left of the lane.
  func append(_ token: UInt16, _ text: ArraySlice<UInt8>) -> Bool {
    guard text.count <= size - bytes.count else { return false }
    bytes += text
    recent.append(token)
    return true
  }
}

/// Goes round the groups that still have lanes. The thread whose turn it is has everything shared to
/// itself.
private final class Turn: Sendable {
  private let current = Atomic<Int>(0)
  private let isOut: Guarded<[Bool]>

  init(_ groups: Int) { isOut = Guarded(Array(repeating: false, count: groups)) }

  /// Spins, as a turn mostly takes microseconds; then yields the processor, then sleeps, as there may
  /// be more threads than processors.
  func wait(for group: Int) {
    var rounds = 0
    while current.load(ordering: .acquiring) != group {
      rounds += 1
      if rounds > 2500 { usleep(50) } else if rounds > 2000 { sched_yield() }
    }
  }

  func pass(from group: Int, isFinished: Bool) {
    let next = isOut.withLock { out in
      out[group] = isFinished
      for step in 1...out.count where !out[(group + step) % out.count] {
        return (group + step) % out.count
      }
      return group
    }
    current.store(next, ordering: .releasing)
  }
}
