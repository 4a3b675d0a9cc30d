// What rows.c and avx512.c compute, for vectors of either length, with the same bits.

#include "lanes.h"

void lmz_row_from_sums_avx512(const int32_t *sums, long count, float scale, const float *weight_scales, int adding, float *y);
float lmz_quantise_avx512(const float *x, long count, float limit, int16_t *y);

INLINE void row_from_sums_body(const int32_t *sums, long count, float scale, const float *weight_scales, int adding,
                               float *y) {
  for (long i = 0; i < count; i += LANES) {
    floats v = __builtin_convertvector(load_ints(sums + i), floats) * (load(weight_scales + i) * scale);
    store(adding ? load(y + i) + v : v, y + i);
  }
}

INLINE float quantise_body(const float *x, long count, float limit, int16_t *y) {
  floats tops = 0;
  for (long i = 0; i < count; i += LANES) {
    floats v = load(x + i);
    v = -v > v ? -v : v;
    tops = v > tops ? v : tops;
  }
  float top = largest_lane(tops);
  // Also where the row is all zeros.
  if (!(top > 1e-30f)) {
    __builtin_memset(y, 0, sizeof(int16_t) * count);
    return 0;
  }
  float inverse = limit / top;
  for (long i = 0; i < count; i += LANES) {
    shorts q = __builtin_convertvector(round_to_ints(load(x + i) * inverse), shorts);
    __builtin_memcpy(y + i, &q, sizeof q);
  }
  return top / limit;
}
