/// What is wrong with a model file.
public enum ModelFileError: Error, Equatable, CustomStringConvertible {
  case notSafetensors(String)
  case truncated(needed: Int, have: Int)
  case corrupted(String)
  case missingTensor(String)
  case wrongTensor(String, expected: String, found: String)
  case unsupported(String)
  case notFinite(String)
  /// The file may be sound; there is no memory for what it holds.
  case outOfMemory

  public var description: String {
    switch self {
    case .notSafetensors(let why): "not a safetensors file: \(why)"
    case .truncated(let needed, let have):
      "model file is truncated: \(needed) bytes needed, \(have) there"
    case .corrupted(let why): "model file is corrupted: \(why)"
    case .missingTensor(let name): "model file has no tensor '\(name)'"
    case .wrongTensor(let name, let expected, let found):
      "tensor '\(name)' is \(found), expected \(expected)"
    case .unsupported(let what): "model file is not supported: \(what)"
    case .notFinite(let name): "tensor '\(name)' holds a number that is not finite"
    case .outOfMemory: "there is not enough memory for the model"
    }
  }
}
