import Codec
import Foundation
import Kernels
import LM

/// Encodes text blocks: the language model runs over chunks of the lanes, several at a time on the
/// threads of a team, and one thread at a time codes what they found, round by round.
///
/// A round is one token of every lane in turn, which is the order in which a decoder can read. The
/// coded bytes do not depend on the number of threads.
final class TextEncoder<P: Predictor> {
  private let model: Model
  private let trie: TokenTrie
  private let ngrams: NGramTable?
  private let options: Options
  private let kind: Block.Kind
  private let shared: SharedEncoder<P>
  private let priming: NamedModel.Priming?
  private var lanes: [EncoderLane] = []
  private let arena = Arena()

  /// Tokens that a lane gives the model at once.
  static var chunk: Int { 64 }

  /// - Parameter kind: of the blocks that this predictor makes.
  init(_ model: NamedModel, options: Options, kind: Block.Kind, _ shared: SharedEncoder<P>) {
    self.model = model.model
    priming = model.priming
    ngrams = options.mixing(model).needsNGrams ? model.ngrams : nil
    self.options = options
    self.kind = kind
    trie = model.trie
    self.shared = shared
  }

  /// Forgets what the lanes have seen.
  func reset() { lanes = [] }

  /// Encodes one block.
  ///
  /// - Parameters:
  ///   - alone: codes the same decisions, with what the language model says of them.
  ///   - progress: told the number of bytes coded since the last call.
  func encode(
    _ content: [UInt8], alone: SharedEncoder<LanguageModelOnly>? = nil,
    progress: @escaping (Int) -> Void
  ) throws -> Block {
    var encoder = BytePairEncoder(model.merges)
    let tokens = encoder.encode(content[...])
    let lengths = tokens.map { model.vocabulary.length(Int($0)) }
    let ranges = LaneLayout.cut(
      lengths, into: LaneLayout.lanes(forBlockOf: content.count, atMost: options.lanes))
    let count = ranges.count
    let sizes = ranges.map { lengths[$0].reduce(0, +) }
    shared.coder.predictor.beginTokens(sizes)
    let known = lanes.count
    while lanes.count < count {
      lanes.append(try EncoderLane(model, chunk: Self.chunk, after: priming, in: arena))
    }
    priming?.prime(lanes[known...].map(\.state), model, chunk: Self.chunk, options)
    for (lane, range) in zip(lanes, ranges) { lane.begin(tokens[range]) }
    let board = EncoderBoard(Array(lanes.prefix(count)), chunk: Self.chunk)
    let job = EncoderJob(
      board: board, chunk: Self.chunk, model: model, trie: trie, ngrams: ngrams, options: options,
      code: { [self] chunk in progress(codeRounds(of: chunk, lanes: count, alone: alone)) })
    runTeam(min(options.threadsOfFrame, count)) { _ in job.work() }
    return Block(kind, lanes: sizes, coded: shared.coder.finishBlock())
  }

  /// Codes the decisions that the lanes have ready for chunk `index`, and returns the bytes they stand
  /// for.
  private func codeRounds(
    of index: Int, lanes count: Int, alone: SharedEncoder<LanguageModelOnly>?
  ) -> Int {
    var bytes = 0
    for round in 0..<Self.chunk {
      for (number, lane) in lanes.prefix(count).enumerated() {
        let i = index * Self.chunk + round
        guard i < lane.tokens.count else { continue }
        let chunk = lane.ready[index % 2]
        shared.coder.predictor.select(lane: number)
        let entries = chunk.ends[round]..<chunk.ends[round + 1]
        for entry in entries { chunk.decisions.replay(entry, to: &shared.coder) }
        if let alone {
          for entry in entries { chunk.decisions.replay(entry, to: &alone.coder) }
        }
        bytes += model.vocabulary.length(Int(lane.tokens[lane.tokens.startIndex + i]))
      }
    }
    return bytes
  }
}

/// The coder of a stream, which blocks of all kinds share.
final class SharedEncoder<P: Predictor>: @unchecked Sendable {
  var coder: PredictingEncoder<P>
  init(_ predictor: P) { coder = PredictingEncoder(predictor) }
}

/// The decisions on the tokens of one chunk; token i's are ends[i]..<ends[i + 1].
final class ChunkDecisions {
  var decisions = DecisionRecord()
  var ends: [Int] = []
}

