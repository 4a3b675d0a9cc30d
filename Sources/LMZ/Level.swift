import Codec

/// The levels -1 to -9: how much time and memory a better ratio may cost.
public struct Level: Sendable {
  public let number: Int
  /// The language model; nil for none.
  public let model: EmbeddedModel?
  public let memory: Memory
  /// The most lanes of a block.
  public let lanes: Int

  /// What is used where nothing is said.
  public static let standard = Level(6)

  /// - Parameter number: 1...9.
  public init(_ number: Int) {
    precondition((1...9).contains(number))
    self.number = number
    switch number {
    case ...3: model = nil
    case ...5: model = .nano
    default: model = .small
    }
    switch number {
    case 1: memory = .small
    case 2, 4: memory = .medium
    case 3, 5, 6: memory = .large
    default: memory = .huge
    }
    lanes = number == 9 ? 1 : number == 8 ? 2 : 4
  }
}
