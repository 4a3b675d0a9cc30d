/// Sequences of tokens to learn from in one pass, of any lengths.
///
/// Each sequence is given whole: its first token is only read, the others are read and predicted.
package struct TrainingBatch: Sendable {
  package private(set) var sequences: [ArraySlice<UInt16>] = []

  package init(_ sequences: [ArraySlice<UInt16>] = []) {
    self.sequences = sequences.filter { $0.count > 1 }
  }

  /// Predicted tokens.
  package var rows: Int { sequences.reduce(0) { $0 + $1.count - 1 } }

  /// The sequences in parts of at most `rows` predicted tokens; a longer sequence is a part of its own.
  /// Where the sequences are small beside `rows`, the parts are nearly equal and as many for each of
  /// `workers`.
  package func split(rows limit: Int, workers: Int = 1) -> [TrainingBatch] {
    let total = rows
    let atLeast = max(1, (total + limit - 1) / limit)
    let count = (atLeast + workers - 1) / workers * workers
    var parts: [TrainingBatch] = []
    var size = 0
    var start = 0
    var share = -1
    for sequence in sequences {
      let length = sequence.count - 1
      // The share of the whole in which the sequence's middle lies.
      let own = (2 * start + length) * count / (2 * total)
      if own > share || size + length > limit {
        parts.append(TrainingBatch())
        size = 0
        share = max(share, own)
      }
      parts[parts.count - 1].sequences.append(sequence)
      size += length
      start += length
    }
    return parts
  }
}
