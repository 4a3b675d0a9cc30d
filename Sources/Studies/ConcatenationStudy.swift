import Adapt
import Figures
import Foundation
import Kernels
import LMZ

/// What one text teaches a compressor about another: the gap C(X) + C(Y) − C(X‖Y) by how X and Y are
/// related and by how long they are, beside controls, which have the same bytes without the relation.
public struct ConcatenationStudy {
  /// A text of the corpus.
  public struct Source: Sendable {
    public let name: String
    public let kind: String
    public let content: [UInt8]

    /// What kinds of one group share: the part of their names before an underscore.
    var group: Substring { kind.prefix { $0 != "_" } }

    public init(name: String, kind: String, content: [UInt8]) {
      self.name = name
      self.kind = kind
      self.content = content
    }
  }

  public struct Settings: Sendable {
    public var pairs = 20
    /// Lengths of X and of Y in bytes, from 2^10 to this.
    public var longest = 16 << 10
    public var seed: UInt64 = 1
    public var threads = 1

    public init() {}
  }

  /// A gap, measured on one pair.
  struct Measurement: Sendable {
    let relation: Relation
    let length: Int
    let compressor: Int
    let pair: Int
    let sizes: Concatenation
  }

  let sources: [Source]
  let compressors: [MeasuredCompressor]
  let settings: Settings

  /// - Parameter compressors: the first one is the one that the study is about.
  public init(_ sources: [Source], compressors: [MeasuredCompressor], settings: Settings) {
    self.sources = sources
    self.compressors = compressors
    self.settings = settings
  }

  /// What keeps a corpus from being studied; nil for nothing.
  public var objection: String? {
    let long = sources.filter { $0.content.count >= 2 * settings.longest }
    if long.count < 2 {
      return "fewer than two texts have \(2 * settings.longest) bytes; --longest takes less"
    }
    return nil
  }

  var lengths: [Int] {
    var lengths: [Int] = []
    var length = 1 << 10
    while length <= settings.longest {
      lengths.append(length)
      length *= 2
    }
    return lengths
  }

  /// - Parameters:
  ///   - adapted: for how many texts Y the model is adapted to X, too, and what does it; nil for none.
  ///   - progress: told which share is done.
  public func run(
    adapted: (pairs: Int, AdaptedConcatenation)? = nil,
    progress: @escaping @Sendable (Double) -> Void
  ) throws -> StudyReport {
    let pairs = ConcatenationPairs(sources, settings: settings).all
    let groups = Dictionary(grouping: pairs, by: \.number)
    let texts = groups.sorted { $0.key < $1.key }.map(\.value)
    // The long ones first, so that threads end together.
    let tasks = lengths.reversed().flatMap { length in texts.map { ($0, length) } }
    let work = SharedWork(tasks.count, progress)
    let compressors = compressors
    let results = Collected<Measurement>()
    try runTeam(settings.threads) { (_: Int) throws in
      while let i = work.next() {
        let (pairs, length) = tasks[i]
        for (number, compressor) in compressors.enumerated() {
          results.append(try Self.measure(pairs, length, compressor, number))
        }
      }
    }
    let sections = try adapted.map { count, adaptation in
      try adaptation.sections(
        pairs.filter { $0.number < count }, length: settings.longest, threads: settings.threads)
    }
    return report(results.all, try distances(), sections ?? [])
  }

  /// All relations of one text Y, of which C(Y) is measured once.
  private static func measure(
    _ pairs: [ConcatenationPairs.Pair], _ length: Int, _ compressor: MeasuredCompressor,
    _ number: Int
  ) throws -> [Measurement] {
    guard let first = pairs.first else { return [] }
    let sizeOfY = try compressor.size(first.contents(length).y)
    return try pairs.map { pair in
      let (x, y) = pair.contents(length)
      let sizes = Concatenation(
        x: try compressor.size(x), y: sizeOfY, xy: try compressor.size(x + y))
      return Measurement(
        relation: pair.relation, length: length, compressor: number, pair: pair.number,
        sizes: sizes)
    }
  }

  /// Normalised compression distances of kinds, with the first compressor, of pieces of 8 KB at most.
  private func distances() throws -> MatrixChart? {
    let length = min(8 << 10, settings.longest)
    let kinds = Set(sources.filter { $0.content.count >= 2 * length }.map(\.kind)).sorted()
    guard kinds.count > 1, let compressor = compressors.first else { return nil }
    let pieces = kinds.map { kind in
      sources.filter { $0.kind == kind && $0.content.count >= 2 * length }
    }
    let cells = kinds.indices.flatMap { i in (i..<kinds.count).map { (i, $0) } }
    let work = SharedWork(cells.count) { _ in }
    let values = Buffer<Double>(count: kinds.count * kinds.count)
    try runTeam(settings.threads) { (_: Int) throws in
      while let k = work.next() {
        let (i, j) = cells[k]
        // The first text of one kind with the last of the other; of one text its two halves.
        let (a, b) = (pieces[i][0], pieces[j][pieces[j].count - 1])
        let isSame = a.name == b.name
        let x = Array(a.content.prefix(length))
        let y = isSame ? Array(a.content.suffix(length)) : Array(b.content.prefix(length))
        let distance = try Concatenation(of: x, and: y, size: compressor.size).distance
        values[i * kinds.count + j] = distance
        values[j * kinds.count + i] = distance
      }
    }
    return MatrixChart(
      title: "Normalised compression distance, \(compressor.name), \(length) bytes each",
      names: kinds,
      values: kinds.indices.map { values.array(($0 * kinds.count)..<(($0 + 1) * kinds.count)) })
  }
}

/// Hands out numbers to threads.
final class SharedWork: Sendable {
  private let count: Int
  private let given = Guarded(0)
  private let progress: @Sendable (Double) -> Void

  init(_ count: Int, _ progress: @escaping @Sendable (Double) -> Void) {
    self.count = count
    self.progress = progress
  }

  func next() -> Int? {
    given.withLock { given in
      guard given < count else { return nil }
      defer { given += 1 }
      progress(Double(given) / Double(count))
      return given
    }
  }
}

/// What threads found, in no particular order.
private final class Collected<Element: Sendable>: Sendable {
  private let elements = Guarded<[Element]>([])

  var all: [Element] { elements.withLock { $0 } }

  func append(_ more: [Element]) { elements.withLock { $0 += more } }
}
