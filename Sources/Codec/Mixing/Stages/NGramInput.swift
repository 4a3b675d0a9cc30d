/// What the expectation of n-grams by themselves turns out to mean, as an input of mixers in the sixth version.
struct NGramInput {
  private let map: AdaptiveMap  // [trust, steps of the expectation]
  private let logistic: Logistic
  /// Of the last decision; nil where n-grams have nothing to say of it.
  private var index: Int?

  init(_ logistic: Logistic) {
    self.logistic = logistic
    let steps = LanguageModelStage.steps
    map = AdaptiveMap(count: 8 * steps, limit: 1023)
    for i in 0..<map.count {
      let p = logistic.squash(Float(i % steps) * (16 / Float(steps)) - 8)
      map[i] = AdaptiveMap.entry(Double(p), count: 4)
    }
  }

  func visit(_ walk: inout ParameterWalk) { map.visit(&walk) }

  @inline(__always)
  mutating func prepare(_ decision: Decision) {
    guard decision.trust > 0 else {
      index = nil
      return
    }
    let step = LanguageModelStage.step(logistic.stretch16(UInt32(decision.ngrams)))
    index = Int(decision.trust) * LanguageModelStage.steps + step
  }

  /// Stretched; 0 where n-grams have nothing to say.
  @inline(__always)
  var input: Float { index.map { logistic.stretch[map.probability12($0)] } ?? 0 }

  @inline(__always)
  func update(_ bit: Int) {
    if let index { map.update(index, bit) }
  }
}
