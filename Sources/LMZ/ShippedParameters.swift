import CModels
import Codec

extension MixingParameters {
  /// Those of the program (Benchmarks/Mixing says how they are made).
  package static let shipped: MixingParameters? = {
    var size = 0
    let start = lmz_mixing_parameters(&size)
    return try? MixingPredictor.parameters(
      file: Array(UnsafeBufferPointer(start: start, count: size)))
  }()
}
