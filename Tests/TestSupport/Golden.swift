import Foundation
import LMZ

@_exported import struct LM.SeededGenerator

/// Files under Tests/Golden.
package enum Golden {
  package static let folder = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().appending(path: "Golden")

  package static func bytes(_ name: String) throws -> [UInt8] {
    [UInt8](try Data(contentsOf: folder.appending(path: name)))
  }

  /// The small frozen model of the tests, with n-grams of its vocabulary or without.
  package static func tinyModel(ngrams: Bool = true) throws -> NamedModel {
    try NamedModel(
      file: bytes("tiny.safetensors"),
      ngrams: ngrams ? NGramTable(file: bytes("tiny.ngrams")) : nil)
  }

  /// A file of Tests/Deflated.
  package static func deflated(_ name: String) throws -> [UInt8] {
    let tests = folder.deletingLastPathComponent()
    return [UInt8](try Data(contentsOf: tests.appending(path: "Deflated/\(name)")))
  }

  /// A file of the samples in corpora/.
  package static func sample(_ name: String) throws -> [UInt8] {
    let corpora = folder.deletingLastPathComponent().deletingLastPathComponent()
    return [UInt8](try Data(contentsOf: corpora.appending(path: "corpora/\(name)")))
  }

  /// Files one behind the other as tar has them: 3,000 bytes of every sample.
  package static func records() throws -> [UInt8] {
    var records: [UInt8] = []
    func fill() { records += [UInt8](repeating: 0, count: (512 - records.count % 512) % 512) }
    for name in ["english.txt", "japanese.txt", "code.swift.txt", "data.json", "package.log"] {
      records += Array(name.utf8) + [UInt8](repeating: 0, count: 100 - name.utf8.count)
      records += Array("0000644\0".utf8)
      fill()
      records += try sample(name).prefix(3000)
      fill()
    }
    return records + [UInt8](repeating: 0, count: 1024)
  }

  /// Text, numbers, noise and text in another language.
  package static func mixture() throws -> [UInt8] {
    var random = SeededGenerator(seed: 1)
    return try sample("english.txt").prefix(6000)
      + bytes("tiny.safetensors").dropFirst(20_000).prefix(9000) + random.bytes(20_000)
      + sample("japanese.txt").prefix(3000)
  }

  /// Records of JSON, one in a line, with 3,000 bytes of every sample as strings.
  ///
  /// - Parameters:
  ///   - ascii: whether what is beyond ASCII has escapes.
  ///   - returns: whether lines end with CR LF.
  ///   - dialect: how strings are written otherwise.
  package static func jsonLines(
    ascii: Bool = false, returns: Bool = false, dialect: StringDialect = []
  ) throws -> [UInt8] {
    var text = ""
    for name in ["english.txt", "japanese.txt", "code.swift.txt", "data.json", "package.log"] {
      var sample = escaped(String(decoding: try sample(name).prefix(3000), as: UTF8.self))
      if returns { sample = sample.replacingOccurrences(of: "\\n", with: "\\r\\n") }
      text += "{\"name\": \"\(name)\", \"text\": \"\(sample)\"}\n"
    }
    let isUpperCase = dialect.contains(.upperCaseDigits)
    let escapes = isUpperCase ? TextEncoding.upperCaseUnicodeEscapes : .unicodeEscapes
    return TextForm(ascii ? escapes : .utf8, dialect: dialect).content(of: Array(text.utf8))!
  }

  /// Rows as PostgreSQL copies them, with 3,000 bytes of every sample as a field.
  package static func copiedRows() throws -> [UInt8] {
    let names = ["english.txt", "japanese.txt", "code.swift.txt", "data.json", "package.log"]
    let rows = try names.enumerated().map { i, name in
      let text = escaped(String(decoding: try sample(name).prefix(3000), as: UTF8.self))
      return "\(i)\t\(name)\t\(text.replacingOccurrences(of: "\\\"", with: "\""))\n"
    }
    return Array(rows.joined().utf8)
  }

  /// Records of CSV, with 3,000 bytes of a page of HTML from every sample as a field.
  package static func quotedFields() throws -> [UInt8] {
    let names = ["english.txt", "japanese.txt", "code.swift.txt", "package.log"]
    let rows = try names.enumerated().map { i, name in
      let lines = String(decoding: try sample(name).prefix(3000), as: UTF8.self)
        .split(separator: "\n").map { "<p class=\"\"a\"\">\($0.filter { $0 != "\"" })</p>\n" }
      return "\(i),\(name),\"\(lines.joined())\"\n"
    }
    return Array(rows.joined().utf8)
  }

  /// A notebook of a cell with 60 lines of every sample.
  package static func notebook() throws -> [UInt8] {
    var cells: [String] = []
    for name in ["english.txt", "code.swift.txt", "japanese.txt"] {
      let lines = String(decoding: try sample(name), as: UTF8.self)
        .split(separator: "\n", omittingEmptySubsequences: false).prefix(60)
      let strings = lines.map { "    \"\(escaped(String($0)))\\n\"" }
      cells.append(
        """
          {
           "cell_type": "code",
           "source": [
        \(strings.joined(separator: ",\n"))
           ]
          }
        """)
    }
    return Array("{\n \"cells\": [\n\(cells.joined(separator: ",\n"))\n ]\n}\n".utf8)
  }

  /// As strings of JSON have it.
  private static func escaped(_ text: String) -> String {
    String(
      String.UnicodeScalarView(
        text.unicodeScalars.flatMap { scalar -> [Unicode.Scalar] in
          switch scalar {
          case "\n": ["\\", "n"]
          case "\t": ["\\", "t"]
          case "\"", "\\": ["\\", scalar]
          default: [scalar]
          }
        }))
  }

  /// The characters of the first `count` bytes of a sample that an encoding has.
  package static func text(
    _ name: String, _ count: Int, in encoding: TextEncoding
  ) throws -> [UInt8] {
    let known = String(decoding: try sample(name).prefix(count), as: UTF8.self).unicodeScalars
      .filter { encoding.content(of: Array(String($0).utf8)) != nil }
    return encoding.content(of: Array(String(String.UnicodeScalarView(known)).utf8))!
  }

  /// Of the sample whose language an encoding is for; for Latin four letters e in ten have an accent.
  package static func text(_ count: Int, in encoding: TextEncoding) throws -> [UInt8] {
    guard encoding == .windows1252 else { return try text("japanese.txt", count, in: encoding) }
    var letters = 0
    return try text("english.txt", count, in: encoding).map { byte in
      guard byte == UInt8(ascii: "e") else { return byte }
      letters += 1
      return letters % 10 < 4 ? 0xE9 : byte
    }
  }
}

extension SeededGenerator {
  package mutating func bytes(_ count: Int) -> [UInt8] {
    (0..<count).map { _ in UInt8(truncatingIfNeeded: next()) }
  }
}

extension StringDialect {
  /// Of `&`, `<` and `>`, as Go has them so that JSON may stand in HTML.
  package static let html = StringDialect(rawValue: 0x52)
  /// By number of all that can have them, as C# has them.
  package static let allNumbered: StringDialect = [StringDialect(rawValue: 0xFF), .upperCaseDigits]
}
