// Apart from exponential.c because its vectors are twice as long.
#define LANES 16
#include "exponential_lanes.h"

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
#endif
