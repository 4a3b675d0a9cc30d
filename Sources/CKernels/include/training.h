// Rows of float32 between the matrix products of training: forward and backward, with whatever vector instructions the
// processor has. Sums come out in any order, so results may differ in the last bits between processors: nothing that
// an archive depends on may use these (docs/DETERMINISM.md).
#ifndef LMZ_TRAINING_H
#define LMZ_TRAINING_H

#include <stdint.h>

// y = x * f, f = 1 / sqrt(mean(x^2) + 1e-6) for each row; factor[r] = f.
void lmz_rms_norm(long rows, long width, const float *x, float *y, float *factor);

// dx (+)= f * (dy - y * mean(dy * y)); adds where `adding`, else sets.
void lmz_rms_norm_backward(long rows, long width, const float *y, const float *factor, const float *dy, float *dx,
                           int adding);

// Heads of `size` floats in place: normalised, times gains[h] (null: 1), rotated by the position's angles.
// factor[h] is the normalisation's.
void lmz_rotate_heads(long heads, long size, float *x, float *factor, const float *gains, const float *cosines,
                      const float *sines);

// Backward of lmz_rotate_heads from its result y; d in place; gain_gradients (null: none) are added to.
void lmz_rotate_heads_backward(long heads, long size, const float *y, const float *factor, const float *gains,
                               const float *cosines, const float *sines, float *d, float *gain_gradients);

// Row r of s, `columns` wide, holds scores against positions from 0; those in [r + first - window + 1, r + first] count.
// Softmax of scale * s; the rest becomes 0.
void lmz_attention_softmax(long rows, long columns, long first, long window, float scale, float *s);

// d = p * (d - sum(d * p)) * scale for each row.
void lmz_softmax_backward(long rows, long columns, const float *p, float scale, float *d);

// y = silu(x[0..<hidden]) * x[hidden..<2 hidden] for each row.
void lmz_swiglu(long rows, long hidden, const float *x, float *y);
void lmz_swiglu_backward(long rows, long hidden, const float *x, const float *dy, float *dx);

// z: products of a row with the output embedding. Logits are scale * z + bias. losses[r] = -log softmax(logits)[target]
// in nats. Where `weights` is not null, z becomes the gradient by the logits times weights[r].
void lmz_cross_entropy(long rows, long vocabulary, float scale, const float *bias, const uint16_t *targets,
                       const float *weights, float *z, float *losses);

// sums[c] += sum over rows of x[r][c].
void lmz_sum_rows(long rows, long columns, const float *x, float *sums);

// y = a x + b y; y is not read where b is 0.
void lmz_combine(long count, float a, const float *x, float b, float *y);

// sum of x y.
float lmz_dot(long count, const float *x, const float *y);

// Drops elements with `probability`, scales the others up; the choice is a hash of seed and index.
void lmz_dropout(long count, float probability, uint64_t seed, float *x);

// AdamW (Loshchilov and Hutter, 2019): moments with rates b1 and b2, `correct1` and `correct2` their bias corrections.
void lmz_adamw(long count, float rate, float b1, float b2, float correct1, float correct2, float decay,
               const float *gradient, float *moment1, float *moment2, float *x);

// q = x / scale rounded, for the best in squared error of 24 scales between 0.7 and 1 times largest |x| / 127.
float lmz_quantise_row(long count, const float *x, int8_t *q);

// The same for integers from -7 to 7: 49 scales between 0.4 and 1 times largest |x| / 7.
float lmz_quantise_row_4(long count, const float *x, int8_t *q);

// y += x rounded to fifteen values, 0.335 times the root of the mean square of x apart: about what lmz_quantise_row_4 makes of normally
// distributed numbers. The twin of rounded_rows in pretraining/model.py.
void lmz_add_rounded_row(long count, const float *x, float *y);

#endif
