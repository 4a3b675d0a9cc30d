import CKernels

/// log2(e), to turn natural exponents into powers of two.
public let log2OfE: Float = 1.442_695

/// 2^x in strict float32: only + - * /, comparisons and bit patterns, in a fixed order, so that every
/// machine computes the same bits. No libm (docs/DETERMINISM.md).
public func exp2Strict(_ x: Float) -> Float { lmz_exp2(x) }
