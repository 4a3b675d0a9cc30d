import Codec
import Kernels
import LM

extension NamedModel {
  /// Text that a stream begins with, as if it had been coded before.
  struct Priming: Sendable {
    /// For the context models.
    let contexts: Codec.Priming
    /// Whether it is written as texts are in which something is folded.
    let isFolded: Bool
    /// What the language model sees of it: as much as its window holds, after byte 0.
    private let tokens: [UInt16]

    /// The last tokens; the very last one a lane has yet to give the language model.
    let recent: RecentTokens

    /// - Returns: nil for no text.
    init?(_ text: [UInt8], _ model: Model, _ trie: TokenTrie) {
      guard !text.isEmpty else { return nil }
      var encoder = BytePairEncoder(model.merges)
      let all = encoder.encode(text[...])
      contexts = Codec.Priming(all, trie: trie)
      isFolded = text.contains(where: TextForm.marks.contains)
      tokens = [0] + all.suffix(model.configuration.window).dropLast()
      recent = RecentTokens([0] + all)
    }

    /// Runs the language model over the text in all of these lanes, which are new.
    ///
    /// - Parameter chunk: the most tokens that the lanes take at once.
    func prime(_ lanes: [LaneState], _ model: Model, chunk: Int, _ options: Options) {
      guard !lanes.isEmpty else { return }
      let transformer = Transformer(
        model, capacity: chunk * lanes.count, instructionSet: options.instructionSet)
      for start in stride(from: 0, to: tokens.count, by: chunk) {
        let part = tokens[start..<min(tokens.count, start + chunk)]
        transformer.forward(lanes.map { .init(lane: $0, tokens: part) })
      }
    }
  }
}
