import TestSupport
import Testing

@testable import Codec

@Suite struct EncodedWordsTests {
  private static func opened(_ content: [UInt8]) -> (bytes: [UInt8], characters: Int)? {
    content.withUnsafeBufferPointer(EncodedWords.opened)
  }

  private static func closed(_ bytes: [UInt8], atMost most: Int = .max) -> [UInt8]? {
    bytes.withUnsafeBufferPointer { EncodedWords.closed($0, atMost: most) }
  }

  @Test(arguments: [
    ("=?utf-8?B?44GC?=", 0xFE, "\u{3042}"),
    (
      "=?UTF-8?b?5pel5pys6Kqe44Gu5Lu25ZCN?=", 0xFE,
      "\u{65E5}\u{672C}\u{8A9E}\u{306E}\u{4EF6}\u{540D}"
    ),
    ("=?ISO-2022-JP?B?GyRCRnxLXDhsGyhC?=", 0xFE, "\u{65E5}\u{672C}\u{8A9E}"),
    ("=?Shift_JIS?B?k/qWe4zq?=", 0xFE, "\u{65E5}\u{672C}\u{8A9E}"),
    ("=?euc-jp?B?xvzL3Ljs?=", 0xFE, "\u{65E5}\u{672C}\u{8A9E}"),
    ("=?utf-8?q?=E3=81=82_=2E=E3=81=84?=", 0xFE, "\u{3042} .\u{3044}"),
    ("=?utf-8?Q?=E3=81=82_.=E3=81=84?=", 0xFD, "\u{3042} .\u{3044}"),
    ("=?iso-8859-1?Q?=E9=E8?=", 0xFE, "\u{E9}\u{E8}"),
  ]) func words(word: String, mark: UInt8, text: String) throws {
    let start = word.split(separator: "?", maxSplits: 3).prefix(3).joined(separator: "?") + "?"
    let line = Array("Subject: a ".utf8)
    let content = line + Array(word.utf8) + [13, 10]
    let found = try #require(Self.opened(content))
    #expect(found.bytes == line + Array(start.utf8) + [mark] + Array((text + "?=\r\n").utf8))
    #expect(found.characters == word.utf8.count - start.utf8.count - 2)
    #expect(Self.closed(found.bytes) == content)
    #expect(Self.closed(found.bytes, atMost: content.count - 1) == nil)
  }

  /// What is no word, what no encoder makes, other charsets, ASCII, and words that are hardly encoded.
  @Test(arguments: [
    "=?utf-8?B?44GC", "=?utf-8?B?44G?=", "=?utf-8?B?44GD ?=", "=?utf-8?X?44GC?=",
    "=?koi8-r?B?8NLJ?=",
    "=?utf-8?B?YWJj?=", "=?utf-8?Q?=e3=81=82?=", "=?utf-8?Q?abcdefgh=C3=A9?=",
    "=?utf-8?B?Pz3jgYI=?=",
    "=?utf-8?B?44GC44GD===?=", "=??B?44GC?=", "=?utf-8?B??=", "a =? b ?= c", "=?", "=",
  ]) func others(text: String) {
    #expect(Self.opened(Array(text.utf8)) == nil)
    #expect(Self.closed(Array(text.utf8)) == Array(text.utf8))
  }

  /// Words among other things and marks, and bytes that no text has.
  @Test func anythingIsClosedAgain() {
    var random = SeededGenerator(seed: 410)
    let pieces: [[UInt8]] =
      [
        "=?utf-8?B?44GC?=", "=?utf-8?Q?=E3=81=82?=", "=?utf-8?B?", "=?iso-2022-jp?B?", "GyRCRnw=",
        "?=",
        "=?", "?", "=", "44GC", "a", "=C3=A9", "_", " ",
      ].map { Array($0.utf8) } + [[0xFE], [0xFD], [0xFF], [0xE3, 0x81, 0x82], [0x1B, 0x24, 0x42]]
    var count = 0
    for i in 0..<2000 {
      let content = (0..<Int.random(in: 1...12, using: &random)).flatMap { _ in
        pieces.randomElement(using: &random)!
      }
      guard let found = Self.opened(content) else { continue }
      count += 1
      #expect(Self.closed(found.bytes) == content, "seed 410, \(i)")
    }
    #expect(count > 300)
  }

  @Test func itemsOfText() throws {
    var restorer = ExpansionRestorer()
    let text = Array("=?utf-8?B?\u{3042}?=".utf8)
    let marked = Array(text[..<10]) + [0xFE] + Array(text[10...])
    let item = ExpansionItem.text(marked, in: .utf8)
    #expect(item == [15, 8, 16] + marked)
    #expect(try restorer.content(of: item, size: 16) == Array("=?utf-8?B?44GC?=".utf8))
    let japanese = ExpansionItem.text(Array("\u{3042}a".utf8), in: .shiftJIS)
    #expect(try restorer.content(of: japanese, size: 3) == [0x82, 0xA0, 0x61])
    // What it stands for lies in base64, too.
    let outer = ExpansionItem.base64(Base64Layout(), size: 3, expansion: japanese)
    #expect(try restorer.content(of: outer, size: 4) == Array("gqBh".utf8))
    for damaged: [UInt8] in [
      [15, 31, 1, 0x61], [15, 8, 2, 0x61], [15, 2, 3, 0xE0, 0xA4, 0x85], [15, 8, 2, 0x61, 0x61],
      [15, 8] + [UInt8(marked.count - 2)] + marked.dropLast(2),
    ] {
      #expect(throws: FormatError.self, "\(damaged)") { try restorer.content(of: damaged, size: 1) }
    }
  }
}
