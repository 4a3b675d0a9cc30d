import TestSupport
import Testing

@testable import Codec
@testable import LMZ

/// Quoted-printable and encoded words in contents.
@Suite struct MailTests {
  private static let text =
    "Caf\u{E9}s are =\n  \u{65E5}\u{672C}\u{8A9E} \n"
    + String(repeating: "Some words, and a tab\t here. ", count: 20) + "\nThe end.\n"

  /// A text as quoted-printable, by the rules alone.
  private static func written(
    _ text: [UInt8], _ rules: QuotedPrintable.Rules = QuotedPrintable.Rules()
  ) -> [UInt8] {
    QuotedPrintable(rules: rules, exceptions: []).text(of: text) ?? []
  }

  private static func body(
    in content: [UInt8], behind head: [UInt8]
  ) -> QuotedPrintableBody? {
    content.withUnsafeBufferPointer { QuotedPrintableBody($0, at: head.count, to: $0.count) }
  }

  /// What follows from rules needs no exceptions, and the rules are found.
  @Test(arguments: [
    QuotedPrintable.Rules(), QuotedPrintable.Rules(last: .nothing, hasBoth: true),
    QuotedPrintable.Rules(line: 72, last: .character, unusual: [9, 0x2E]),
    QuotedPrintable.Rules(line: 60, last: .any, hasBoth: true, isLowerCase: true),
  ]) func rulesAreFound(rules: QuotedPrintable.Rules) throws {
    // At the ends of lines, whatever there may be room for.
    var text = Self.text
    for length in 50...80 {
      let line = "\n" + String(repeating: "x", count: length)
      text += line + "=" + line
    }
    var bytes = Array((text + "\n").utf8)
    if rules.hasBoth { bytes = bytes.flatMap { $0 == 10 ? [13, 10] : [$0] } }
    let lineEnd = rules.hasBoth ? "\r\n" : "\n"
    let head = Array("Content-Transfer-Encoding: quoted-printable\(lineEnd)\(lineEnd)".utf8)
    let written = Self.written(bytes, rules)
    let body = try #require(Self.body(in: head + written, behind: head))
    #expect(body.range == head.count..<(head.count + written.count))
    let item = QuotedPrintableItem(
      QuotedPrintable(rules: rules, exceptions: []), .utf8, text: bytes)
    #expect(body.item == item.bytes)
  }

