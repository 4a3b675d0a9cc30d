import TestSupport
import Testing

@testable import Codec

@Suite struct QuotedPrintableTests {
  private static func reading(
    _ text: [UInt8], hasBoth: Bool = false, isLowerCase: Bool = false
  ) -> QuotedPrintable.Reading {
    text.withUnsafeBufferPointer {
      QuotedPrintable.Reading($0, hasBoth: hasBoth, isLowerCase: isLowerCase)
    }
  }

  /// Of RFC 2045, and what Python's quopri makes.
  @Test(arguments: [
    (
      "Now's the time for all folk to come to the aid of their country.\n", 43,
      "Now's the time for all folk to come to the=\n aid of their country.\n"
    ),
    ("1 + 1 = 2\t\nA caf\u{E9} \n", 76, "1 + 1 =3D 2=09\nA caf=C3=A9=20\n"),
    ("a\r\n", 76, "a=0D\n"), ("", 76, ""),
    (
      "Hauptstra\u{DF}e " + String(repeating: "x", count: 61), 76,
      "Hauptstra=C3=9Fe " + String(repeating: "x", count: 58) + "=\nxxx"
    ),
  ]) func vectors(content: String, line: Int, text: String) {
    let rules = QuotedPrintable.Rules(line: line)
    let written = QuotedPrintable(Self.reading(Array(text.utf8)), rules)
    #expect(written.exceptions.isEmpty)
    #expect(written.text(of: Array(content.utf8)) == Array(text.utf8))
    #expect(Self.reading(Array(text.utf8)).bytes == Array(content.utf8))
  }

  /// What may stand at the end of a line that does not go on.
  @Test func lastOfALine() {
    let rules = [QuotedPrintable.Last.nothing, .character, .any].map {
      QuotedPrintable.Rules(line: 10, last: $0)
    }
    let texts: [(content: String, texts: [String])] = [
      ("123456789a\nb", ["123456789=\na\nb", "123456789a\nb", "123456789a\nb"]),
      ("1234567\u{7F}\nb", ["1234567=\n=7F\nb", "1234567=\n=7F\nb", "1234567=7F\nb"]),
    ]
    for (content, texts) in texts {
      for (rules, text) in zip(rules, texts) {
        let written = QuotedPrintable(rules: rules, exceptions: [])
        #expect(written.text(of: Array(content.utf8)) == Array(text.utf8), "\(rules.last)")
      }
    }
  }

  /// Whatever looks a little like quoted-printable is written again.
  @Test func anythingIsWrittenAgain() throws {
    var random = SeededGenerator(seed: 400)
    let pieces = [
      "=", "=\n", "=\r\n", "\n", "\r\n", "\r", " ", "\t", "=3D", "=3d", "=C3=A9", "=e3=81=82",
      "=0A",
      "=0D=0A", "=G1", "a", "word", ".", "From ", "é", "=20", "=09",
    ].map { Array($0.utf8) }
    var exceptions = 0
    for i in 0..<400 {
      let text = (0..<Int.random(in: 0...60, using: &random)).flatMap { _ in
        pieces.randomElement(using: &random)!
      }
      let hasBoth = i % 2 > 0
      let isLowerCase = i % 3 == 0
      let reading = Self.reading(text, hasBoth: hasBoth, isLowerCase: isLowerCase)
      let rules = QuotedPrintable.Rules(
        line: Int.random(in: 4...30, using: &random), last: .allCases[i % 3], hasBoth: hasBoth,
        isLowerCase: isLowerCase, unusual: i % 5 == 0 ? [0x2E, 0x3D, 0x20] : [])
      let written = QuotedPrintable(reading, rules)
      exceptions += written.exceptions.count
      #expect(written.text(of: reading.bytes, atMost: text.count) == text, "seed 400, \(i)")
      #expect(text.isEmpty || written.text(of: reading.bytes, atMost: text.count - 1) == nil)
      let item = QuotedPrintableItem(
        written, .utf8, text: TextEncoding.utf8.utf8(of: reading.bytes))
      var restorer = ExpansionRestorer()
      #expect(try restorer.content(of: item.bytes, size: text.count) == text)
      #expect(throws: FormatError.self) {
        try restorer.content(of: item.bytes, size: text.count + 1)
      }
    }
    #expect(exceptions > 100)
  }

  /// The cases of a record, in the bytes that docs/FORMAT.md gives them.
  @Test func items() throws {
    let rules = QuotedPrintable.Rules(line: 72, hasBoth: true, unusual: [0x2E])
    let written = QuotedPrintable(Self.reading(Array("=2E.\r\n".utf8), hasBoth: true), rules)
    let item = QuotedPrintableItem(written, .windows1252, text: Array("..\r\n".utf8)).bytes
    #expect(
      item == [13, 0b111_0110, 72, 4, 1, 0x2E, 9, 0x2E, 0x2E, 13, 10, 1, 1 << 2 | 2])
    let plain = QuotedPrintableItem(
      QuotedPrintable(rules: QuotedPrintable.Rules(), exceptions: []), .utf8, text: [0xFF, 0xE9])
    #expect(plain.bytes == [13, 2, 4, 0xFF, 0xE9])
    var restorer = ExpansionRestorer()
    #expect(try restorer.content(of: plain.bytes, size: 3) == Array("=E9".utf8))
    for damaged: [UInt8] in [
      [13, 3, 0], [13, 0x80, 1, 0], [13, 0x10, 3, 2, 0x41], [13, 0x20, 31, 2, 0x41],
      [13, 2, 4, 65],
      [13, 2, 3, 65, 1, 8], [13, 2, 3, 65, 2, 1, 0], [13, 2, 2, 0xE9],
    ] {
      #expect(throws: FormatError.self, "\(damaged)") {
        try restorer.content(of: damaged, size: 1)
      }
    }
  }
}
