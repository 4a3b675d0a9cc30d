import Figures
import Foundation
import LMZ

/// Shows a run of training: a live line, a log of JSON lines, a chart.
final class TrainingMonitor {
  private let trainer: Trainer
  private let log: String
  private let isQuiet: Bool
  private let isLive: Bool
  private var measured: [(x: Double, y: Double)] = []
  private var lastBits = ""
  private let start = ContinuousClock.now
  private let tokensBefore: Int
  private let progressBefore: Double

  init(_ trainer: Trainer, log: String, quiet: Bool) {
    self.trainer = trainer
    self.log = log
    isQuiet = quiet
    isLive = !quiet && Console.isTerminal(STDERR_FILENO)
    tokensBefore = trainer.state.tokens
    progressBefore = trainer.progress
    if trainer.state.steps == 0 { try? Data().write(to: URL(filePath: log)) }
    readLog()
  }

  private var seconds: Double { (ContinuousClock.now - start) / .seconds(1) }

  func report(_ event: Trainer.Event) {
    switch event {
    case .trained(let state, let bits, let factor, let progress):
      let rate = Double(state.tokens - tokensBefore) / max(1e-3, seconds)
      append([
        "event": .text("train"), "tokens": .number(Double(state.tokens)),
        "seconds": .number(state.seconds), "bits_per_token": .number(bits),
        "rate_factor": .number(Double(factor)), "tokens_per_second": .number(rate),
      ])
      show(bits, rate, progress)
    case .measured(let state, let heldOut, let isBest):
      measured.append((Double(state.tokens), heldOut))
      lastBits = String(format: "%.4f", heldOut)
      append([
        "event": .text("held-out"), "tokens": .number(Double(state.tokens)),
        "seconds": .number(state.seconds), "bits_per_byte": .number(heldOut),
        "best": .flag(isBest),
      ])
      guard !isQuiet else { return }
      let line = String(
        format: "%6.1f %%  %@ tokens  held-out %.4f bits per byte%@", 100 * trainer.progress,
        Self.count(state.tokens), heldOut, isBest ? "" : "  (not better)")
      Console.note((isLive ? "\r\u{1B}[K" : "") + line + "\n")
    }
  }

  private func show(_ bits: Double, _ rate: Double, _ progress: Double) {
    guard isLive else { return }
    let left = seconds / max(1e-9, progress - progressBefore) * (1 - progress)
    Console.note(
      String(
        format:
          "\r\u{1B}[K%5.1f %%  %.0f tokens/s  train %.3f bits/token  held-out %@ bpb  %d:%02d left",
        100 * progress, rate, bits, lastBits, Int(left) / 60, Int(left) % 60))
  }

  /// Wipes the live line.
  func finish() {
    if isLive { Console.note("\r\u{1B}[K") }
  }

  func summary(_ outcome: Trainer.Outcome) -> String {
    let first = measured.first?.y ?? .nan
    return String(
      format: "%@ tokens in %.0f s, held-out %.4f -> %.4f bits per byte%@",
      Self.count(trainer.state.tokens), trainer.state.seconds, first, trainer.state.best ?? .nan,
      outcome == .stoppedEarly ? " (it got no better)" : "")
  }

  func writeChart(_ name: String, title: String) throws {
    var chart = LineChart(
      title: "\(title): held-out bits per byte", xLabel: "tokens seen", yLabel: "bits per byte")
    chart.series = [.init("held out", measured)]
    try chart.svg.write(toFile: name, atomically: true, encoding: .utf8)
  }

  private func append(_ fields: KeyValuePairs<String, Measure.Value>) {
    guard let line = try? Measure.jsonObject(fields),
      let handle = FileHandle(forWritingAtPath: log)
    else { return }
    defer { try? handle.close() }
    _ = try? handle.seekToEnd()
    try? handle.write(contentsOf: Data((line + "\n").utf8))
  }

  /// Takes up the measurements of the run that this one goes on from.
  private func readLog() {
    struct Line: Decodable {
      let event: String
      let tokens: Double
      let bitsPerByte: Double?

      enum CodingKeys: String, CodingKey {
        case event, tokens
        case bitsPerByte = "bits_per_byte"
      }
    }
    guard let text = try? String(contentsOfFile: log, encoding: .utf8) else { return }
    for line in text.split(separator: "\n") {
      guard let entry = try? JSONDecoder().decode(Line.self, from: Data(line.utf8)),
        let bits = entry.bitsPerByte, entry.tokens <= Double(tokensBefore)
      else { continue }
      measured.append((entry.tokens, bits))
      lastBits = String(format: "%.4f", bits)
    }
  }

  private static func count(_ tokens: Int) -> String {
    tokens < 1_000_000
      ? String(format: "%.0f k", Double(tokens) / 1e3)
      : String(format: "%.2f M", Double(tokens) / 1e6)
  }
}
