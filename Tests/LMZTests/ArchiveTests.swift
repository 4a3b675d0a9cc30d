import Foundation
import TestSupport
import Testing

@testable import LMZ

/// The archives of Tests/Archives, as its README describes them.
@Suite struct ArchiveTests {
  static let folder = Golden.folder.deletingLastPathComponent().appending(path: "Archives")

  struct Row: Sendable, CustomTestStringConvertible {
    let file: String
    let error: String
    var testDescription: String { file }
  }

  static let rows: [Row] = {
    let text = try? String(contentsOf: folder.appending(path: "README.md"), encoding: .utf8)
    return (text ?? "").split(separator: "\n").compactMap { line in
      let cells = line.split(separator: "|", omittingEmptySubsequences: false)
        .map { $0.trimmingCharacters(in: .whitespaces) }
      guard cells.count == 5, cells[1].hasSuffix(".lmz") else { return nil }
      return Row(file: cells[1], error: cells[3])
    }
  }()

  @Test func everyFileIsDescribed() throws {
    let files = try FileManager.default.contentsOfDirectory(atPath: Self.folder.path)
      .filter { $0.hasSuffix(".lmz") }
    #expect(files.sorted() == Self.rows.map(\.file).sorted())
    #expect(files.count > 20)
  }

  @Test(arguments: rows) func decodesOrSaysWhy(_ row: Row) throws {
    let archive = [UInt8](try Data(contentsOf: Self.folder.appending(path: row.file)))
    #expect(row.error.isEmpty == row.file.hasPrefix("good-"))
    do {
      let content = try decompress(archive, model: Golden.tinyModel())
      #expect(row.error.isEmpty, "decoded to \(content.count) bytes")
    } catch let error as FormatError {
      #expect(Self.name(of: error) == row.error, "\(error)")
    }
  }

  /// The case, without what is attached to it.
  private static func name(of error: FormatError) -> String {
    switch error {
    case .notThisFormat: "notThisFormat"
    case .unsupported: "unsupported"
    case .truncated: "truncated"
    case .corrupted: "corrupted"
    case .checksumMismatch: "checksumMismatch"
    case .modelMismatch: "modelMismatch"
    case .trailingData: "trailingData"
    case .limitExceeded: "limitExceeded"
    }
  }
}
