/// A bzip2 stream that is written again.
struct Bzip2Stream {
  private let parameters: Bzip2Record.Parameters
  private var output = HighBitOutput()
  /// Of the blocks so far.
  private var sum: UInt32 = 0

  init(_ parameters: Bzip2Record.Parameters) {
    self.parameters = parameters
    for byte in Bzip2Block.streamHeader { output.append(Int(byte), 8) }
    output.append(Int(UInt8(ascii: "0")) + parameters.level, 8)
  }

  /// Writes blocks, and the end if it follows them.
  ///
  /// - Parameter most: bytes that there may be.
  /// - Returns: the bytes that are full now; nil where the record makes no sense.
  mutating func write(_ record: Bzip2Record, _ content: ArraySlice<UInt8>, atMost most: Int)
    -> [UInt8]?
  {
    let level = parameters.level
    let isWritten = content.withUnsafeBufferPointer { content in
      var place = 0
      for block in record.blocks {
        let rest = UnsafeBufferPointer(rebasing: content[place...].prefix(block.size ?? .max))
        let limit = block.size == nil ? Bzip2Block.limit(level) : Bzip2Block.capacity(level)
        let (written, length) = parameters.runs.written(rest, limit: limit)
        guard length > 0, length == block.size ?? length,
          written.count <= Bzip2Block.capacity(level)
        else { return false }
        var sorted = BurrowsWheeler(of: written)
        if let origin = block.origin { sorted.origin = origin }
        let sum = Bzip2Sum.of(rest[..<length])
        self.sum = Bzip2Sum.joined(self.sum, sum)
        guard Bzip2Block(sorted: sorted, sum: sum).append(to: &output, codes: block.codes),
          output.bytes.count <= most
        else { return false }
        place += length
      }
      return place == content.count
    }
    guard isWritten else { return nil }
    if record.hasEnd {
      output.append(Bzip2Block.endMagic, Bzip2Block.magicBits)
      output.append(Int(sum), 32)
      output.align()
    }
    return output.bytes.count <= most ? output.take() : nil
  }
}
