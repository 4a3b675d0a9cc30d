#define LANES 8
#include "exponential_lanes.h"

#define VARIANT(NAME, TARGET)                                                                                          \
  TARGET static void token_weights_##NAME(const int32_t *sums, float scale, const float *weight_scales,                \
                                          const float *bias, long count, float *logits, uint64_t *prefix) {            \
    token_weights_body(sums, scale, weight_scales, bias, count, logits, prefix);                                       \
  }                                                                                                                    \
  TARGET static float attention_weights_##NAME(const int32_t *sums, float scale, const float *key_scales,              \
                                               const float *value_scales, lmz_visible visible, long count,             \
                                               float *scores, int16_t *weights) {                                      \
    return attention_weights_body(sums, scale, key_scales, value_scales, visible, count, scores, weights);             \
  }                                                                                                                    \
  TARGET static void gate_##NAME(float *x, long hidden) { gate_body(x, hidden); }

VARIANT(plain, )
#if defined(__x86_64__)
VARIANT(avx2, __attribute__((target("avx2"))))
#else
#define lmz_token_weights_avx512 token_weights_plain
#define lmz_attention_weights_avx512 attention_weights_plain
#define lmz_gate_avx512 gate_plain
#define token_weights_avx2 token_weights_plain
#define attention_weights_avx2 attention_weights_plain
#define gate_avx2 gate_plain
#endif

float lmz_exp2(float x) { return exp2_of(x)[0]; }

void lmz_token_weights(lmz_isa isa, const int32_t *sums, float scale, const float *weight_scales, const float *bias,
                       long count, float *logits, uint64_t *prefix) {
  switch (isa_of_floats(isa)) {
  case LMZ_AVX512: lmz_token_weights_avx512(sums, scale, weight_scales, bias, count, logits, prefix); break;
  case LMZ_AVX2: token_weights_avx2(sums, scale, weight_scales, bias, count, logits, prefix); break;
  default: token_weights_plain(sums, scale, weight_scales, bias, count, logits, prefix);
  }
}

float lmz_attention_weights(lmz_isa isa, const int32_t *sums, float scale, const float *key_scales,
                            const float *value_scales, lmz_visible visible, long count, float *scores, int16_t *weights) {
  switch (isa_of_floats(isa)) {
  case LMZ_AVX512:
    return lmz_attention_weights_avx512(sums, scale, key_scales, value_scales, visible, count, scores, weights);
  case LMZ_AVX2: return attention_weights_avx2(sums, scale, key_scales, value_scales, visible, count, scores, weights);
  default: return attention_weights_plain(sums, scale, key_scales, value_scales, visible, count, scores, weights);
  }
}

void lmz_gate(lmz_isa isa, float *x, long hidden) {
  if (has_sixteens(isa, hidden)) {
    lmz_gate_avx512(x, hidden);
  } else {
    (isa >= LMZ_AVX2 ? gate_avx2 : gate_plain)(x, hidden);
  }
}
