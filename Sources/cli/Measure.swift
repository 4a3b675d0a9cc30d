import Foundation
import LMZ

/// Figures as they are printed.
enum Measure {
  /// Compressed size as a share of the original.
  static func percentage(_ sizes: StreamSizes) -> String {
    sizes.content == 0
      ? "-" : String(format: "%.1f%%", 100 * Double(sizes.archive) / Double(sizes.content))
  }

  /// 8 × archive ÷ units; nil where there is nothing to divide by.
  static func bits(_ archive: Int, per units: Int) -> Double? {
    units == 0 ? nil : 8 * Double(archive) / Double(units)
  }

  static func shown(_ value: Double?) -> String { value.map { String(format: "%.4f", $0) } ?? "-" }

  /// Rows with the first column to the left and the others to the right.
  static func table(_ rows: [[String]]) -> String {
    let columns = rows.map(\.count).max() ?? 0
    let widths = (0..<columns).map { c in rows.map { c < $0.count ? $0[c].count : 0 }.max() ?? 0 }
    return rows.map { row in
      row.enumerated().map { c, cell in
        let padding = String(repeating: " ", count: widths[c] - cell.count)
        return c == 0 ? cell + padding : padding + cell
      }.joined(separator: "  ")
    }.joined(separator: "\n")
  }

  /// A JSON string literal.
  static func json(_ text: String) throws -> String {
    String(decoding: try JSONEncoder().encode(text), as: UTF8.self)
  }

  /// A value of a JSON object.
  enum Value {
    case number(Double)
    case text(String)
    case flag(Bool)
  }

  /// A JSON object on one line, in the order given. A number that JSON cannot hold is null.
  static func jsonObject(_ fields: KeyValuePairs<String, Value>) throws -> String {
    let members = try fields.map { name, value in
      let shown =
        switch value {
        case .text(let text): try json(text)
        case .flag(let flag): "\(flag)"
        case .number(let number):
          number.isFinite ? String(format: "%.10g", number) : "null"
        }
      return "\(try json(name)):\(shown)"
    }
    return "{\(members.joined(separator: ","))}"
  }
}
