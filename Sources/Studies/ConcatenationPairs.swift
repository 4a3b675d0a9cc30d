import LM

/// How X and Y of a pair are related.
enum Relation: String, CaseIterable, Sendable {
  case sameSource = "same source"
  case sameKind = "same kind"
  case sameGroup = "same group, other kind"
  case otherGroup = "other group"
  case blocks4096 = "same source, 4096-byte blocks shuffled"
  case blocks256 = "256-byte blocks shuffled"
  case blocks32 = "32-byte blocks shuffled"
  case blocks4 = "4-byte blocks shuffled"
  case bytes = "bytes shuffled"
  case random = "random bytes"
  case same = "X = Y"
  case empty = "empty X"

  /// Whether X has the bytes of a related text without its order.
  var isControl: Bool {
    switch self {
    case .blocks256, .blocks32, .blocks4, .bytes, .random, .empty: true
    default: false
    }
  }

  /// Bytes of the blocks of X that are shuffled; nil where X is as it is.
  var block: Int? {
    switch self {
    case .blocks4096: 4096
    case .blocks256: 256
    case .blocks32: 32
    case .blocks4: 4
    case .bytes: 1
    default: nil
    }
  }
}

/// The pairs of a study. For one text Y every relation has an X, as far as the corpus has one.
struct ConcatenationPairs {
  struct Pair: Sendable {
    let relation: Relation
    let number: Int
    let x: [UInt8]
    let y: [UInt8]
    let seed: UInt64

    /// X and Y, cut to `length` bytes.
    func contents(_ length: Int) -> (x: [UInt8], y: [UInt8]) {
      var generator = SeededGenerator(seed: seed)
      let y = Array(y.prefix(length))
      switch relation {
      case .empty: return ([], y)
      case .same: return (y, y)
      case .random:
        return ((0..<length).map { _ in UInt8.random(in: 0...255, using: &generator) }, y)
      default:
        // What is nearest to Y comes last, as in a document that was cut in two.
        let x = Array(x.suffix(length))
        guard let block = relation.block else { return (x, y) }
        let blocks = stride(from: 0, to: x.count, by: block).map {
          Array(x[$0..<min(x.count, $0 + block)])
        }
        return (Array(blocks.shuffled(using: &generator).joined()), y)
      }
    }
  }

  let all: [Pair]

  init(_ sources: [ConcatenationStudy.Source], settings: ConcatenationStudy.Settings) {
    var generator = SeededGenerator(seed: settings.seed)
    let length = settings.longest
    let usable = sources.filter { $0.content.count >= 2 * length }
    // Every text once before any comes twice.
    var targets: [ConcatenationStudy.Source] = []
    while targets.count < settings.pairs && !usable.isEmpty {
      targets += usable.shuffled(using: &generator).prefix(settings.pairs - targets.count)
    }
    var pairs: [Pair] = []
    for (number, target) in targets.enumerated() {
      let start = Int.random(in: length...(target.content.count - length), using: &generator)
      let y = Array(target.content[start..<(start + length)])
      let before = Array(target.content[(start - length)..<start])
      for relation in Relation.allCases {
        let others = usable.filter { other in
          switch relation {
          case .sameKind: other.kind == target.kind && other.name != target.name
          case .sameGroup: other.group == target.group && other.kind != target.kind
          case .otherGroup: other.group != target.group
          default: false
          }
        }
        let x: [UInt8]
        switch relation {
        case .sameKind, .sameGroup, .otherGroup:
          guard let other = others.randomElement(using: &generator) else { continue }
          x = Array(other.content.prefix(length))
        default: x = before
        }
        pairs.append(
          Pair(relation: relation, number: number, x: x, y: y, seed: generator.next()))
      }
    }
    all = pairs
  }
}
