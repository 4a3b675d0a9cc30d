// Apart from exponential.c and rows.c because its vectors are twice as long.
#define LANES 16
#include "exponential_lanes.h"
#include "rows_lanes.h"

#if defined(__x86_64__)
#define TARGET __attribute__((target("avx512f,avx512bw")))

TARGET void lmz_token_weights_avx512(const int32_t *sums, float scale, const float *weight_scales, const float *bias,
                                     long count, float *logits, uint64_t *prefix) {
  token_weights_body(sums, scale, weight_scales, bias, count, logits, prefix);
}

TARGET float lmz_attention_weights_avx512(const int32_t *sums, float scale, const float *key_scales,
                                          const float *value_scales, lmz_visible visible, long count, float *scores,
                                          int16_t *weights) {
  return attention_weights_body(sums, scale, key_scales, value_scales, visible, count, scores, weights);
}

TARGET void lmz_gate_avx512(float *x, long hidden) { gate_body(x, hidden); }

TARGET void lmz_row_from_sums_avx512(const int32_t *sums, long count, float scale, const float *weight_scales, int adding,
                                     float *y) {
  row_from_sums_body(sums, count, scale, weight_scales, adding, y);
}

TARGET float lmz_quantise_avx512(const float *x, long count, float limit, int16_t *y) {
  return quantise_body(x, count, limit, y);
}
#endif
