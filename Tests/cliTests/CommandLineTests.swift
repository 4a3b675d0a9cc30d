import Foundation
import TestSupport
import Testing

/// The program as a user runs it.
@Suite struct CommandLineTests {
  let directory: Directory

  init() throws { directory = try Directory() }

  @Test func compressesAndRestores() throws {
    let text = try Array(Golden.sample("english.txt").prefix(3000))
    try directory.write("a.txt", text)
    let done = try directory.lmz("a.txt")
    #expect(done.status == 0 && done.error.isEmpty && done.output.isEmpty)
    #expect(try directory.read("a.txt") == text, "the input is kept")
    try directory.remove("a.txt")
    #expect(try directory.lmz("-d", "a.txt.lmz").status == 0)
    #expect(try directory.read("a.txt") == text)
    #expect(directory.names == ["a.txt", "a.txt.lmz"])
  }

  @Test func pipes() throws {
    let text = try Array(Golden.sample("japanese.txt").prefix(3000))
    for arguments in [[], ["-"], ["-c"], ["compress"], ["compress", "-"]] as [[String]] {
      let archive = try directory.run(arguments, input: text)
      #expect(archive.status == 0)
      #expect(archive.output.prefix(4) == [0xEC, 0x4C, 0x4D, 0x01])
      let back = try directory.run(["-dc"], input: archive.output)
      #expect(back.status == 0 && back.output == text)
    }
  }

  @Test func levelsAndMethods() throws {
    let text = try Array(Golden.sample("code.swift.txt").prefix(4000))
    try directory.write("a", text)
    var sizes: [String: Int] = [:]
    for option in ["-1", "--fast", "-3", "-4", "-6", "-9", "--best", "--no-lm", "--lm-only"] {
      #expect(try directory.lmz(option, "-f", "a").status == 0, "\(option)")
      sizes[option] = try directory.read("a.lmz").count
      let back = try directory.lmz("-dc", "a.lmz")
      #expect(back.output == text, "\(option)")
      let list = try directory.lmz("-l", "a.lmz").output
      let isWithout = ["-1", "--fast", "-3", "--no-lm"].contains(option)
      let model = option == "-4" ? "nano" : isWithout ? "none" : "small"
      #expect(String(decoding: list, as: UTF8.self).contains(model), "\(option)")
    }
    #expect(sizes["-1"] == sizes["--fast"] && sizes["-9"] == sizes["--best"])
    #expect(sizes["-6"]! < sizes["-4"]! && sizes["-4"]! < sizes["-3"]!, "\(sizes)")
    #expect(sizes["-6"]! < sizes["--lm-only"]! && sizes["--no-lm"] == sizes["-3"], "\(sizes)")
    for wrong in [["--lm-only", "--no-lm"], ["--lm-only", "-2"], ["-1", "-9"]] {
      let result = try directory.run(wrong + ["-c", "a"])
      #expect(result.status == 1 && result.output.isEmpty && !result.error.isEmpty, "\(wrong)")
    }
    let columns = try directory.lmz("bpc", "--tsv", "--lm-only", "a")
    let cells = String(decoding: columns.output, as: UTF8.self).split(separator: "\n")[1]
    #expect(cells.contains("\t\(sizes["--lm-only"]!)\t"))
  }

  @Test func severalFilesOneBad() throws {
    try directory.write("a", Array("some text".utf8))
    try directory.write("b", Array("more text".utf8))
    let result = try directory.lmz("a", "missing", "b")
    #expect(result.status == 1)
    #expect(result.error == "lmz: missing: No such file or directory\n")
    #expect(directory.names == ["a", "a.lmz", "b", "b.lmz"])
    let joined = try directory.lmz("-dc", "a.lmz", "b.lmz")
    #expect(joined.output == Array("some textmore text".utf8))
  }

  @Test func existingOutputIsKept() throws {
    try directory.write("a", Array("text".utf8))
    try directory.write("a.lmz", [1, 2, 3])
    let refused = try directory.lmz("a")
    #expect(refused.status == 1)
    #expect(refused.error == "lmz: a.lmz: already exists; use -f to replace it\n")
    #expect(try directory.read("a.lmz") == [1, 2, 3])
    #expect(try directory.lmz("-f", "a").status == 0)
    #expect(try directory.lmz("-dc", "a.lmz").output == Array("text".utf8))
    #expect(try directory.lmz("-f", "missing", "-o", "a.lmz").status == 1)
    #expect(try directory.lmz("-t", "a.lmz").status == 0, "a missing source destroys nothing")
  }

