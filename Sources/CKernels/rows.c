#define LANES 8
#include "rows_lanes.h"

#include <math.h>

INLINE float inverse_root_mean_square_body(const float *x, long count) {
  floats squares = 0;
  for (long i = 0; i < count; i += LANES) {
    floats v = load(x + i);
    squares += v * v;
  }
  float a[4];
  for (int j = 0; j < 4; j++) a[j] = squares[j] + squares[j + 4];
  float sum = (a[0] + a[2]) + (a[1] + a[3]);
  return 1 / sqrtf(sum / (float)count + 1e-6f);
}

#define VARIANT(NAME, TARGET)                                                                                          \
  TARGET static void row_from_sums_##NAME(const int32_t *sums, long count, float scale, const float *weight_scales,    \
                                          int adding, float *y) {                                                      \
    row_from_sums_body(sums, count, scale, weight_scales, adding, y);                                                  \
  }                                                                                                                    \
  TARGET static float quantise_##NAME(const float *x, long count, float limit, int16_t *y) {                           \
    return quantise_body(x, count, limit, y);                                                                          \
  }                                                                                                                    \
  TARGET static float inverse_root_mean_square_##NAME(const float *x, long count) {                                    \
    return inverse_root_mean_square_body(x, count);                                                                    \
  }

VARIANT(plain, )
#if defined(__x86_64__)
VARIANT(avx2, __attribute__((target("avx2"))))
#else
#define lmz_row_from_sums_avx512 row_from_sums_plain
#define lmz_quantise_avx512 quantise_plain
#define row_from_sums_avx2 row_from_sums_plain
#define quantise_avx2 quantise_plain
#define inverse_root_mean_square_avx2 inverse_root_mean_square_plain
#endif

void lmz_row_from_sums(lmz_isa isa, const int32_t *sums, long count, float scale, const float *weight_scales, int adding,
                       float *y) {
  if (has_sixteens(isa, count)) {
    lmz_row_from_sums_avx512(sums, count, scale, weight_scales, adding, y);
  } else {
    (isa >= LMZ_AVX2 ? row_from_sums_avx2 : row_from_sums_plain)(sums, count, scale, weight_scales, adding, y);
  }
}

float lmz_quantise(lmz_isa isa, const float *x, long count, float limit, int16_t *y) {
  if (has_sixteens(isa, count)) return lmz_quantise_avx512(x, count, limit, y);
  return (isa >= LMZ_AVX2 ? quantise_avx2 : quantise_plain)(x, count, limit, y);
}

float lmz_inverse_root_mean_square(lmz_isa isa, const float *x, long count) {
  return (isa >= LMZ_AVX2 ? inverse_root_mean_square_avx2 : inverse_root_mean_square_plain)(x, count);
}
