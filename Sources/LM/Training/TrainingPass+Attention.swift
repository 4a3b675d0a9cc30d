import Kernels

/// Rows and first column of a part of the matrix [M, projected] of heads.
struct HeadPart {
  let rows: Range<Int>
  let column: Int
}

extension FloatMatrix {
  func part(_ part: HeadPart, _ c: Configuration) -> FloatMatrix {
    rows(part.rows).columns(part.column..<(part.column + c.headSize))
  }
}

/// The walks over positions and heads that attention takes in both directions.
extension TrainingPass {
  /// Calls `body` with the query heads and the key heads of every row.
  func forEachHeadRow(_ batch: TrainingBatch, _ body: (_ query: HeadRows, _ key: HeadRows) -> Void)
  {
    let c = layout.configuration
    var row = 0
    for sequence in batch.sequences {
      for position in 0..<(sequence.count - 1) {
        let at = row * c.projected
        let factors = row * (c.heads + c.kvHeads)
        let angles = position * c.headSize / 2
        body(
          HeadRows(
            heads: c.heads, size: c.headSize, offset: at, factorsAt: factors, anglesAt: angles),
          HeadRows(
            heads: c.kvHeads, size: c.headSize, offset: at + c.heads * c.headSize,
            factorsAt: factors + c.heads, anglesAt: angles))
        row += 1
      }
    }
  }

  /// Calls `body` for every block of every sequence and every head, with where its queries, keys and
  /// values lie and with the place of its attention weights.
  func forEachAttention(
    _ batch: TrainingBatch, _ layer: Activations.Layer,
    _ body: (
      _ block: AttentionBlock, _ q: HeadPart, _ k: HeadPart, _ v: HeadPart, _ head: Int,
      _ probabilities: FloatMatrix
    ) -> Void
  ) {
    let c = layout.configuration
    let e = c.headSize
    var start = 0
    var offset = 0
    for sequence in batch.sequences {
      let length = sequence.count - 1
      for block in AttentionBlock.all(length: length, window: c.window) {
        let queries = (start + block.queries.lowerBound)..<(start + block.queries.upperBound)
        let keys = (start + block.keys.lowerBound)..<(start + block.keys.upperBound)
        for head in 0..<c.heads {
          let key = c.heads + head * c.kvHeads / c.heads
          body(
            block, HeadPart(rows: queries, column: head * e),
            HeadPart(rows: keys, column: key * e),
            HeadPart(rows: keys, column: (key + c.kvHeads) * e), head,
            FloatMatrix(
              layer.probabilities, offset: offset, rows: queries.count, columns: keys.count))
          offset += block.scores
        }
      }
      start += length
    }
  }
}
