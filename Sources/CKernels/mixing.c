#include "CKernels.h"

// One body for every instruction set: sixteen float32 lanes, which the compiler maps to whatever registers there are.
// Products and sums are never contracted, so all give the same bits.
#pragma clang fp contract(off)

typedef float lanes __attribute__((vector_size(64), aligned(64)));

#define INLINE static inline __attribute__((always_inline))

INLINE void dot_body(const float *x, long vectors, const float *const *weights, long sets, float *result) {
  const lanes *input = (const lanes *)x;
  for (long s = 0; s < sets; s++) {
    const lanes *w = (const lanes *)weights[s];
    lanes sum = input[0] * w[0];
    for (long i = 1; i < vectors; i++) sum += input[i] * w[i];
    float f[16];
    __builtin_memcpy(f, &sum, sizeof f);
    for (int half = 8; half > 0; half /= 2)
      for (int i = 0; i < half; i++) f[i] += f[i + half];
    result[s] = f[0];
  }
}

INLINE void train_body(const float *x, long vectors, float *const *weights, long sets, const float *steps) {
  const lanes *input = (const lanes *)x;
  for (long s = 0; s < sets; s++) {
    lanes *w = (lanes *)weights[s];
    for (long i = 0; i < vectors; i++) w[i] += input[i] * steps[s];
  }
}

#define VARIANT(NAME, TARGET)                                                                                          \
  TARGET static void dot_##NAME(const float *x, long vectors, const float *const *w, long sets, float *result) {       \
    dot_body(x, vectors, w, sets, result);                                                                             \
  }                                                                                                                    \
  TARGET static void train_##NAME(const float *x, long vectors, float *const *w, long sets, const float *steps) {      \
    train_body(x, vectors, w, sets, steps);                                                                            \
  }

VARIANT(plain, )
#if defined(__x86_64__)
VARIANT(avx2, __attribute__((target("avx2"))))
VARIANT(avx512, __attribute__((target("avx512f"))))
#else
#define dot_avx2 dot_plain
#define dot_avx512 dot_plain
#define train_avx2 train_plain
#define train_avx512 train_plain
#endif

void lmz_mix_dot(lmz_isa isa, const float *x, long vectors, const float *const *weights, long sets, float *result) {
  switch (isa) {
  case LMZ_AVX512: dot_avx512(x, vectors, weights, sets, result); break;
  case LMZ_AVX2: dot_avx2(x, vectors, weights, sets, result); break;
  default: dot_plain(x, vectors, weights, sets, result);
  }
}

void lmz_mix_train(lmz_isa isa, const float *x, long vectors, float *const *weights, long sets, const float *steps) {
  switch (isa) {
  case LMZ_AVX512: train_avx512(x, vectors, weights, sets, steps); break;
  case LMZ_AVX2: train_avx2(x, vectors, weights, sets, steps); break;
  default: train_plain(x, vectors, weights, sets, steps);
  }
}
