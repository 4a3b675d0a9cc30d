import TestSupport
import Testing

@testable import Codec

/// Rows of images before and after the filters of PNG.
@Suite struct PNGRowsTests {
  /// By the formulas of the PNG specification, one byte at a time.
  private static func filtered(
    _ samples: [[Int]], types: [Int], pixel: Int
  ) -> [UInt8] {
    func sample(_ y: Int, _ x: Int) -> Int { y < 0 || x < 0 ? 0 : samples[y][x] }
    var bytes: [UInt8] = []
    for y in samples.indices {
      bytes.append(UInt8(types[y]))
      for x in samples[y].indices {
        let (a, b, c) = (sample(y, x - pixel), sample(y - 1, x), sample(y - 1, x - pixel))
        let p = a + b - c
        let nearest = [a, b, c].min { abs(p - $0) < abs(p - $1) }!
        let predicted = [0, a, b, (a + b) / 2, nearest][types[y]]
        bytes.append(UInt8(truncatingIfNeeded: samples[y][x] - predicted))
      }
    }
    return bytes
  }

  private static func image(
    _ height: Int, _ width: Int, _ random: inout SeededGenerator
  ) -> [[Int]] {
    var row = random.bytes(width).map { Int($0) }
    return (0..<height).map { _ in
      for x in row.indices { row[x] = (row[x] + Int.random(in: -2...2, using: &random)) & 255 }
      return row
    }
  }

  /// The first pixel's colours, each byte of the samples for itself.
  private static func colours(of bytes: [UInt8], pixel: Int) -> [[UInt8]] {
    pixel < 6
      ? [Array(bytes[1..<4])] : [1, 2].map { [bytes[$0], bytes[$0 + 2], bytes[$0 + 4]] }
  }

  @Test(arguments: 1...8) func filtersAreUndone(pixel: Int) throws {
    var random = SeededGenerator(seed: 350)
    for height in [1, 2, 20] {
      let samples = Self.image(height, 7 * pixel, &random)
      let types = (0..<height).map { _ in Int.random(in: 0...4, using: &random) }
      let filtered = Self.filtered(samples, types: types, pixel: pixel)
      let rows = try #require(PNGRows(length: 7 * pixel + 1, pixel: pixel))
      let image = rows.unfiltered(filtered)
      #expect(image.rows.filtered(image.bytes) == filtered)
      for (y, row) in samples.enumerated() {
        let start = y * rows.length + 1
        #expect(image.bytes[start..<(start + row.count)].map { Int($0) } == row)
      }
      guard rows.hasColours else { continue }
      let differences = image.withColourDifferences
      #expect(differences.rows.filtered(differences.bytes) == filtered)
      let colours = Self.colours(of: image.bytes, pixel: pixel)
      let expected = colours.map { [$0[0] &- $0[1], $0[1], $0[2] &- $0[1]] }
      #expect(Self.colours(of: differences.bytes, pixel: pixel) == expected)
    }
  }

  /// What libpng chooses takes nothing; what it would not, little.
  @Test func chosenFiltersAreKnown() throws {
    var random = SeededGenerator(seed: 351)
    let samples = Self.image(40, 90, &random)
    let rows = try #require(PNGRows(length: 91, pixel: 3))
    let all = (0...4).map { type in
      Self.filtered(samples, types: [Int](repeating: type, count: 40), pixel: 3)
    }
    let chosen = (0..<40).flatMap { y in
      let candidates = all.map { $0[(y * 91)..<((y + 1) * 91)] }
      let sums = candidates.map { row in
        row.dropFirst().reduce(0) { $0 + Int($1 < 128 ? $1 : 0 &- $1) }
      }
      return candidates[sums.indices.min { sums[$0] < sums[$1] }!]
    }
    func fronts(_ filtered: [UInt8]) -> Set<UInt8> {
      let image = rows.unfiltered(filtered)
      #expect(image.rows.filtered(image.bytes) == filtered)
      return Set(stride(from: 0, to: filtered.count, by: 91).map { image.bytes[$0] })
    }
    #expect(fronts(chosen) == [0])
    #expect(fronts(all[4]) == [4] && fronts(all[0]) == [0])
    // A type that there is not.
    var other = chosen
    other[5 * 91] = 7
    #expect(fronts(other).contains(7))
    other[5 * 91] = chosen[5 * 91] == 4 ? 3 : 4
    #expect(fronts(other).count == 2)
  }

  @Test func formsHaveCodes() throws {
    #expect(PNGRows(length: 1, pixel: 1) == nil && PNGRows(length: 9, pixel: 0) == nil)
    #expect(PNGRows(length: 10, pixel: 9) == nil && PNGRows(length: 9, pixel: 3) == nil)
    for code in 0..<40 {
      let rows = PNGRows(length: 841, code: code)
      let pixel = code >> 2
      let pixels = code & 1 == 0 ? Array(1...8) : [3, 4, 6, 8]
      #expect((rows != nil) == pixels.contains(pixel))
      if let rows { #expect(rows.code == code) }
    }
  }
}
