// Kernels that are written once for every instruction set and give the same bits on all of them.
//
// product.c: integer matrix products, int16 activations times int8 weights, summed in int32: exact in any order.
// amx.c: the same by matrix units.
// exponential.c: 2^x in float32 and the steps that are made of it, in one fixed order.
// rows.c: steps on rows of float32 between the products, in one fixed order.
// avx512.c: what those two compute, sixteen lanes at a time.
// mixing.c: float32 products and sums of the logistic mixer, steps of corrections and of adaptive maps, in one fixed order.
// training.c: rows of float32 between the products of training (training.h), outside of that promise.
#ifndef CKERNELS_H
#define CKERNELS_H

#include <stdint.h>

#include "training.h"

// Weights are packed in groups of 16 outputs: group, pair of inputs, output, input of the pair.
//   packed[(g * stride) + (p * 32) + (o * 2) + i] = w[16 g + o][2 p + i]
enum { LMZ_GROUP = 16 };

typedef enum { LMZ_PORTABLE, LMZ_SSE2, LMZ_AVX2, LMZ_AVX_VNNI, LMZ_AVX512, LMZ_AMX } lmz_isa;

// The best instruction set of this processor.
lmz_isa lmz_best_isa(void);

// c[m][16 g + o] = sum over k < 2 * pairs of a[m][k] * w[16 g + o][k].
//   a       rows of `a_stride` int16, at least 2 * pairs each
//   packed  `groups` groups, `group_stride` bytes apart
//   c       rows of `c_stride` int32, at least 16 * groups each
// The caller keeps every sum below 2^31: |a| * 127 * 2 * pairs < 2^31.
void lmz_product(lmz_isa isa, const int16_t *a, long a_stride, const int8_t *packed, long group_stride, int32_t *c,
                 long c_stride, long rows, long groups, long pairs);

// 2^x for x in -120...120, clamped outside; relative error below 3e-7.
float lmz_exp2(float x);

// Logit i in powers of two is sums[i] * (weight_scales[i] * scale) + bias[i], and its weight 1 + 2^(24 + logit - highest),
// rounded. prefix[i], i <= count, becomes the sum of the weights before i.
// sums, weight_scales, bias and logits (working memory) have room for a multiple of 16.
void lmz_token_weights(lmz_isa isa, const int32_t *sums, float scale, const float *weight_scales, const float *bias,
                       long count, float *logits, uint64_t *prefix);

// The slots of a ring that a query may see: 0..<wrapped and first..<end; wrapped <= first.
typedef struct {
  long wrapped, first, end;
} lmz_visible;

// Score i in powers of two is sums[i] * (key_scales[i] * scale), and its weight 2^(score - highest) * value_scales[i] /
// the largest value scale, in 14 bits; 0 where slot i is not visible. Returns what turns a sum of weighted values into
// their mean. `count` is a multiple of 16, `scores` working memory for as many.
float lmz_attention_weights(lmz_isa isa, const int32_t *sums, float scale, const float *key_scales,
                            const float *value_scales, lmz_visible visible, long count, float *scores,
                            int16_t *weights);

// SwiGLU in place: x[i] = silu(x[i]) * x[hidden + i]. `hidden` is a multiple of 8.
void lmz_gate(lmz_isa isa, float *x, long hidden);

// Rows of float32 whose `count` is a multiple of 8.
//
// y[i] = (or, adding, +=) sums[i] * (weight_scales[i] * scale).
void lmz_row_from_sums(lmz_isa isa, const int32_t *sums, long count, float scale, const float *weight_scales, int adding,
                       float *y);

// y[i] = x[i] * limit / max |x|, rounded; returns the scale max |x| / limit that undoes it. 0 and zeros where max |x| is
// 1e-30 or less.
float lmz_quantise(lmz_isa isa, const float *x, long count, float limit, int16_t *y);

// 1 / sqrt(mean(x^2) + 1e-6).
float lmz_inverse_root_mean_square(lmz_isa isa, const float *x, long count);

// Sixteen float32 at a time: `vectors` is the number of inputs / 16; x and all weights are aligned to 64 bytes.
// stretched[s] = sum over i of x[i] * weights[s][i], lane by lane, then halves onto halves, clamped to +-limit < 12;
// p[s] = squash(stretched[s]), between the entries of `table`: squash(i / 64 - 12) for i in 0...1537.
void lmz_mix_dot(lmz_isa isa, const float *x, long vectors, const float *const *weights, long sets, float limit,
                 const float *table, float *stretched, float *p);

// weights[s][i] += x[i] * ((bit - p[s]) * rate).
void lmz_mix_train(lmz_isa isa, const float *x, long vectors, float *const *weights, long sets, const float *p,
                   float bit, float rate);

// Corrections that have seen a bit: with p = squash(expectation + x[i]), moved[i] is
// x[i] + (bit - p) / ((0.1 + p (1 - p)) * divisors[i]), clamped to +-limit, in units of 1/4096. `count` is a multiple of 8,
// `table` squash(i / 64 - 12) for i in 0...1537, between which it is interpolated.
void lmz_mix_correct(lmz_isa isa, const float *x, const float *divisors, long count, float expectation, float bit,
                     float limit, const float *table, int16_t *moved);

// entries[indices[k]], no two of them the same, from what they were, kept[k], once they have seen a bit: 22 bits of
// probability, the highest of which is kept the other way, above 10 bits of count n. The probability p moves by
// (target - p) * floor(65536 / (n + 1.5)) / 65536, rounded down; n grows up to `limit`. `target` is 0 or 2^22 - 1.
// `kept` is written over and has room for a multiple of 8.
void lmz_update_maps(lmz_isa isa, uint32_t *entries, const int32_t *indices, uint32_t *kept, long count,
                     uint32_t target, uint32_t limit);

// x without its fraction, if that is an int32.
static inline int32_t lmz_truncate(float x) { return (int32_t)x; }

// Asks for the cache line at `address`.
static inline void lmz_prefetch(const void *address) { __builtin_prefetch(address, 1, 3); }
// The same for what is only read.
static inline void lmz_prefetch_constant(const void *address) { __builtin_prefetch(address, 0, 3); }

#endif
