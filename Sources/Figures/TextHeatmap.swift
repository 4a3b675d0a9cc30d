import Foundation

/// A page of text whose characters are coloured by what they cost, as HTML on its own.
public struct TextHeatmap {
  /// A stretch of text that was coded at once.
  public struct Token {
    /// Its characters, each with its cost in bits.
    public let characters: [(text: Character, bits: Double)]
    /// Shown where the pointer rests.
    public let note: String

    public init(_ characters: [(text: Character, bits: Double)], note: String) {
      self.characters = characters
      self.note = note
    }
  }

  public var title: String
  /// Said above the text, a line each.
  public var summary: [String]
  public var tokens: [Token]

  public init(title: String, summary: [String], tokens: [Token]) {
    self.title = title
    self.summary = summary
    self.tokens = tokens
  }

  /// Where the colours begin, in bits of a character.
  static let steps = [0.25, 0.5, 1, 1.5, 2, 3, 4, 6, 8, 12]

  static func shade(_ bits: Double) -> Int { steps.count { bits >= $0 } }

  public var html: String {
    """
    <!doctype html>
    <html lang="en"><head><meta charset="utf-8"><title>\(SVG.escaped(title))</title>
    <style>
    \(Self.style)
    </style></head><body>
    <h1>\(SVG.escaped(title))</h1>
    \(summary.map { "<p>\(SVG.escaped($0))</p>" }.joined(separator: "\n"))
    <p class="legend">Bits of a character: \(legend)</p>
    <pre>\(tokens.map(Self.drawn).joined())</pre>
    </body></html>

    """
  }

  private var legend: String {
    let names = ["0"] + Self.steps.map { String(format: "%g", $0) }
    return names.enumerated().map { "<b class=\"s\($0)\">\($1)</b>" }.joined(separator: " ")
  }

  /// Neighbours of the same shade share an element.
  private static func drawn(_ token: Token) -> String {
    var body = ""
    var shade = -1
    for (text, bits) in token.characters {
      let next = Self.shade(bits)
      if next != shade {
        body += (shade >= 0 ? "</b>" : "") + "<b class=\"s\(next)\">"
        shade = next
      }
      body += visible(text)
    }
    if shade >= 0 { body += "</b>" }
    return "<i title=\"\(SVG.escaped(token.note))\">\(body)</i>"
  }

  private static func visible(_ text: Character) -> String {
    switch text {
    case "\n", "\r\n": "↵\n"
    case "\t": "→\t"
    case let c where c.unicodeScalars.allSatisfy({ $0.value < 32 || $0.value == 127 }): "·"
    default: SVG.escaped(String(text))
    }
  }

  /// From nothing through yellow to red, on light and dark pages.
  private static var style: String {
    let count = steps.count
    let shades = (1...count).map { i in
      let share = Double(i) / Double(count)
      let hue = Int(55 - 55 * share)
      let opacity = String(format: "%.2f", 0.12 + 0.78 * share)
      return ".s\(i) { background: hsl(\(hue) 95% 55% / \(opacity)) }"
    }
    return """
      body { font: 15px/1.6 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem;
        background: #fff; color: #111 }
      h1 { font-size: 1.2rem; overflow-wrap: anywhere } p { margin: 0.3rem 0 }
      pre { white-space: pre-wrap; overflow-wrap: anywhere; font: 15px/1.7 ui-monospace, monospace }
      b { font-weight: normal } i { font-style: normal; border-left: 1px solid #8884 }
      i:hover { outline: 1px solid #888 } .legend b { padding: 0.1rem 0.4rem }
      @media (prefers-color-scheme: dark) { body { background: #161616; color: #eee } }
      \(shades.joined(separator: "\n"))
      """
  }
}
