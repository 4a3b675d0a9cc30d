import TestSupport
import Testing

@testable import Codec

@Suite struct Base64Tests {
  /// Of RFC 4648.
  @Test(arguments: [
    ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="),
    ("fooba", "Zm9vYmE="), ("foobar", "Zm9vYmFy"),
  ]) func vectors(content: String, text: String) {
    #expect(Base64Layout().text(of: Array(content.utf8)) == Array(text.utf8))
    #expect(Base64Layout.bytes(of: Array(text.utf8)) == Array(content.utf8))
  }

  @Test(arguments: Base64Layout.LineEnd.allCases) func linesAreDivided(_ end: Base64Layout.LineEnd)
    throws
  {
    var random = SeededGenerator(seed: 180)
    for count in 0..<200 {
      let content = random.bytes(count)
      for line in [0, 4, 64, 76] {
        let layout = Base64Layout(line: line, lineEnd: end)
        #expect(Base64Layout(code: layout.code) == layout)
        let text = layout.text(of: content)
        #expect(text.count == layout.size(of: count), "\(count), \(line)")
        let lines = String(decoding: text, as: UTF8.self)
          .split(separator: String(decoding: end.bytes, as: UTF8.self))
        #expect(line == 0 || lines.dropLast().allSatisfy { $0.utf8.count == line })
        #expect(Base64Layout.bytes(of: Array(lines.joined().utf8)) == content)
      }
    }
  }

  @Test func othersAreNone() {
    for text in ["Zg=", "Z===", "====", "Zm9v Zm9", "Zg==Zm9v", "Zm-_"] {
      #expect(Base64Layout.bytes(of: Array(text.utf8)) == nil, "\(text)")
    }
    #expect(Base64Layout(code: 3) == nil)
  }

  @Test func nestedItemsAreRefused() throws {
    let inner = ExpansionItem.base64(
      Base64Layout(), size: 3, expansion: ExpansionItem.plain([1, 2, 3]))
    var restorer = ExpansionRestorer()
    #expect(try restorer.content(of: inner, size: 4) == Array("AQID".utf8))
    let outer = ExpansionItem.base64(Base64Layout(), size: 4, expansion: inner)
    #expect(throws: FormatError.self) { try restorer.content(of: outer, size: 8) }
    #expect(throws: FormatError.self) { try restorer.content(of: inner, size: 3) }
  }
}
