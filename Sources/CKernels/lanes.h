// Vectors of LANES (8 or 16) float32, which the compiler maps to whatever registers there are.

#ifndef LANES_H
#define LANES_H

#include "CKernels.h"

// Products and sums are never contracted.
#pragma clang fp contract(off)
// How vectors are passed does not matter: every function that takes one is inlined.
#pragma clang diagnostic ignored "-Wpsabi"

#define INLINE static inline __attribute__((always_inline))

typedef float floats __attribute__((ext_vector_type(LANES)));
typedef int32_t ints __attribute__((ext_vector_type(LANES)));
typedef uint32_t uints __attribute__((ext_vector_type(LANES)));
typedef int16_t shorts __attribute__((ext_vector_type(LANES)));
typedef uint64_t longs __attribute__((ext_vector_type(LANES)));

INLINE floats load(const float *p) {
  floats v;
  __builtin_memcpy(&v, p, sizeof v);
  return v;
}

INLINE ints load_ints(const int32_t *p) {
  ints v;
  __builtin_memcpy(&v, p, sizeof v);
  return v;
}

INLINE uints load_uints(const uint32_t *p) {
  uints v;
  __builtin_memcpy(&v, p, sizeof v);
  return v;
}

INLINE void store_uints(uints v, uint32_t *p) { __builtin_memcpy(p, &v, sizeof v); }

INLINE void store(floats v, float *p) { __builtin_memcpy(p, &v, sizeof v); }

INLINE ints bits_of(floats x) {
  ints v;
  __builtin_memcpy(&v, &x, sizeof v);
  return v;
}

INLINE floats floats_of(ints x) {
  floats v;
  __builtin_memcpy(&v, &x, sizeof v);
  return v;
}

// 1.5 * 2^23: adding and subtracting it rounds to the nearest integer, ties to even, |x| < 2^22.
static const float rounding_magic = 12582912;

INLINE ints round_to_ints(floats x) { return bits_of(x + rounding_magic) - 0x4B400000; }

// The instruction set whose float32 one has that adds to it for integers alone.
INLINE lmz_isa isa_of_floats(lmz_isa isa) {
  return isa >= LMZ_AVX512 ? LMZ_AVX512 : isa >= LMZ_AVX2 ? LMZ_AVX2 : isa;
}

// Whether sixteen lanes are to be had and come out even.
INLINE int has_sixteens(lmz_isa isa, long count) { return isa >= LMZ_AVX512 && count % 16 == 0; }

INLINE float largest_lane(floats v) {
  float f[LANES];
  __builtin_memcpy(f, &v, sizeof f);
  for (int half = LANES / 2; half > 0; half /= 2)
    for (int j = 0; j < half; j++) f[j] = f[j + half] > f[j] ? f[j + half] : f[j];
  return f[0];
}

#endif