/// A lane on the encoding side. Whoever the board gave it to has it alone, but for the other half of
/// `ready`, which may be coded meanwhile.
final class EncoderLane: @unchecked Sendable {
  let state: LaneState
  private(set) var tokens: ArraySlice<UInt16> = []
  /// The tokens before the next chunk; 0 at the start of a stream without priming.
  private var recent: RecentTokens
  /// The latest even and the latest odd chunk.
  let ready = [ChunkDecisions(), ChunkDecisions()]

  init(
    _ model: Model, chunk: Int, after priming: NamedModel.Priming?, in arena: Arena
  ) throws {
    state = try LaneState(model, chunk: chunk, in: arena)
    recent = priming?.recent ?? RecentTokens([0])
  }

  func begin(_ tokens: ArraySlice<UInt16>) {
    self.tokens = tokens
  }

  /// Runs the model over chunk `index` and records the decisions on its tokens.
  func produce(
    _ index: Int, chunk: Int, transformer: Transformer, weights: TokenWeights, trie: TokenTrie,
    ngrams: NGramTable?, expected: inout ExpectedTokens
  ) {
    let start = tokens.startIndex + index * chunk
    let end = min(start + chunk, tokens.endIndex)
    let seen = [recent.last] + tokens[start..<(end - 1)]
    transformer.forward([.init(lane: state, tokens: seen[...])])
    let result = ready[index % 2]
    result.decisions.removeAll()
    result.ends = [0]
    for i in start..<end {
      ngrams?.prefetch(after: recent)
      transformer.weights(row: i - start, into: weights)
      ngrams?.expect(after: recent, &expected)
      weights.withPrefix {
        _ = trie.code(
          token: Int(tokens[i]), prefix: $0, expected: expected, with: &result.decisions)
      }
      recent.append(tokens[i])
      result.ends.append(result.decisions.count)
    }
  }
}

/// Who may do what next: every lane's chunks are produced in order, at most two ahead of the coding; a
/// chunk is coded when all lanes have it.
private final class EncoderBoard: @unchecked Sendable {
  enum Task {
    case produce(lane: EncoderLane, index: Int, chunk: Int)
    case code(chunk: Int)
    case stop
  }

  private let condition = NSCondition()
  private let lanes: [EncoderLane]
  private let chunks: [Int]
  private var produced: [Int]
  private var isBusy: [Bool]
  private var coded = 0
  private var isCoding = false

  init(_ lanes: [EncoderLane], chunk: Int) {
    self.lanes = lanes
    chunks = lanes.map { ($0.tokens.count + chunk - 1) / chunk }
    produced = lanes.map { _ in 0 }
    isBusy = lanes.map { _ in false }
  }

  /// Waits for something to do.
  func next() -> Task {
    condition.lock()
    defer { condition.unlock() }
    while true {
      if coded == chunks.max() ?? 0 { return .stop }
      if !isCoding
        && lanes.indices.allSatisfy({ produced[$0] > coded || produced[$0] == chunks[$0] })
      {
        isCoding = true
        return .code(chunk: coded)
      }
      let ready = lanes.indices.filter {
        !isBusy[$0] && produced[$0] < chunks[$0] && produced[$0] < coded + 2
      }
      if let lane = ready.min(by: { produced[$0] < produced[$1] }) {
        isBusy[lane] = true
        return .produce(lane: lanes[lane], index: lane, chunk: produced[lane])
      }
      condition.wait()
    }
  }

  func finish(_ task: Task) {
    condition.lock()
    switch task {
    case .produce(_, let index, _):
      isBusy[index] = false
      produced[index] += 1
    case .code:
      isCoding = false
      coded += 1
    case .stop: break
    }
    condition.broadcast()
    condition.unlock()
  }
}

/// What every thread of the team does.
private struct EncoderJob: @unchecked Sendable {
  let board: EncoderBoard
  let chunk: Int
  let model: Model
  let trie: TokenTrie
  let ngrams: NGramTable?
  let options: Options
  /// Called by one thread at a time, as the board sees to.
  let code: (Int) -> Void

  func work() {
    let transformer = Transformer(
      model, capacity: chunk, instructionSet: options.instructionSet)
    let weights = TokenWeights(vocabulary: model.vocabulary.count)
    var expected = ExpectedTokens(most: NGramTable.most)
    while true {
      let task = board.next()
      switch task {
      case .produce(let lane, _, let index):
        lane.produce(
          index, chunk: chunk, transformer: transformer, weights: weights, trie: trie,
          ngrams: ngrams, expected: &expected)
      case .code(let index): code(index)
      case .stop: return
      }
      board.finish(task)
    }
  }
}
