import CModels
import Codec
import Kernels

extension MixingParameters {
  /// Those of the program (Benchmarks/Mixing says how they are made); nil where it was built without.
  package static func shipped(_ version: MixingVersion) -> MixingParameters? {
    cache.withLock { known in
      if let parameters = known[version] { return parameters }
      guard let own = file(way(version)), let shared = shippedShared else { return nil }
      known[version] = shared + own
      return known[version]
    }
  }

  /// What those of all versions begin with.
  package static let shippedShared = file(0)

  private static let cache = Guarded<[MixingVersion: MixingParameters]>([:])

  private static func way(_ version: MixingVersion) -> Int32 {
    switch version {
    case .first: 1
    case .second: 2
    case .third: 3
    case .fourth, .fourthWithoutNGrams: 4
    case .fifth, .fifthWithoutNGrams: 5
    case .sixth, .sixthWithoutNGrams: 6
    case .seventh, .seventhWithoutNGrams: 7
    }
  }

  private static func file(_ way: Int32) -> MixingParameters? {
    var size = 0
    let start = lmz_mixing_parameters(way, &size)
    return MixingParameters(file: Array(UnsafeBufferPointer(start: start, count: size)))
  }
}
