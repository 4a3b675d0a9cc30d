import ArgumentParser
import LMZ

/// `lmz model info`.
struct ModelCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "model", abstract: "Show the model.", subcommands: [Info.self],
    defaultSubcommand: Info.self)

  struct Info: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Name, identity, size and shape of a model.")

    @Argument(help: "nano, small, or a model file; small where there is none.")
    var file: String?

    func run() throws {
      var options = try RunOptions.parse([])
      options.model = file
      let named = try options.loadModel(.small, from: ModelLibrary())
      let c = named.model.configuration
      var rows = [
        ["name", named.name],
        ["identity", named.identityText],
        ["file size", "\(named.fileSize) bytes"],
      ]
      if let base = named.base { rows.append(["changes", "model \(base)"]) }
      rows += [
        ["vocabulary", "\(c.vocabulary) tokens"],
        ["layers", "\(c.layers)"],
        ["width", "\(c.width)"],
        ["heads", "\(c.heads) (\(c.kvHeads) key/value)"],
        ["hidden", "\(c.hidden)"],
        ["window", "\(c.window) tokens"],
        ["n-gram embeddings", "\(c.bigramRows) bigram, \(c.trigramRows) trigram"],
        ["n-grams", named.ngrams.map { "\($0.count), \($0.fileSize) bytes" } ?? "none"],
        ["multiply-adds", "\(c.multiplyAdds) per token"],
      ]
      if let provenance = named.model.metadata["provenance"] {
        rows.append(["training", provenance])
      }
      let width = rows.map { $0[0].count }.max() ?? 0
      for row in rows {
        try Console.print(row[0] + String(repeating: " ", count: width + 2 - row[0].count) + row[1])
      }
    }
  }
}
