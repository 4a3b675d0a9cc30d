/// Rows as a Markdown table, the first one its head; the first column to the left, the others to the right.
public func markdownTable(_ rows: [[String]]) -> String {
  let lines = rows.map { "| " + $0.joined(separator: " | ") + " |" }
  guard let head = rows.first else { return "" }
  let rule = "|" + head.indices.map { $0 == 0 ? "---|" : "---:|" }.joined()
  return ([lines[0], rule] + lines.dropFirst()).joined(separator: "\n")
}
