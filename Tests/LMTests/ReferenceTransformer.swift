import Foundation
import Kernels

@testable import LM

/// The model in plain floating point, one position after the other: what the integer transformer
/// approximates and the PyTorch twin computes. Slow, and free of everything that is clever elsewhere.
///
/// Legend: T positions, D width, H query heads, G key/value heads, E head size, F hidden.
struct ReferenceTransformer {
  let configuration: Configuration
  let weight: (String) throws -> Matrix

  /// Row-major floats.
  struct Matrix {
    let columns: Int
    let values: [Double]

    subscript(row: Int) -> ArraySlice<Double> { values[(row * columns)..<((row + 1) * columns)] }

    /// y[n] = Σ_k w[n, k] x[k].
    func times(_ x: [Double]) -> [Double] {
      (0..<(values.count / columns)).map { dot(self[$0], x[...]) }
    }
  }

  /// The weights named `prefix` + name, float32 as they are.
  init(floats prefix: String, of file: Safetensors, _ configuration: Configuration) {
    self.configuration = configuration
    weight = { name in
      let (columns, values) = try file.floats(prefix + name)
      return Matrix(columns: columns, values: values)
    }
  }

  /// The integer weights times their scales.
  init(quantised file: Safetensors, _ configuration: Configuration) {
    self.configuration = configuration
    weight = { name in
      guard let tensor = file.tensors[name], tensor.type != .f32 else {
        let (columns, values) = try file.floats(name)
        return Matrix(columns: columns, values: values)
      }
      let isPacked = tensor.type == .u8
      let columns = tensor.shape[1] * (isPacked ? 2 : 1)
      let bytes = file.bytes[tensor.range]
      let integers =
        isPacked
        ? bytes.flatMap { [Int($0 & 15) - 8, Int($0 >> 4) - 8] }
        : bytes.map { Int(Int8(bitPattern: $0)) }
      let scales = try file.floats(name.replacing(".weight", with: ".scale")).values
      return Matrix(
        columns: columns,
        values: (0..<integers.count).map {
          // In float32, as the twin has it.
          Double(Float(integers[$0]) * Float(scales[$0 / columns]))
        })
    }
  }

  /// Logits of the next token after every token. [T] -> [T, V]
  func logits(_ tokens: [UInt16]) throws -> [[Double]] {
    let c = configuration
    let embedding = try weight("embedding.weight")
    let first = try embed(tokens, embedding)
    var h = first
    for layer in 0..<c.layers {
      let name = "layers.\(layer)"
      let mix = try weight("\(name).mix").values
      h = zip(h, first).map { h, x in zip(h, x).map { mix[0] * $0 + mix[1] * $1 } }
      h = add(h, try attention("\(name).attention", h.map(rmsNorm)))
      let gateUp = try weight("\(name).feed_forward.gate_up.weight")
      let down = try weight("\(name).feed_forward.down.weight")
      h = add(
        h,
        h.map { x in
          let y = gateUp.times(rmsNorm(x))
          return down.times((0..<c.hidden).map { y[$0] / (1 + exp(-y[$0])) * y[c.hidden + $0] })
        })
    }
    let scale = try weight("logit_scale").values[0]
    let bias = try weight("output_bias").values
    return h.map { x in zip(embedding.times(rmsNorm(x)), bias).map { $0 * scale + $1 } }
  }

  private func embed(_ tokens: [UInt16], _ embedding: Matrix) throws -> [[Double]] {
    let bigram = try weight("bigram.weight")
    let trigram = try weight("trigram.weight")
    let c = configuration
    return tokens.indices.map { t in
      let recent = (t > 0 ? tokens[t - 1] : 0, t > 1 ? tokens[t - 2] : 0)
      let two = ngramRow(tokens[t], after: recent, order: 2, rows: c.bigramRows)
      let three = ngramRow(tokens[t], after: recent, order: 3, rows: c.trigramRows)
      return rmsNorm(
        (0..<c.width).map { d in
          embedding.values[Int(tokens[t]) * c.width + d] + bigram.values[two * c.width + d]
            + trigram.values[three * c.width + d]
        })
    }
  }

  private func attention(_ name: String, _ x: [[Double]]) throws -> [[Double]] {
    let c = configuration
    let e = c.headSize
    let temperature = try weight("\(name).temperature").values
    let qkv = try weight("\(name).qkv.weight")
    let out = try weight("\(name).out.weight")
    let heads: [[[Double]]] = x.enumerated().map { t, x in
      let y = qkv.times(x)
      return (0..<(c.heads + 2 * c.kvHeads)).map { head in
        let part = Array(y[(head * e)..<((head + 1) * e)])
        if head >= c.heads + c.kvHeads { return part }
        let factor = head < c.heads ? temperature[head] : 1
        return rotate(rmsNorm(part).map { $0 * factor }, position: t)
      }
    }
    return x.indices.map { t in
      var y: [Double] = []
      for head in 0..<c.heads {
        let g = c.heads + head * c.kvHeads / c.heads
        let visible = max(0, t - c.window + 1)...t
        let scores = visible.map { dot(heads[t][head][...], heads[$0][g][...]) / sqrt(Double(e)) }
        let top = scores.max() ?? 0
        let weights = scores.map { exp($0 - top) }
        let total = weights.reduce(0, +)
        for d in 0..<e {
          y.append(
            zip(visible, weights).reduce(0) { $0 + heads[$1.0][g + c.kvHeads][d] * $1.1 } / total)
        }
      }
      return out.times(y)
    }
  }

  private func rotate(_ x: [Double], position: Int) -> [Double] {
    let half = x.count / 2
    var y = x
    for i in 0..<half {
      let angle = Double(position) * pow(10000, -Double(2 * i) / Double(x.count))
      y[i] = x[i] * cos(angle) - x[i + half] * sin(angle)
      y[i + half] = x[i + half] * cos(angle) + x[i] * sin(angle)
    }
    return y
  }
}

private func dot(_ a: ArraySlice<Double>, _ b: ArraySlice<Double>) -> Double {
  zip(a, b).reduce(0) { $0 + $1.0 * $1.1 }
}

private func rmsNorm(_ x: [Double]) -> [Double] {
  let factor = 1 / sqrt(dot(x[...], x[...]) / Double(x.count) + 1e-6)
  return x.map { $0 * factor }
}

private func add(_ a: [[Double]], _ b: [[Double]]) -> [[Double]] {
  zip(a, b).map { zip($0, $1).map { $0 + $1 } }
}

extension Safetensors {
  /// A float32 tensor of any shape, and the length of its rows.
  func floats(_ name: String) throws -> (columns: Int, values: [Double]) {
    guard let tensor = tensors[name] else { throw ModelFileError.missingTensor(name) }
    let values: Buffer<Float> = try self.tensor(name, .f32, tensor.shape)
    return (tensor.shape.last ?? 1, (0..<values.count).map { Double(values[$0]) })
  }
}
