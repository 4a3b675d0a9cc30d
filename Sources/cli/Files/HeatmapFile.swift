import Figures
import Foundation
import LMZ

/// The page of `lmz bpc --heatmap`.
struct HeatmapFile {
  /// The most bytes of text that a page shows.
  static let limit = 256 << 10

  private let name: String
  /// Bytes and characters of the file.
  private let size: Int
  private let characters: Int
  /// What is coded for it.
  private let text: Spelling
  private var content: [UInt8] { text.bytes }
  private let costs: CodingCosts
  private let method: String

  /// - Parameter characters: of the file that `text` is coded for.
  init(
    _ name: String, _ text: Spelling, characters: Int, _ compressor: Compressor
  ) throws {
    self.name = name
    self.characters = characters
    size = text.size
    self.text = text
    costs = try compressor.costs(of: text.bytes)
    method = compressor.model.map { "model \($0.name) \($0.identityText)" } ?? "no model"
  }

  func write(to file: OutputFile) throws {
    let bits = costs.bits.reduce(0, +)
    let page = TextHeatmap(
      title: "lmz: what each character of \(name) costs",
      summary: [
        String(
          format: "%d bytes, %.0f bits: %.3f bits per byte, %.3f bits per character; %@",
          size, bits, bits / Double(max(1, size)), bits / Double(max(1, characters)),
          method)
      ], tokens: tokens())
    try file.sink.write(Array(page.html.utf8))
    try file.commit(like: nil)
  }

  /// The characters of every token; one that several tokens share stands in the first of them.
  private func tokens() -> [TextHeatmap.Token] {
    var shown: [TextHeatmap.Token] = []
    var rest = costs.tokens[...]
    while let first = rest.popFirst() {
      var range = first.bytes
      var notes = [note(first)]
      while let next = rest.first, content[next.bytes.lowerBound] & 0xC0 == 0x80 {
        range = range.lowerBound..<next.bytes.upperBound
        notes.append(note(next))
        rest.removeFirst()
      }
      shown.append(.init(characters(range), note: notes.joined(separator: "\n")))
    }
    return shown
  }

  private func characters(_ range: Range<Int>) -> [(text: Character, bits: Double)] {
    var at = range.lowerBound
    var characters: [(text: Character, bits: Double)] = []
    while at < range.upperBound {
      var end = at + 1
      while end < range.upperBound && content[end] & 0xC0 == 0x80 { end += 1 }
      let bits = costs.bits[at..<end].reduce(0, +)
      if let character = text.character(of: content[at]) {
        characters.append((character, bits))
      } else {
        // What is not UTF-8 decodes to several replacement characters.
        for (i, character) in String(decoding: content[at..<end], as: UTF8.self).enumerated() {
          characters.append((character, i == 0 ? bits : 0))
        }
      }
      at = end
    }
    return characters
  }

  private func note(_ token: CodingCosts.Token) -> String {
    let text = String(characters(token.bytes).map(\.text))
      .replacing("\n", with: "↵").replacing("\t", with: "→")
    let own = String(
      format: "“%@” %.2f bits, probability %.3g", text, token.bits, exp2(-token.bits))
    guard token.modelBits > 0 else { return own }
    return own + String(format: " (the model alone: %.3g)", exp2(-token.modelBits))
  }
}
