import Foundation
import Synchronization

/// One line on the terminal: share done, rate and time left. Says nothing where standard error is no
/// terminal.
final class ProgressBar: Sendable {
  private struct State {
    var done = 0
    var shown = ContinuousClock.now
    var wasShown = false
  }

  private let name: String
  private let total: Int?
  private let isOn: Bool
  private let start = ContinuousClock.now
  private let state = Mutex(State())

  /// - Parameter total: bytes of content to expect, where known.
  init(_ name: String, total: Int?, isOn: Bool) {
    self.name = Console.shown(name)
    self.total = total
    self.isOn = isOn && Console.isTerminal(STDERR_FILENO)
  }

  func advance(_ bytes: Int) {
    guard isOn else { return }
    state.withLock { state in
      state.done += bytes
      let now = ContinuousClock.now
      guard now - state.shown > .milliseconds(200) else { return }
      state.shown = now
      state.wasShown = true
      let seconds = max(1e-3, (now - start) / .seconds(1))
      Console.note("\r\u{1B}[K" + line(done: state.done, seconds: seconds))
    }
  }

  /// Wipes the line.
  func finish() {
    state.withLock { if $0.wasShown { Console.note("\r\u{1B}[K") } }
  }

  private func line(done: Int, seconds: Double) -> String {
    let rate = Double(done) / seconds
    var text = "\(name): "
    if let total, total > 0 {
      let share = min(1, Double(done) / Double(total))
      let filled = Int(share * 20)
      let left = Int(max(0, Double(total - done)) / max(1, rate))
      text += "[" + String(repeating: "#", count: filled)
      text += String(repeating: "-", count: 20 - filled) + "] "
      text += String(
        format: "%3.0f%%  %.1f KB/s  %d:%02d left", 100 * share, rate / 1e3, left / 60, left % 60)
    } else {
      text += String(format: "%.2f MB  %.1f KB/s", Double(done) / 1e6, rate / 1e3)
    }
    return text
  }
}
