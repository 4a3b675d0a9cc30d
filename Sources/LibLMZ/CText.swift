import LMZ

/// A text for C that lives as long as the program.
struct CText: @unchecked Sendable {
  let start: UnsafePointer<CChar>

  static let version = CText(libraryVersion)
  static let unknown = CText("unknown error")
  static let names = Dictionary(uniqueKeysWithValues: Status.allCases.map { ($0, CText($0.name)) })

  private init(_ text: String) {
    let bytes = text.utf8CString
    let copy = UnsafeMutablePointer<CChar>.allocate(capacity: bytes.count)
    for (i, byte) in bytes.enumerated() { copy[i] = byte }
    start = UnsafePointer(copy)
  }
}