  @Test func directoriesAndForeignFilesArePassedOver() throws {
    try FileManager.default.createDirectory(
      atPath: directory.path("d"), withIntermediateDirectories: true)
    try directory.write("plain", Array("text".utf8))
    #expect(try directory.lmz("d").status == 2)
    #expect(try directory.lmz("d").error == "lmz: d: is a directory -- ignored\n")
    #expect(try directory.lmz("-d", "plain").status == 2)
    #expect(try directory.lmz("-q", "-d", "plain").error.isEmpty)
    try directory.write("plain.lmz", Array("text".utf8))
    let foreign = try directory.lmz("-t", "plain.lmz")
    #expect(foreign.status == 1 && foreign.error == "lmz: plain.lmz: not in lmz format\n")
    #expect(try directory.lmz("plain.lmz").status == 2, "has the suffix already")
    #expect(directory.names == ["d", "plain", "plain.lmz"])
  }

  @Test func damagedArchiveLeavesNothing() throws {
    try directory.write("a", try Array(Golden.sample("english.txt").prefix(2000)))
    _ = try directory.lmz("a")
    var archive = try directory.read("a.lmz")
    archive[archive.count / 2] ^= 4
    try directory.write("bad.lmz", archive)
    try directory.write("short.lmz", Array(archive.dropLast(9)))
    for name in ["bad", "short"] {
      let result = try directory.lmz("-d", "\(name).lmz")
      #expect(result.status == 1 && result.error.hasPrefix("lmz: \(name).lmz: "))
      #expect(try directory.lmz("-t", "\(name).lmz").status == 1)
    }
    #expect(directory.names == ["a", "a.lmz", "bad.lmz", "short.lmz"])
  }

  @Test func removesTheInputOnlyWhenAsked() throws {
    let text = Array("text to remove".utf8)
    try directory.write("a", text)
    #expect(try directory.lmz("--rm", "a").status == 0)
    #expect(directory.names == ["a.lmz"])
    #expect(try directory.lmz("-d", "--rm", "a.lmz").status == 0)
    #expect(directory.names == ["a"])
    #expect(try directory.read("a") == text)
    #expect(try directory.lmz("-k", "--rm", "a").status == 1)
    #expect(directory.names == ["a"])
  }

  @Test func recursionTakesWhatSuits() throws {
    try FileManager.default.createDirectory(
      atPath: directory.path("d/e"), withIntermediateDirectories: true)
    try directory.write("d/a", Array("text a".utf8))
    try directory.write("d/e/b", Array("text b".utf8))
    try directory.write("d/old.lmz", Array("not ours".utf8))
    try FileManager.default.createSymbolicLink(
      atPath: directory.path("d/link"), withDestinationPath: "a")
    let done = try directory.lmz("-1", "-r", "--rm", "d")
    #expect(done.status == 0 && done.error.isEmpty, "\(done.error)")
    let names = try FileManager.default.subpathsOfDirectory(atPath: directory.path("d")).sorted()
    #expect(names == ["a.lmz", "e", "e/b.lmz", "link", "old.lmz"])
    let back = try directory.lmz("-d", "-r", "d")
    #expect(back.status == 1 && back.error == "lmz: d/old.lmz: not in lmz format\n")
    #expect(try directory.read("d/e/b") == Array("text b".utf8))
    #expect(try directory.lmz("test", "-r", "d/e").status == 0)
    let listed = String(decoding: try directory.lmz("-l", "-r", "d/e").output, as: UTF8.self)
    #expect(listed.contains("d/e/b.lmz") && listed.split(separator: "\n").count == 2)
  }

  /// A pipe is read where no file beside it is written.
  @Test func pipesByName() throws {
    #expect(mkfifo(directory.path("p"), 0o600) == 0)
    #expect(try directory.lmz("p").error == "lmz: p: is not a regular file -- ignored\n")
    let writer = Thread { [directory] in try? directory.write("p", Array("some text".utf8)) }
    writer.start()
    let archive = try directory.lmz("-c", "p")
    #expect(archive.status == 0, "\(archive.error)")
    #expect(try directory.run(["-dc"], input: archive.output).output == Array("some text".utf8))
  }

