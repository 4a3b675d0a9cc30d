/// How the rows of a PNG file's image follow from the same rows before that was filtered: its samples, which repeat where
/// filtered ones do not.
///
/// Every row has a byte in front of its samples, which says how it is filtered (PNG, *Filter types*).
public struct PNGRows: Equatable, Sendable {
  /// Bytes of a row, with the one in front.
  public let length: Int
  /// Bytes of a pixel, from 1 to 8; the row's samples are a multiple of it.
  public let pixel: Int
  /// Whether the second sample of every pixel, of three or four, was subtracted from the first and the third, byte by byte.
  private(set) var areColoursDifferences = false
  /// Whether the byte in front is 0 for the filter that libpng would choose, and else one more than the type.
  private(set) var areFiltersChosen = false

  private static let pixels = 1...8

  /// - Returns: nil where there are no such rows.
  public init?(length: Int, pixel: Int) {
    guard length > 1, Self.pixels.contains(pixel), (length - 1) % pixel == 0 else { return nil }
    self.length = length
    self.pixel = pixel
  }

  /// The rows' form in one number.
  var code: Int { pixel << 2 | (areFiltersChosen ? 2 : 0) | (areColoursDifferences ? 1 : 0) }

  init?(length: Int, code: Int) {
    self.init(length: length, pixel: code >> 2)
    areColoursDifferences = code & 1 != 0
    areFiltersChosen = code & 2 != 0
    guard !areColoursDifferences || hasColours else { return nil }
  }

  /// Whether a pixel may be of three colours.
  public var hasColours: Bool { [3, 4, 6, 8].contains(pixel) }
  /// Bytes of a sample where it is.
  private var sample: Int { pixel < 6 ? 1 : 2 }

  /// The same, colours being differences.
  fileprivate var withColourDifferences: PNGRows {
    precondition(hasColours && !areColoursDifferences)
    var rows = self
    rows.areColoursDifferences = true
    return rows
  }

  // MARK: To the samples and back

  /// The rows with samples instead of what filters made of them.
  ///
  /// - Parameter filtered: a multiple of `length`.
  public func unfiltered(_ filtered: some Collection<UInt8>) -> UnfilteredImage {
    var bytes = Array(filtered)
    precondition(bytes.count % length == 0)
    var chosen: [Int] = []
    visit(&bytes) { row, before in
      let filter = Filter(of: row[0])
      for i in 1..<length { row[i] &+= predicted(i, row, before, filter) }
      chosen.append(filterOfLeastSum(row, before).rawValue)
    }
    var form = self
    let types = stride(from: 0, to: bytes.count, by: length).map { Int(bytes[$0]) }
    let right = zip(types, chosen).count { $0 == $1 }
    form.areFiltersChosen =
      right * Self.share >= types.count && types.allSatisfy { Filter(rawValue: $0) != nil }
    if form.areFiltersChosen {
      for (i, (type, chosen)) in zip(types, chosen).enumerated() {
        bytes[i * length] = type == chosen ? 0 : UInt8(type + 1)
      }
    }
    return UnfilteredImage(rows: form, bytes: bytes)
  }

  /// Filters are taken for chosen where one in so many is; of others chance is right, too.
  private static let share = 2

  /// The rows as a PNG file has them.
  ///
  /// - Parameter rows: a multiple of `length`.
  func filtered(_ rows: some Collection<UInt8>) -> [UInt8] {
    var bytes = Array(rows)
    precondition(bytes.count % length == 0)
    if areColoursDifferences { moveColours(&bytes) { $0 &+ $1 } }
    // From the last sample on, so that those to the left and above are still there.
    visit(&bytes, fromLast: true) { row, before in
      if areFiltersChosen {
        row[0] = row[0] == 0 ? UInt8(filterOfLeastSum(row, before).rawValue) : row[0] - 1
      }
      let filter = Filter(of: row[0])
      for i in (1..<length).reversed() { row[i] &-= predicted(i, row, before, filter) }
    }
    return bytes
  }

