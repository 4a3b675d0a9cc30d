// What exponential.c and avx512.c compute, for vectors of either length. Lanes are independent but for maxima
// and sums of integers, so both give the same bits.

#include "lanes.h"

void lmz_token_weights_avx512(const int32_t *sums, float scale, const float *weight_scales, const float *bias, long count,
                              float *logits, uint64_t *prefix);
float lmz_attention_weights_avx512(const int32_t *sums, float scale, const float *key_scales, const float *value_scales,
                                   lmz_visible visible, long count, float *scores, int16_t *weights);
void lmz_gate_avx512(float *x, long hidden);

// 2^x for x of at most 120; below -120 it is 2^-120. Relative error below 3e-7.
// Splits x = n + f with f in -1/2...1/2 and evaluates the degree-6 Taylor polynomial of e^(f ln 2) by Horner's rule; n
// goes into the exponent bits.
INLINE floats exp2_to_120(floats x) {
  x = x < -120.0f ? (floats)-120.0f : x;
  floats t = x + rounding_magic;
  floats f = x - (t - rounding_magic);
  floats p = 1.540353e-4f;
  p = p * f + 1.3333558e-3f;
  p = p * f + 9.618129e-3f;
  p = p * f + 5.5504109e-2f;
  p = p * f + 2.402265e-1f;
  p = p * f + 6.931472e-1f;
  p = p * f + 1.0f;
  return p * floats_of((bits_of(t) - (0x4B400000 - 127)) << 23);
}

INLINE floats exp2_of(floats x) { return exp2_to_120(x > 120.0f ? (floats)120.0f : x); }

// The largest of x[from]..<x[to] and `top`.
INLINE float largest(const float *x, long from, long to, float top) {
  floats tops = top;
  for (; from + LANES <= to; from += LANES) {
    floats v = load(x + from);
    tops = v > tops ? v : tops;
  }
  top = largest_lane(tops);
  for (; from < to; from++) top = x[from] > top ? x[from] : top;
  return top;
}

// Every lane with all lanes before it added.
INLINE ints running_sums(ints w) {
  const ints none = 0;
#if LANES == 8
  w += __builtin_shufflevector(none, w, 0, 8, 9, 10, 11, 12, 13, 14);
  w += __builtin_shufflevector(none, w, 0, 0, 8, 9, 10, 11, 12, 13);
  return w + __builtin_shufflevector(none, w, 0, 0, 0, 0, 8, 9, 10, 11);
#else
  w += __builtin_shufflevector(none, w, 0, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30);
  w += __builtin_shufflevector(none, w, 0, 0, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29);
  w += __builtin_shufflevector(none, w, 0, 0, 0, 0, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27);
  return w + __builtin_shufflevector(none, w, 0, 0, 0, 0, 0, 0, 0, 0, 16, 17, 18, 19, 20, 21, 22, 23);
#endif
}

INLINE void token_weights_body(const int32_t *sums, float scale, const float *weight_scales, const float *bias, long count,
                               float *logits, uint64_t *prefix) {
  floats top = -1e30f;
  for (long i = 0; i < count; i += LANES) {
    floats logit = __builtin_convertvector(load_ints(sums + i), floats) * (load(weight_scales + i) * scale) + load(bias + i);
    store(logit, logits + i);
    top = logit > top ? logit : top;
  }
  float highest = largest_lane(top);
  prefix[0] = 0;
  longs before = 0;
  for (long i = 0; i < count; i += LANES) {
    // 2^21 is the most that round_to_ints can hold; the shift by 3 gives the 24 bits. Sums of sixteen stay below 2^29.
    ints w = (round_to_ints(exp2_to_120(load(logits + i) - highest) * 2097152.0f) << 3) + 1;
    longs here = before + __builtin_convertvector(running_sums(w), longs);
    before = here[LANES - 1];
    if (i + LANES <= count)
      __builtin_memcpy(prefix + i + 1, &here, sizeof here);
    else
      for (int j = 0; j < count - i; j++) prefix[i + j + 1] = here[j];
  }
}

INLINE float attention_weights_body(const int32_t *sums, float scale, const float *key_scales, const float *value_scales,
                                    lmz_visible visible, long count, float *scores, int16_t *weights) {
  for (long i = 0; i < count; i += LANES) {
    store(__builtin_convertvector(load_ints(sums + i), floats) * (load(key_scales + i) * scale), scores + i);
  }
  // exp2_to_120 makes 2^-120 of these, which rounds to a weight of 0.
  const float invisible = -1e30f;
  for (long i = visible.wrapped; i < visible.first; i++) scores[i] = invisible;
  for (long i = visible.end; i < count; i++) scores[i] = invisible;
  float highest = largest(scores, 0, count, invisible);
  float value_scale = largest(value_scales, 0, visible.wrapped, 0);
  value_scale = largest(value_scales, visible.first, visible.end, value_scale);
  float factor = value_scale > 0 ? 16383 / value_scale : 0;
  ints totals = 0;
  for (long i = 0; i < count; i += LANES) {
    floats p = exp2_to_120(load(scores + i) - highest);
    totals += round_to_ints(p * 1048576.0f);
    shorts w = __builtin_convertvector(round_to_ints(p * (load(value_scales + i) * factor)), shorts);
    __builtin_memcpy(weights + i, &w, sizeof w);
  }
  int32_t total = 0;
  for (int j = 0; j < LANES; j++) total += totals[j];
  return (value_scale / 16383) / ((float)total / 1048576);
}

INLINE void gate_body(float *x, long hidden) {
  const float minus_log2_of_e = -1.442695f;
  for (long i = 0; i < hidden; i += LANES) {
    floats gate = load(x + i);
    floats sigmoid = 1.0f / (exp2_of(gate * minus_log2_of_e) + 1.0f);
    store(gate * sigmoid * load(x + hidden + i), x + i);
  }
}