  @Test func nothingCompressedGoesToATerminal() throws {
    try directory.write("a", Array("text".utf8))
    let onTerminal = { [directory] (arguments: String) in
      let process = directory.process([])
      let program = try #require(process.executableURL).path
      process.executableURL = URL(filePath: "/usr/bin/script")
      process.arguments = ["-qec", "\(program) \(arguments)", directory.path("shown")]
      process.standardOutput = FileHandle.nullDevice
      try process.run()
      process.waitUntilExit()
      return process.terminationStatus
    }
    #expect(try onTerminal("-c a") == 1)
    let shown = String(decoding: try directory.read("shown"), as: UTF8.self)
    #expect(shown.contains("not written to a terminal"), "\(shown)")
    #expect(try onTerminal("-cf a") == 0)
    #expect(try directory.read("shown").firstRange(of: [0xEC, 0x4C, 0x4D]) != nil)
  }

  @Test func worksWithinTar() throws {
    try directory.write("a", Array("text in an archive of tar".utf8))
    let tar = { [directory] (arguments: String...) in
      let process = directory.process(
        ["-I", try #require(directory.process([]).executableURL).path] + arguments)
      process.executableURL = URL(filePath: "/usr/bin/tar")
      try process.run()
      process.waitUntilExit()
      return process.terminationStatus
    }
    #expect(try tar("-cf", "t.tlmz", "a") == 0)
    try directory.remove("a")
    #expect(try tar("-xf", "t.tlmz") == 0)
    #expect(try directory.read("a") == Array("text in an archive of tar".utf8))
    #expect(try directory.lmz("-l", "t.tlmz").status == 0)
  }

  @Test func suffixes() throws {
    try directory.write("a", Array("text".utf8))
    #expect(try directory.lmz("-S", ".z", "a").status == 0)
    #expect(try directory.lmz("-d", "a.z").status == 2, "not the usual suffix")
    #expect(try directory.lmz("-d", "-f", "-S.z", "a.z").status == 0)
    #expect(directory.names == ["a", "a.z"])
    for wrong in ["z", ".", "./z"] { #expect(try directory.lmz("-S", wrong, "a").status == 1) }
    try directory.write("t.tlmz", try directory.lmz("-c", "a").output)
    #expect(
      try directory.lmz("t.tlmz").error == "lmz: t.tlmz: already has the suffix .tlmz -- ignored\n")
    #expect(try directory.lmz("-d", "t.tlmz").status == 0)
    #expect(try directory.read("t.tar") == Array("text".utf8))
  }

  @Test func verifiedArchives() throws {
    try directory.write("a", try Array(Golden.sample("japanese.txt").prefix(2000)))
    #expect(try directory.lmz("--verify", "a").status == 0)
    #expect(directory.names == ["a", "a.lmz"])
    let piped = try directory.run(["--verify", "-o", "b.lmz"], input: try directory.read("a"))
    #expect(piped.status == 0)
    #expect(try directory.read("b.lmz") == directory.read("a.lmz"))
    #expect(try directory.lmz("--verify", "-c", "a").status == 1)
    for operation in ["-d", "-t", "-l"] {
      #expect(try directory.lmz("--verify", operation, "a.lmz").status == 1, "\(operation)")
    }
  }

  @Test func memoryIsLimited() throws {
    try directory.write("a", try Array(Golden.sample("english.txt").prefix(9000)))
    #expect(try directory.lmz("-1", "a").status == 0)
    let refused = try directory.lmz("--memory", "8M", "-dc", "a.lmz")
    #expect(refused.status == 1 && refused.output.isEmpty)
    #expect(refused.error.contains("a.lmz: needs 9 MiB of memory"), "\(refused.error)")
    #expect(try directory.lmz("--memory=10MiB", "-t", "a.lmz").status == 0)
    #expect(try directory.lmz("--memory", "8M", "-c", "-1", "a").status == 1)
    for wrong in ["0", "x", "8T", "-1"] {
      #expect(try directory.lmz("--memory=" + wrong, "-c", "a").status == 1, "\(wrong)")
    }
  }

  @Test func framesOfAGivenSize() throws {
    let text = try Golden.sample("english.txt") + Golden.sample("japanese.txt")
    try directory.write("a", text)
    let archives = try ["-T1", "-T3"].map {
      try directory.lmz($0, "-1", "--frame-size", "64K", "-c", "a").output
    }
    #expect(archives[0] == archives[1])
    try directory.write("a.lmz", archives[0])
    for threads in ["-T1", "-T3"] {
      #expect(try directory.lmz(threads, "-dc", "a.lmz").output == text)
    }
    let list = String(decoding: try directory.lmz("-l", "a.lmz").output, as: UTF8.self)
    let row = list.split(separator: "\n")[1].split(separator: " ")
    #expect(row[5] == "4", "\(list)")
    for wrong in ["0", "1K", "x"] {
      let result = try directory.run(["--frame-size", wrong, "-c", "a"])
      #expect(result.status == 1 && result.output.isEmpty && !result.error.isEmpty, "\(wrong)")
    }
  }

  @Test func environmentGivesOptions() throws {
    try directory.write("a", Array("some text".utf8))
    let plain = try directory.run(["-c", "-1", "a"])
    let given = try directory.run(["-c", "a"], environment: ["LMZ_OPT": " -1  -q"])
    #expect(given.status == 0 && given.output == plain.output)
    let command = try directory.run(["bpc", "a"], environment: ["LMZ_OPT": "-1"])
    #expect(command.status == 0)
    #expect(try directory.run(["-c", "a"], environment: ["LMZ_OPT": "--no"]).status == 1)
  }

  @Test func modeAndTimeAreCarriedOver() throws {
    try directory.write("a", Array("text".utf8))
    #expect(chmod(directory.path("a"), 0o640) == 0)
    let times = [
      timespec(tv_sec: 1_000_000_000, tv_nsec: 5), timespec(tv_sec: 1_100_000_000, tv_nsec: 7),
    ]
    #expect(utimensat(AT_FDCWD, directory.path("a"), times, 0) == 0)
    _ = try directory.lmz("a")
    var status = stat()
    #expect(stat(directory.path("a.lmz"), &status) == 0)
    #expect(status.st_mode & 0o7777 == 0o640)
    #expect(status.st_mtim.tv_sec == 1_100_000_000 && status.st_mtim.tv_nsec == 7)
  }

  @Test func outputOption() throws {
    try directory.write("a", Array("text".utf8))
    try directory.write("b", Array("text".utf8))
    #expect(try directory.lmz("a", "-o", "x").status == 0)
    #expect(try directory.lmz("-d", "x", "-o", "y").status == 0)
    #expect(try directory.read("y") == Array("text".utf8))
    #expect(try directory.lmz("a", "b", "-o", "z").status == 1)
    #expect(try directory.lmz("-f", "a", "-o", "a").error == "lmz: a: is the input itself\n")
    #expect(directory.names == ["a", "b", "x", "y"])
  }

  @Test func writeErrorsAreNoticed() throws {
    try directory.write("a", try Array(Golden.sample("english.txt").prefix(3000)))
    _ = try directory.lmz("a")
    for arguments in [["-c", "a"], ["-dc", "a.lmz"], ["-l", "a.lmz"], ["--help"], ["bpc", "a"]] {
      let result = try directory.run(arguments, outputTo: "/dev/full")
      #expect(result.status == 1, "\(arguments)")
      #expect(result.error.contains("No space left on device"), "\(arguments)")
    }
    #expect(directory.names == ["a", "a.lmz"])
  }

  @Test func listing() throws {
    try directory.write("a", try Array(Golden.sample("english.txt").prefix(3000)))
    _ = try directory.lmz("a")
    let size = try directory.read("a.lmz").count
    let result = try directory.lmz("-l", "a.lmz")
    let lines = String(decoding: result.output, as: UTF8.self).split(separator: "\n")
    #expect(lines.count == 2)
    let cells = lines[1].split(separator: " ").map(String.init)
    #expect(cells[0...2] == ["a.lmz", "3000", "\(size)"] && cells.contains("small"))
    #expect(try directory.lmz("-l", "a").status == 1)
    #expect(try directory.lmz("-l").status == 1)
  }

  @Test func measuring() throws {
    try directory.write("a", Array("日本語のテキストを測る。".utf8))
    _ = try directory.lmz("a")
    let size = try directory.read("a.lmz").count
    let tsv = try directory.lmz("bpc", "--tsv", "a")
    let lines = String(decoding: tsv.output, as: UTF8.self).split(separator: "\n")
    let cells = lines[1].split(separator: "\t").map(String.init)
    #expect(cells[0...3] == ["a", "36", "12", "\(size)"])
    let json = try directory.lmz("bpc", "--json", "a")
    let object = try JSONSerialization.jsonObject(with: Data(json.output)) as? [String: Any]
    #expect((object?["total"] as? [String: Any])?["compressed"] as? Int == size)
    let head = try directory.lmz("bpc", "--tsv", "--head", "9", "a")
    #expect(String(decoding: head.output, as: UTF8.self).contains("a\t9\t3\t"))
  }

  @Test func anotherModelIsRefusedByName() throws {
    try directory.write("a", try Array(Golden.sample("english.txt").prefix(600)))
    let tiny = Golden.folder.appending(path: "tiny.safetensors").path
    #expect(try directory.lmz("--model", tiny, "a").status == 0)
    let refused = try directory.lmz("-dc", "a.lmz")
    #expect(refused.status == 1 && refused.output.isEmpty)
    #expect(refused.error.contains("made with model ") && refused.error.contains("small ("))
    #expect(try directory.lmz("--model", tiny, "-t", "a.lmz").status == 0)
    let bad = try directory.lmz("--model", "a", "a")
    #expect(bad.status == 1 && bad.error.hasPrefix("lmz: a: "))
  }

  /// Only the documented commands take a name away from files.
  @Test func filesMayHaveAnyName() throws {
    for name in ["file", "d", "-dash", "with space", "日本", "compress.txt"] {
      try directory.write(name, Array("text".utf8))
      #expect(try directory.lmz("--", name).status == 0, "\(name)")
      try directory.remove(name)
      #expect(try directory.lmz("-d", "--", name + ".lmz").status == 0, "\(name)")
      #expect(try directory.read(name) == Array("text".utf8))
    }
    try directory.write("list", Array("text".utf8))
    #expect(try directory.lmz("./list").status == 0)
    #expect(try directory.lmz("file").status == 1, "file.lmz exists")
  }

  @Test func usageErrors() throws {
    for arguments in [
      ["--bad"], ["-d", "-t"], ["-T", "-1"], ["-T", "x"], ["bpc", "--tsv", "--json", "a"],
    ] {
      let result = try directory.run(arguments)
      #expect(result.status == 1, "\(arguments)")
      #expect(result.output.isEmpty && result.error.hasPrefix("lmz: "), "\(arguments)")
    }
    let help = try directory.lmz("--help")
    #expect(help.status == 0 && help.error.isEmpty && !help.output.isEmpty)
    for arguments in [["--version"], ["-V"]] {
      let version = String(decoding: try directory.run(arguments).output, as: UTF8.self)
      #expect(version.hasPrefix("lmz 0.1.0\nmodels: nano "), "\(version)")
    }
    let hint = try directory.lmz("-n", "a").error
    #expect(hint.contains("Usage: lmz [") && !hint.contains("lmz ..."), "\(hint)")
  }

  /// Ends as it was told, and leaves nothing; or goes on where the signal is ignored, as under nohup.
  @Test(arguments: [false, true])
  func interruption(isIgnored: Bool) throws {
    var long: [UInt8] = []
    for _ in 0..<40 { long += try Golden.sample("english.txt") }
    try directory.write("a", long)
    let process = directory.process(["a"])
    let program = try #require(process.executableURL)
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments =
      [isIgnored ? "--ignore-signal=INT" : "--default-signal=INT", program.path, "-1", "a"]
    try process.run()
    usleep(200_000)
    process.interrupt()
    process.waitUntilExit()
    if isIgnored {
      #expect(process.terminationReason == .exit && process.terminationStatus == 0)
      #expect(directory.names == ["a", "a.lmz"])
    } else {
      #expect(process.terminationReason == .uncaughtSignal && process.terminationStatus == SIGINT)
      #expect(directory.names == ["a"])
    }
  }
}
