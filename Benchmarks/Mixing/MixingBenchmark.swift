import Codec
import Foundation
import Kernels

/// Sizes and speed of the byte-level models alone: the ideal code length of each file, by itself.
@main
struct MixingBenchmark {
  static func main() throws {
    var total = 0.0
    var bytes = 0
    var seconds = 0.0
    for path in CommandLine.arguments.dropFirst() {
      let content = [UInt8](try Data(contentsOf: URL(filePath: path)))
      let start = Date()
      var predictor = BytePredictor(log2Size: 24, instructionSet: .best)
      predictor.beginBlock([0])
      var bits = 0.0
      for byte in content {
        for i in 0..<8 {
          let bit = byte >> (7 - i) & 1 == 1
          let p = predictor.probability()
          bits -= log2(Double(bit ? p : 65536 - p) / 65536)
          predictor.update(bit)
        }
      }
      let time = -start.timeIntervalSinceNow
      print("\(path)\t\(content.count)\t\(Int(bits / 8))\t\(Int(Double(content.count) / time / 1000)) KB/s")
      total += bits / 8
      bytes += content.count
      seconds += time
    }
    print("total\t\(bytes)\t\(Int(total))\t\(Int(Double(bytes) / seconds / 1000)) KB/s")
  }
}
