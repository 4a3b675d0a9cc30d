import ArgumentParser
import Foundation

/// The `lmz` program: picks the command, reports errors, sets the exit status.
@main
struct Lmz: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "lmz",
    abstract: "Compresses text with a small language model as the dictionary.",
    usage: """
      lmz [-d | -t | -l] [options] [FILE ...]
      lmz <command> [options] [FILE ...]
      """,
    discussion: """
      lmz FILE          writes FILE.lmz and keeps FILE
      lmz -d FILE.lmz   writes FILE
      lmz -t FILE.lmz   tests whether FILE.lmz decodes
      lmz -l FILE.lmz   lists sizes, ratio and model
      -k  keep the input (the default)      --rm    remove it when the output is safe
      -c  write to standard output          -o FILE write to FILE
      -f  replace existing files            -T N    use N threads; 0 means all
      -r  take the files in directories     -S .SUF other suffix than .lmz
      -V  version and models                -h      this help
      -q  no warnings, no progress          -v      say what was done
      --verify        decode what was written and compare it, as --rm does
      -1 … -9         level: 1-3 without language model, 4-5 nano, 6-9 small; 6 is the default
      --lm-only       the language model alone    --no-lm   without it
      --frame-size N  begin anew after N bytes, as 16M: more threads at work, larger archives
      --memory SIZE   refuse what needs more for context models, as 64M
      --model NAME    use nano, small, a model file or an adapter; needed to decode what it made
      --embed-model   put the file of --model into the archive
      Without FILE, or where FILE is -, standard input goes to standard output.
      A file that has the name of a command is written ./NAME.
      """,
    subcommands: [
      Compress.self, Decompress.self, Test.self, List.self, BitsPerCharacter.self,
      Train.self, AdaptCommand.self, Concat.self, Study.self, ModelCommand.self, Shorthand.self,
    ],
    defaultSubcommand: Shorthand.self)

  static func main() {
    // Swift reads them from /proc. Without them, lmz would take what it was told for nothing at all.
    guard CommandLine.argc > 0 else {
      Console.error("the arguments cannot be read: /proc is not mounted")
      end(.error)
    }
    do {
      var command = try parseAsRoot(arguments())
      try command.run()
      end(.done)
    } catch let code as ExitStatus {
      end(code)
    } catch {
      report(error)
    }
  }

  /// Ends at once: nothing is buffered, and there is nothing that the system does not take back by itself.
  private static func end(_ status: ExitStatus) -> Never { _exit(status.rawValue) }

  /// The arguments, with those of LMZ_OPT before them where there is no subcommand.
  private static func arguments() -> [String] {
    let given = Array(FileName.arguments.dropFirst())
    let names = configuration.subcommands.map { $0._commandName }
    let words = (ProcessInfo.processInfo.environment["LMZ_OPT"] ?? "").split(separator: " ")
    guard !words.isEmpty, given.first.map({ !names.contains($0) && $0 != "help" }) ?? true else {
      return given
    }
    return words.map(String.init) + given
  }

  /// Help and version go to standard output with status 0; everything else is an error with status 1.
  private static func report(_ error: any Error) -> Never {
    let message = fullMessage(for: error)
    if exitCode(for: error).isSuccess {
      do { try Console.print(message) } catch { Console.error("\(error)") }
      end(Console.status)
    }
    let text = message.hasPrefix("Error: ") ? String(message.dropFirst(7)) : message
    // The default command has no name that a user would type.
    Console.error(text.replacing("lmz \(Shorthand._commandName)", with: "lmz"))
    end(.error)
  }
}

/// The exit status, as gzip and xz have it.
enum ExitStatus: Int32, Error {
  case done = 0
  case error = 1
  case warning = 2
}
