import Foundation

/// The functions of OpenBLAS that training uses, from the library that the system has.
///
/// It is loaded when training or adapting begins, not with the program: nothing else needs it, and it starts
/// threads and takes memory as soon as it is there.
package struct OpenBLAS: Sendable {
  /// CBLAS's numbers for the order of a matrix.
  static let rowMajor: Int32 = 101
  enum Transposition: Int32 {
    case none = 111
    case transposed = 112
  }

  /// C = alpha op(A) op(B) + beta C.
  let sgemm:
    @convention(c) (
      _ order: Int32, _ transA: Int32, _ transB: Int32, _ m: Int32, _ n: Int32, _ k: Int32,
      _ alpha: Float, _ a: UnsafePointer<Float>, _ lda: Int32, _ b: UnsafePointer<Float>,
      _ ldb: Int32, _ beta: Float, _ c: UnsafeMutablePointer<Float>, _ ldc: Int32
    ) -> Void

  /// LAPACK's singular value decomposition by divide and conquer, of column-major matrices.
  let sgesdd:
    @convention(c) (
      _ jobz: UnsafePointer<CChar>, _ m: UnsafePointer<Int32>, _ n: UnsafePointer<Int32>,
      _ a: UnsafeMutablePointer<Float>, _ lda: UnsafePointer<Int32>,
      _ s: UnsafeMutablePointer<Float>, _ u: UnsafeMutablePointer<Float>,
      _ ldu: UnsafePointer<Int32>, _ vt: UnsafeMutablePointer<Float>,
      _ ldvt: UnsafePointer<Int32>, _ work: UnsafeMutablePointer<Float>,
      _ lwork: UnsafePointer<Int32>, _ iwork: UnsafeMutablePointer<Int32>,
      _ info: UnsafeMutablePointer<Int32>
    ) -> Void

  private static let loaded = Result { () throws(Unavailable) in try OpenBLAS() }

  /// Whoever trains calls this first: products and decompositions cannot report that there is no library.
  ///
  /// - Throws: `Unavailable`.
  package static func load() throws(Unavailable) { _ = try loaded.get() }

  static var shared: OpenBLAS {
    switch loaded {
    case .success(let library): library
    case .failure(let error): preconditionFailure("\(error)")
    }
  }

  private init() throws(Unavailable) {
    // Training runs one product per worker thread, and threads that spin against a busy processor are slower
    // than one.
    setenv("OPENBLAS_NUM_THREADS", "1", 1)
    guard let handle = dlopen("libopenblas.so.0", RTLD_NOW | RTLD_LOCAL) else {
      throw Unavailable(reason: dlerror().map { String(cString: $0) } ?? "")
    }
    sgemm = try Self.function("cblas_sgemm", of: handle)
    sgesdd = try Self.function("sgesdd_", of: handle)
  }

  private static func function<F>(_ name: String, of handle: UnsafeMutableRawPointer)
    throws(Unavailable) -> F
  {
    guard let address = dlsym(handle, name) else { throw Unavailable(reason: "it has no \(name)") }
    return unsafeBitCast(address, to: F.self)
  }

  /// The system has no OpenBLAS that can be used.
  package struct Unavailable: Error, CustomStringConvertible {
    let reason: String

    package var description: String {
      "training and adapting need OpenBLAS (Debian: apt install libopenblas0): \(reason)"
    }
  }
}
