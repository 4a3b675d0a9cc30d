/// Which decisions are left to what the language model and n-grams expect: those of which these are sure, while they are
/// right. The context models would have little to add, and cost what they cost everywhere.
struct SureDecisions {
  /// An expectation is sure where it is nearer than this to 0 or to 65536.
  private static let margin: UInt16 = 32
  /// What a sure expectation that was wrong adds to the doubt; each one that was right takes 1 from it.
  private static let step = 1024
  private static let mostDoubt = 8 * step

  /// Nothing is left to the expectation before this is 0.
  private var doubt = 0
  private var isSure = false
  private var isExpected = false

  /// - Returns: whether the decision is left to its expectation.
  @inline(__always)
  mutating func leaves(_ decision: Decision) -> Bool {
    isSure =
      decision.probability != Decision.unknown
      && min(decision.expectation, 0 &- decision.expectation) < Self.margin
    isExpected = decision.expectation >= 32768
    return isSure && doubt == 0
  }

  /// Learns the answer to the decision that `leaves` was asked about.
  @inline(__always)
  mutating func update(_ answer: Bool) {
    guard isSure else { return }
    doubt = answer == isExpected ? max(0, doubt - 1) : min(doubt + Self.step, Self.mostDoubt)
  }
}
