import CKernels

/// The instruction sets that the integer products are written for. All give the same bits.
public enum InstructionSet: String, CaseIterable, Sendable, Comparable {
  case portable, sse2, avx2
  case avxVNNI = "avx-vnni"
  case avx512, amx

  /// What this processor has at its best: asked for once, as matrix units need the system's leave.
  public static let best: InstructionSet = {
    let code = lmz_best_isa()
    return allCases.first { $0.code == code } ?? .portable
  }()

  /// Those that run on this processor.
  public static var available: [InstructionSet] { allCases.filter { $0 <= best } }

  /// The one named `name`, as in the environment variable LMZ_ISA.
  ///
  /// - Returns: nil where the name is unknown or this processor lacks it.
  public init?(available name: String) {
    guard let set = InstructionSet(rawValue: name), set <= .best else { return nil }
    self = set
  }

  public static func < (a: InstructionSet, b: InstructionSet) -> Bool { a.rank < b.rank }

  private var rank: UInt32 { code.rawValue }

  package var code: lmz_isa {
    switch self {
    case .portable: LMZ_PORTABLE
    case .sse2: LMZ_SSE2
    case .avx2: LMZ_AVX2
    case .avxVNNI: LMZ_AVX_VNNI
    case .avx512: LMZ_AVX512
    case .amx: LMZ_AMX
    }
  }
}
