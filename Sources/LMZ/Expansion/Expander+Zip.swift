import Codec

/// Zip archives: what they say of their files need not be coded where it follows from these.
extension Expander {
  mutating func takeZipFile(
    _ opened: OpenedStream, behind header: Int, of input: Input, _ expansion: inout Expansion
  ) -> Outcome {
    guard
      let (entry, form) = ZipEntry.deflated(
        opened, in: input.bytes, header: header, to: input.count)
    else { return take(opened, from: opened.range.lowerBound / 8, of: input, &expansion) }
    // Of a short or empty file, too, the directory is to follow.
    let isShort = opened.record.count + opened.content.count <= entry.derived
    guard let worth = worth(of: opened, input, expansion) ?? (isShort ? Worth(expansion: nil) : nil)
    else { return .left }
    expansion.stand(forAllUpTo: header, of: input.bytes)
    expansion.bytes += ExpansionItem.zipFile(
      opened, expansion: worth.expansion,
      behind: input.bytes[header..<(opened.range.lowerBound / 8)], form)
    expansion.length = header + entry.length
    zipEntries.note(entry, at: header)
    return .taken
  }

  mutating func takeZipDirectory(
    _ records: Range<Int>, of input: Input, _ expansion: inout Expansion
  ) -> Outcome {
    guard ZipDirectory.ends(input.bytes, at: records.upperBound, to: input.count) else {
      return isLater(.exhausted, input, expansion) ? .later : .left
    }
    guard let item = ZipDirectory.item(input.bytes, records, of: zipEntries),
      item.bytes.count <= room(input, expansion)
    else { return .left }
    expansion.stand(forAllUpTo: records.lowerBound, of: input.bytes)
    expansion.bytes += item.bytes
    expansion.length = item.end
    return .taken
  }
}
