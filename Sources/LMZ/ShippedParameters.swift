import CModels
import Codec

extension MixingParameters {
  /// Those of the program (Benchmarks/Mixing says how they are made).
  package static func shipped(_ version: MixingVersion) -> MixingParameters? {
    switch version {
    case .first: first
    case .second: second
    case .third: third
    case .fourth, .fourthWithoutNGrams: fourth
    case .fifth, .fifthWithoutNGrams: fifth
    case .sixth, .sixthWithoutNGrams: sixth
    case .seventh, .seventhWithoutNGrams: seventh
    }
  }

  private static let first = try? MixingPredictor.parameters(
    .first, file: bytes(lmz_mixing_parameters))
  private static let second = first.flatMap {
    try? MixingPredictor.parameters(.second, file: bytes(lmz_second_mixing_parameters), after: $0)
  }
  private static let third = first.flatMap {
    try? MixingPredictor.parameters(.third, file: bytes(lmz_third_mixing_parameters), after: $0)
  }
  private static let fourth = first.flatMap {
    try? MixingPredictor.parameters(.fourth, file: bytes(lmz_fourth_mixing_parameters), after: $0)
  }
  private static let fifth = first.flatMap {
    try? MixingPredictor.parameters(.fifth, file: bytes(lmz_fifth_mixing_parameters), after: $0)
  }
  private static let sixth = first.flatMap {
    try? MixingPredictor.parameters(.sixth, file: bytes(lmz_sixth_mixing_parameters), after: $0)
  }

  private static let seventh = first.flatMap {
    try? MixingPredictor.parameters(.seventh, file: bytes(lmz_seventh_mixing_parameters), after: $0)
  }

  private static func bytes(
    _ file: (UnsafeMutablePointer<Int>) -> UnsafePointer<UInt8>?
  ) -> [UInt8] {
    var size = 0
    let start = file(&size)
    return Array(UnsafeBufferPointer(start: start, count: size))
  }
}
