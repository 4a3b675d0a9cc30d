import Adapt
import ArgumentParser
import Foundation
import LMZ

/// `lmz concat`: what two files share, as C(X) + C(Y) − C(X‖Y).
struct Concat: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Measure what two files share: C(X) + C(Y) - C(X+Y).",
    discussion: """
      Compresses X, Y, and X with Y behind it, and verifies each archive by decoding it. The gap is what \
      the compressor learned from X for Y, in bytes; NCD is the normalised compression distance, 0 for \
      the same content and about 1 for contents with nothing in common. All is coded in one lane, as at -9.
      """)

  @OptionGroup var execution: RunOptions
  @OptionGroup var method: MethodOptions
  @Flag(name: .customLong("both-orders"), help: "Measure Y with X behind it, too.")
  var bothOrders = false
  @Option(help: "Other programs to measure beside: gzip,xz,zstd,brotli,bzip2.")
  var against: String?
  @Option(help: "Take only the first BYTES of each file.") var head: Int?
  @Flag(help: "JSON lines.") var json = false
  @Argument(help: "The first file.") var x: String
  @Argument(help: "The second file.") var y: String

  func validate() throws {
    if let head, head < 1 { throw ValidationError("--head must be positive") }
    _ = try Peer.list(against ?? "")
  }

  func run() throws {
    let (first, second) = (
      try InputFile.content(x, head: head ?? .max), try InputFile.content(y, head: head ?? .max)
    )
    // Lanes do not see each other, and a longer content has more of them.
    let compressor = try method.compressor(execution, execution.library(), lanes: 1)
    var rows: [(String, Concatenation)] = []
    func measure(_ name: String, _ size: ([UInt8]) throws -> Int) throws {
      let forward = try Concatenation(of: first, and: second, size: size)
      rows.append((name, forward))
      guard bothOrders else { return }
      rows.append(
        (name + " Y+X", Concatenation(x: forward.y, y: forward.x, xy: try size(second + first))))
    }
    try measure("lmz", compressor.verifiedSize)
    for peer in try Peer.list(against ?? "") { try measure(peer.rawValue, peer.size) }
    try Console.print(json ? jsonLines(rows, first.count, second.count) : table(rows))
  }

  private func table(_ rows: [(String, Concatenation)]) -> String {
    Measure.table(
      [["compressor", "C(X)", "C(Y)", "C(X+Y)", "gap", "gap/C(Y)", "NCD"]]
        + rows.map { name, sizes in
          [
            name, "\(sizes.x)", "\(sizes.y)", "\(sizes.xy)", "\(sizes.gap)",
            sizes.y == 0
              ? "-" : String(format: "%.1f%%", 100 * Double(sizes.gap) / Double(sizes.y)),
            String(format: "%.3f", sizes.distance),
          ]
        })
  }

  private func jsonLines(_ rows: [(String, Concatenation)], _ x: Int, _ y: Int) throws -> String {
    try rows.map { name, sizes in
      try Measure.jsonObject([
        "compressor": .text(name), "bytes_x": .number(Double(x)), "bytes_y": .number(Double(y)),
        "x": .number(Double(sizes.x)), "y": .number(Double(sizes.y)),
        "xy": .number(Double(sizes.xy)), "gap": .number(Double(sizes.gap)),
        "ncd": .number(sizes.distance),
      ])
    }.joined(separator: "\n")
  }
}
