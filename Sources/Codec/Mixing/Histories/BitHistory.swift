import Kernels

/// What a context has seen, in one byte: about how many zeros and ones, and which came last.
///
/// The idea of bit histories is of PAQ6 (Mahoney, 2005). A state stands for counts (n0, n1), and the last
/// bit where both occurred. A bit adds to its count and takes from the other one what is beyond two, but
/// for a logarithm: what happened last counts most. Pairs that the table has no room for go to the
/// nearest pair with less. State 0 has seen nothing; states are sorted by their total.
struct BitHistory: @unchecked Sendable {
  /// The larger count that goes with each smaller one.
  private static let bounds = [36, 22, 12, 8, 6, 5]

  struct State: Hashable {
    var zeros = 0
    var ones = 0
    var last = 0

    var total: Int { zeros + ones }
  }

  let states: [State]
  private let table: Buffer<UInt8>
  /// next[2 · state + bit].
  let next: UnsafePointer<UInt8>

  /// Made once, and never written again.
  static let shared = BitHistory()

  private init() {
    var states: [State] = []
    for zeros in 0...Self.bounds[0] {
      for ones in 0...Self.bounds[0] where Self.fits(zeros, ones) {
        if zeros > 0 && ones > 0 {
          states += [0, 1].map { State(zeros: zeros, ones: ones, last: $0) }
        } else {
          states.append(State(zeros: zeros, ones: ones, last: ones > 0 ? 1 : 0))
        }
      }
    }
    states.sort { ($0.total, $0.zeros, $0.last) < ($1.total, $1.zeros, $1.last) }
    precondition(states.count <= 256)
    let index = Dictionary(uniqueKeysWithValues: states.enumerated().map { ($1, UInt8($0)) })
    table = Buffer(count: 512)
    for (i, state) in states.enumerated() {
      for bit in 0...1 { table[2 * i + bit] = index[Self.after(state, bit)] ?? UInt8(i) }
    }
    self.states = states
    next = UnsafePointer(table.unchecked)
  }

  private static func fits(_ zeros: Int, _ ones: Int) -> Bool {
    let less = min(zeros, ones)
    return less < bounds.count && max(zeros, ones) <= bounds[less]
  }

  private static func after(_ state: State, _ bit: Int) -> State {
    func discounted(_ n: Int) -> Int { n <= 2 ? n : n.bitWidth - n.leadingZeroBitCount }
    var s = state
    s.last = bit
    if bit == 1 {
      s.ones += 1
      s.zeros = discounted(s.zeros)
    } else {
      s.zeros += 1
      s.ones = discounted(s.ones)
    }
    while !fits(s.zeros, s.ones) {
      if bit == 1 { s.ones -= 1 } else { s.zeros -= 1 }
    }
    return s
  }
}