  /// Visits rows in order, or from the last one on.
  ///
  /// - Parameter body: given a row and the one before it, which for the first is zeros.
  private func visit(
    _ bytes: inout [UInt8], fromLast: Bool = false,
    _ body: (_ row: UnsafeMutablePointer<UInt8>, _ before: UnsafePointer<UInt8>) -> Void
  ) {
    let zeros = [UInt8](repeating: 0, count: length)
    zeros.withUnsafeBufferPointer { zeros in
      bytes.withUnsafeMutableBufferPointer { bytes in
        guard let start = bytes.baseAddress, let zeros = zeros.baseAddress else { return }
        let count = bytes.count / length
        for i in 0..<count {
          let place = (fromLast ? count - 1 - i : i) * length
          body(start + place, place == 0 ? zeros : UnsafePointer(start + place - length))
        }
      }
    }
  }

  fileprivate func moveColours(_ bytes: inout [UInt8], _ change: (UInt8, UInt8) -> UInt8) {
    visit(&bytes) { row, _ in
      for start in stride(from: 1, to: length, by: pixel) {
        for i in start..<(start + sample) {
          row[i] = change(row[i], row[i + sample])
          row[i + 2 * sample] = change(row[i + 2 * sample], row[i + sample])
        }
      }
    }
  }

  // MARK: Filters

  private enum Filter: Int {
    case none, sub, up, average, paeth

    /// Types that there are not count as none.
    @inline(__always)
    init(of byte: UInt8) { self = Filter(rawValue: Int(byte)) ?? .none }
  }

  /// The samples to the left of one, above it, and to the left of that; 0 outside of the image.
  @inline(__always)
  private func neighbours(
    _ i: Int, _ row: UnsafeMutablePointer<UInt8>, _ before: UnsafePointer<UInt8>
  ) -> (left: Int, above: Int, corner: Int) {
    let isFirst = i <= pixel
    return (
      isFirst ? 0 : Int(row[i - pixel]), Int(before[i]), isFirst ? 0 : Int(before[i - pixel])
    )
  }

  @inline(__always)
  private func predicted(
    _ i: Int, _ row: UnsafeMutablePointer<UInt8>, _ before: UnsafePointer<UInt8>, _ filter: Filter
  ) -> UInt8 {
    let near = neighbours(i, row, before)
    return switch filter {
    case .none: 0
    case .sub: UInt8(near.left)
    case .up: UInt8(near.above)
    case .average: UInt8((near.left + near.above) >> 1)
    case .paeth: Self.paeth(near)
    }
  }

  /// The one of three samples that is nearest to the plane through them.
  @inline(__always)
  private static func paeth(_ near: (left: Int, above: Int, corner: Int)) -> UInt8 {
    let left = abs(near.above - near.corner)
    let above = abs(near.left - near.corner)
    let corner = abs(near.left + near.above - 2 * near.corner)
    let nearest =
      left <= above && left <= corner
      ? near.left : above <= corner ? near.above : near.corner
    return UInt8(nearest)
  }

  /// The filter that libpng chooses: with the least sum of what it makes, as signed numbers without their signs; the first of
  /// several.
  private func filterOfLeastSum(
    _ row: UnsafeMutablePointer<UInt8>, _ before: UnsafePointer<UInt8>
  ) -> Filter {
    var sums = SIMD8<Int>()
    for i in 1..<length {
      let near = neighbours(i, row, before)
      let predicted = SIMD8<UInt8>(
        0, UInt8(near.left), UInt8(near.above), UInt8((near.left + near.above) >> 1),
        Self.paeth(near), 0, 0, 0)
      let difference = row[i] &- predicted
      let magnitude = pointwiseMin(difference, 0 &- difference)
      sums &+= SIMD8<Int>(truncatingIfNeeded: magnitude)
    }
    let least = (0..<5).min { sums[$0] < sums[$1] }!
    return Filter(rawValue: least)!
  }
}

/// An image before filters.
public struct UnfilteredImage {
  /// How it goes back.
  public let rows: PNGRows
  public private(set) var bytes: [UInt8]

  /// The same with its first and third colour as differences from the second, as they are alike; `rows` has colours.
  public var withColourDifferences: UnfilteredImage {
    var image = UnfilteredImage(rows: rows.withColourDifferences, bytes: bytes)
    rows.moveColours(&image.bytes) { $0 &- $1 }
    return image
  }
}
