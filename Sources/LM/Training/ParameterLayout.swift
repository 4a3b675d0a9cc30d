/// Where each parameter of a model lies in one array of float32: weights, gradients and the moments of
/// the optimizers share it.
///
/// Names and shapes are those of the model file and of pretraining/model.py.
package struct ParameterLayout: Sendable {
  /// How a parameter is trained and stored.
  package enum Role: Equatable, Sendable {
    /// Rows that are looked up; integers with a scale per row in the file.
    case table
    /// Multiplied with activations; `blocks` matrices on top of each other. Int8 in the file.
    case matrix(blocks: Int)
    /// Float32 in the file.
    case vector
  }

  package struct Parameter: Sendable {
    package let name: String
    package let role: Role
    package let rows: Int
    package let columns: Int
    package let offset: Int
    /// Of an integer in the file, 8 or 4.
    package let bits: Int

    package var count: Int { rows * columns }
    package var range: Range<Int> { offset..<(offset + count) }
  }

  package struct Layer: Sendable {
    package let queryKeyValue: Parameter
    package let attentionOutput: Parameter
    package let gateUp: Parameter
    package let down: Parameter
    package let temperature: Parameter
    package let mix: Parameter

    /// The matrices, in the order in which they are applied.
    package var matrices: [Parameter] { [queryKeyValue, attentionOutput, gateUp, down] }
  }

  package let configuration: Configuration
  package let embedding: Parameter
  package let bigram: Parameter
  package let trigram: Parameter
  package let layers: [Layer]
  package let outputBias: Parameter
  package let logitScale: Parameter
  /// All of them, in the order of their offsets.
  package let all: [Parameter]
  /// Floats in all.
  package let count: Int

  package init(_ c: Configuration) {
    var all: [Parameter] = []
    var count = 0
    func add(
      _ name: String, _ role: Role, _ rows: Int, _ columns: Int, bits: Int = 8
    ) -> Parameter {
      let parameter = Parameter(
        name: name, role: role, rows: rows, columns: columns, offset: count, bits: bits)
      all.append(parameter)
      // Each starts on a cache line.
      count += (parameter.count + 15) / 16 * 16
      return parameter
    }
    configuration = c
    embedding = add("embedding.weight", .table, c.vocabulary, c.width)
    bigram = add("bigram.weight", .table, c.bigramRows, c.width, bits: c.tableBits)
    trigram = add("trigram.weight", .table, c.trigramRows, c.width, bits: c.tableBits)
    layers = (0..<c.layers).map { i in
      let name = "layers.\(i)"
      return Layer(
        queryKeyValue: add(
          "\(name).attention.qkv.weight", .matrix(blocks: c.heads == c.kvHeads ? 3 : 1),
          c.projected, c.width),
        attentionOutput: add(
          "\(name).attention.out.weight", .matrix(blocks: 1), c.width, c.heads * c.headSize),
        gateUp: add(
          "\(name).feed_forward.gate_up.weight", .matrix(blocks: 2), 2 * c.hidden, c.width),
        down: add("\(name).feed_forward.down.weight", .matrix(blocks: 1), c.width, c.hidden),
        temperature: add("\(name).attention.temperature", .vector, 1, c.heads),
        mix: add("\(name).mix", .vector, 1, 2))
    }
    outputBias = add("output_bias", .vector, 1, c.vocabulary)
    logitScale = add("logit_scale", .vector, 1, 1)
    self.all = all
    self.count = count
  }

  package subscript(name: String) -> Parameter? { all.first { $0.name == name } }
}
