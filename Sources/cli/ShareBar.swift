import Foundation
import Synchronization

/// One line on the terminal: which share of a piece of work is done.
final class ShareBar: Sendable {
  private let isOn: Bool
  private let shown = Mutex(-1)

  init(isOn: Bool) { self.isOn = isOn && Console.isTerminal(STDERR_FILENO) }

  func show(_ share: Double) {
    guard isOn else { return }
    shown.withLock {
      let percent = Int(100 * share)
      guard percent != $0 else { return }
      $0 = percent
      Console.note("\r\u{1B}[K\(percent)%")
    }
  }

  /// Wipes the line.
  func finish() {
    shown.withLock {
      if $0 >= 0 { Console.note("\r\u{1B}[K") }
      $0 = -1
    }
  }
}