  @Test(arguments: [
    "Content-Transfer-Encoding: quoted-printable\n\n",
    "From a@b Mon Jan  1 00:00:00 2026\nSubject: a\ncontent-transfer-encoding:\tQuoted-Printable\nTo: b\n\n",
    "--=_x\nContent-Type: text/html;\n charset=\"utf-8\"\nCONTENT-TRANSFER-ENCODING: \"quoted-printable\"\n\n",
  ]) func headersAreKnown(head: String) throws {
    let written = Self.written(Array(Self.text.utf8))
    let head = Array(head.utf8)
    let ends =
      head.first == UInt8(ascii: "-")
      ? ["--=_x\n", "--=_x--\n"]
      : ["\nFrom c@d Mon Jan  1 00:00:00 2026\n"]
    for end in ["", "From here\n--\n", "\nContent-Transfer-Encoding: 7bit\n"] + ends {
      let body = try #require(
        Self.body(in: head + written + Array(end.utf8), behind: head), "\(end)")
      var restorer = ExpansionRestorer()
      let content = try restorer.content(of: body.item, size: body.range.count)
      #expect(content.starts(with: written))
      // A blank line before another mail belongs to the body.
      let behind = ends.contains(end) ? end.prefix { $0 == "\n" }.utf8.count : end.utf8.count
      #expect(content.count == written.count + behind, "\(end)")
    }
  }

  /// A content with nothing but headers is not looked at for each of them.
  @Test func bodiesEndWhereManyHeadersWere() throws {
    let head = Array("Content-Transfer-Encoding: quoted-printable\n\n".utf8)
    let written = Self.written(Array(Self.text.utf8))
    for (headers, isWhole) in [(7, true), (8, false), (20, false)] {
      let content = head + written + (0..<headers).flatMap { _ in head }
      let body = try #require(Self.body(in: content, behind: head))
      let end = isWhole ? content.count : head.count + written.count + 7 * head.count
      #expect(body.range == head.count..<end, "\(headers)")
    }
  }

  /// Without a header, in other encodings, where little is encoded, and where it is no text.
  @Test func othersAreNone() {
    let written = Self.written(Array(Self.text.utf8))
    let head = "Content-Transfer-Encoding: quoted-printable\n"
    for other in [
      head, "\n", "Content-Transfer-Encoding: 8bit\n\n", "Content-Transfer: quoted-printable\n\n",
      head + "no header\n\n", head + "\n\n",
    ] {
      #expect(
        Self.body(in: Array(other.utf8) + written, behind: Array(other.utf8)) == nil, "\(other)")
    }
    var random = SeededGenerator(seed: 420)
    let good = Array((head + "\n").utf8)
    for text in [Array("a word =\n".utf8), random.bytes(3000)] {
      #expect(Self.body(in: good + Self.written(text), behind: good) == nil)
    }
    #expect(Self.body(in: good + written, behind: good) != nil)
  }

  /// Lines broken elsewhere, other escapes, and another charset.
  @Test func exceptionsAreFew() throws {
    let latin = "Un autre \u{E9}t\u{E9} a pass\u{E9} sans autres nouvelles. "
    let text = String(repeating: latin, count: 30) + "\n"
    let bytes = TextEncoding.windows1252.content(of: Array(text.utf8)) ?? []
    let head = Array("Content-Transfer-Encoding: quoted-printable\n\n".utf8)
    var written = Self.written(bytes)
    let space = try #require(written.firstIndex(of: 0x20))
    written[space...space] = ArraySlice("=20=\n".utf8)
    let body = try #require(Self.body(in: head + written, behind: head))
    #expect(body.item.count < text.utf8.count + 16)
    var restorer = ExpansionRestorer()
    #expect(try restorer.content(of: body.item, size: written.count) == written)
  }

  /// What is in mail takes about what it takes by itself, by any encoding.
  @Test func lettersTakeWhatTheirTextTakes() throws {
    let model = try Golden.tinyModel()
    let options = Options(memory: .small, threads: 2)
    let japanese = try Array(Golden.sample("japanese.txt").prefix(9000))
    let head = Array("Subject: a\nContent-Transfer-Encoding: quoted-printable\n\n".utf8)
    let plain = try compress(head + japanese, model: model, options: options)
    let mail = try compress(head + Self.written(japanese), model: model, options: options)
    #expect(mail.count < plain.count + 60)
    #expect(try decompress(mail, model: model, options: options) == head + Self.written(japanese))
  }

  /// Encoded words alone are worth it if there are enough of them.
  @Test func wordsAreOpened() throws {
    let word = "=?utf-8?B?44GT44KT44Gr44Gh44Gv?= "
    let text = String(repeating: "Subject: a few words\n", count: 10)
    // Among bytes of any kind, too.
    let noise: [UInt8] = [0, 0x9E, 0xFF, 0xFE, 0xFD, 0xFF]
    for (count, noise, isOpened) in [
      (1, [], false), (2, [], false), (4, [], true), (2, noise, false), (4, noise, true),
    ] {
      let content = noise + Array((text + String(repeating: word, count: count)).utf8) + noise
      var expander = Expander()
      let expansion = expander.expand(content, isLast: true)
      #expect((expansion != nil) == isOpened, "\(count)")
      if let expansion {
        var restorer = ExpansionRestorer()
        #expect(try restorer.content(of: expansion.bytes, size: content.count) == content)
      }
    }
  }
}
