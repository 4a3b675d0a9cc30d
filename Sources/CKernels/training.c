#include "training.h"

#include <stddef.h>

// Sums may be reordered and products contracted: that is what makes these loops vectors.
#pragma clang fp reassociate(on) contract(fast)

#define INLINE static inline __attribute__((always_inline))
// Clones are chosen while the program is loaded, before the thread sanitizer is ready to watch.
#if defined(__x86_64__) && defined(__linux__) && !__has_feature(thread_sanitizer)
#define FOR_EACH_PROCESSOR __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define FOR_EACH_PROCESSOR
#endif

typedef float lanes __attribute__((vector_size(64), aligned(4)));

// e^x for x <= 0, relative error below 1e-6; 0 from -87 on.
INLINE float exp_negative(float x) {
  float t = x * 1.44269504f;
  // NaN, too, has to become something that fits an integer; it stays in f.
  int n = (int)((t > -126.0f ? t : -126.0f) - 0.5f);
  float f = t - (float)n;
  float p = 1.535336188e-4f;
  p = p * f + 1.339887440e-3f;
  p = p * f + 9.618437357e-3f;
  p = p * f + 5.550332471e-2f;
  p = p * f + 2.402264791e-1f;
  p = p * f + 6.931472028e-1f;
  p = p * f + 1.0f;
  union {
    int32_t i;
    float f;
  } power = {(n + 127) << 23};
  return t <= -126.0f ? 0.0f : p * power.f;
}

INLINE float largest(long count, const float *x) {
  float top = x[0];
  long i = 0;
  if (count >= 16) {
    lanes v = *(const lanes *)x;
    for (i = 16; i + 16 <= count; i += 16) v = __builtin_elementwise_max(v, *(const lanes *)(x + i));
    for (int k = 0; k < 16; k++) top = v[k] > top ? v[k] : top;
  }
  for (; i < count; i++) top = x[i] > top ? x[i] : top;
  return top;
}

INLINE float square_sum(long count, const float *x) {
  float sum = 0;
  for (long i = 0; i < count; i++) sum += x[i] * x[i];
  return sum;
}

INLINE float dot(long count, const float *x, const float *y) {
  float sum = 0;
  for (long i = 0; i < count; i++) sum += x[i] * y[i];
  return sum;
}

INLINE float norm_factor(long count, const float *x) {
  return 1.0f / __builtin_elementwise_sqrt(square_sum(count, x) / (float)count + 1e-6f);
}

FOR_EACH_PROCESSOR
void lmz_rms_norm(long rows, long width, const float *x, float *y, float *factor) {
  for (long r = 0; r < rows; r++, x += width, y += width) {
    float f = norm_factor(width, x);
    factor[r] = f;
    for (long i = 0; i < width; i++) y[i] = x[i] * f;
  }
}

FOR_EACH_PROCESSOR
void lmz_rms_norm_backward(long rows, long width, const float *y, const float *factor, const float *dy, float *dx,
                           int adding) {
  for (long r = 0; r < rows; r++, y += width, dy += width, dx += width) {
    float mean = dot(width, dy, y) / (float)width, f = factor[r];
    if (adding)
      for (long i = 0; i < width; i++) dx[i] += f * (dy[i] - y[i] * mean);
    else
      for (long i = 0; i < width; i++) dx[i] = f * (dy[i] - y[i] * mean);
  }
}

FOR_EACH_PROCESSOR
void lmz_rotate_heads(long heads, long size, float *x, float *factor, const float *gains, const float *cosines,
                      const float *sines) {
  long half = size / 2;
  for (long h = 0; h < heads; h++, x += size) {
    float f = norm_factor(size, x);
    factor[h] = f;
    if (gains) f *= gains[h];
    for (long i = 0; i < half; i++) {
      float a = x[i] * f, b = x[i + half] * f;
      x[i] = a * cosines[i] - b * sines[i];
      x[i + half] = b * cosines[i] + a * sines[i];
    }
  }
}

FOR_EACH_PROCESSOR
void lmz_rotate_heads_backward(long heads, long size, const float *y, const float *factor, const float *gains,
                               const float *cosines, const float *sines, float *d, float *gain_gradients) {
  long half = size / 2;
  for (long h = 0; h < heads; h++, y += size, d += size) {
    float gain = gains ? gains[h] : 1.0f;
    // Rotation keeps lengths and angles, so sum(dy * y) is the same before and after it: gain * sum(g * n) with g the
    // gradient by the normalised, scaled row and n the normalised row.
    float product = dot(size, d, y);
    if (gain_gradients) gain_gradients[h] += gain == 0 ? 0 : product / gain;
    float mean = product / (float)size, f = factor[h];
    float shrink = gain == 0 ? 0 : mean / gain;
    for (long i = 0; i < half; i++) {
      float a = d[i] * cosines[i] + d[i + half] * sines[i], b = d[i + half] * cosines[i] - d[i] * sines[i];
      float u = y[i] * cosines[i] + y[i + half] * sines[i], v = y[i + half] * cosines[i] - y[i] * sines[i];
      d[i] = f * (a * gain - u * shrink);
      d[i + half] = f * (b * gain - v * shrink);
    }
  }
}

FOR_EACH_PROCESSOR
void lmz_attention_softmax(long rows, long columns, long first, long window, float scale, float *s) {
  for (long r = 0; r < rows; r++, s += columns) {
    long from = r + first - window + 1, to = r + first + 1;
    from = from < 0 ? 0 : from;
    for (long i = 0; i < from; i++) s[i] = 0;
    for (long i = to; i < columns; i++) s[i] = 0;
    float *x = s + from;
    long count = to - from;
    float top = largest(count, x), sum = 0;
    for (long i = 0; i < count; i++) {
      x[i] = exp_negative((x[i] - top) * scale);
      sum += x[i];
    }
    float f = 1.0f / sum;
    for (long i = 0; i < count; i++) x[i] *= f;
  }
}

FOR_EACH_PROCESSOR
void lmz_softmax_backward(long rows, long columns, const float *p, float scale, float *d) {
  for (long r = 0; r < rows; r++, p += columns, d += columns) {
    float mean = dot(columns, d, p);
    for (long i = 0; i < columns; i++) d[i] = p[i] * (d[i] - mean) * scale;
  }
}

INLINE float sigmoid(float x) {
  float e = exp_negative(x < 0 ? x : -x);
  float f = 1.0f / (1.0f + e);
  return x < 0 ? e * f : f;
}

FOR_EACH_PROCESSOR
void lmz_swiglu(long rows, long hidden, const float *x, float *y) {
  for (long r = 0; r < rows; r++, x += 2 * hidden, y += hidden)
    for (long i = 0; i < hidden; i++) y[i] = x[i] * sigmoid(x[i]) * x[i + hidden];
}

FOR_EACH_PROCESSOR
void lmz_swiglu_backward(long rows, long hidden, const float *x, const float *dy, float *dx) {
  for (long r = 0; r < rows; r++, x += 2 * hidden, dx += 2 * hidden, dy += hidden)
    for (long i = 0; i < hidden; i++) {
      float gate = x[i], s = sigmoid(gate);
      dx[i] = dy[i] * x[i + hidden] * s * (1.0f + gate * (1.0f - s));
      dx[i + hidden] = dy[i] * gate * s;
    }
}

FOR_EACH_PROCESSOR
void lmz_cross_entropy(long rows, long vocabulary, float scale, const float *bias, const uint16_t *targets,
                       const float *weights, float *z, float *losses) {
  for (long r = 0; r < rows; r++, z += vocabulary) {
    for (long i = 0; i < vocabulary; i++) z[i] = z[i] * scale + bias[i];
    float top = largest(vocabulary, z), target = z[targets[r]], sum = 0;
    for (long i = 0; i < vocabulary; i++) {
      z[i] = exp_negative(z[i] - top);
      sum += z[i];
    }
    losses[r] = __builtin_logf(sum) + top - target;
    if (!weights) continue;
    float f = weights[r] / sum;
    for (long i = 0; i < vocabulary; i++) z[i] *= f;
    z[targets[r]] -= weights[r];
  }
}

FOR_EACH_PROCESSOR
void lmz_sum_rows(long rows, long columns, const float *x, float *sums) {
  for (long r = 0; r < rows; r++, x += columns)
    for (long i = 0; i < columns; i++) sums[i] += x[i];
}

FOR_EACH_PROCESSOR
void lmz_combine(long count, float a, const float *x, float b, float *y) {
  // As in BLAS, what y held does not matter where b is 0, whatever it was.
  if (b == 0)
    for (long i = 0; i < count; i++) y[i] = a * x[i];
  else
    for (long i = 0; i < count; i++) y[i] = a * x[i] + b * y[i];
}

FOR_EACH_PROCESSOR
float lmz_dot(long count, const float *x, const float *y) {
  // Partial sums keep float32 exact enough over millions of elements.
  double sum = 0;
  for (long i = 0; i < count; i += 4096) sum += dot(count - i < 4096 ? count - i : 4096, x + i, y + i);
  return (float)sum;
}

FOR_EACH_PROCESSOR
void lmz_dropout(long count, float probability, uint64_t seed, float *x) {
  uint32_t limit = (uint32_t)(probability * 4294967040.0f);
  uint32_t start = (uint32_t)(seed ^ (seed >> 32));
  float keep = 1.0f / (1.0f - probability);
  for (long i = 0; i < count; i++) {
    uint32_t h = (uint32_t)i * 0x9E3779B1u + start;
    h = (h ^ (h >> 16)) * 0x85EBCA6Bu;
    h = (h ^ (h >> 13)) * 0xC2B2AE35u;
    x[i] = (h ^ (h >> 16)) < limit ? 0.0f : x[i] * keep;
  }
}

FOR_EACH_PROCESSOR
void lmz_adamw(long count, float rate, float b1, float b2, float correct1, float correct2, float decay,
               const float *gradient, float *moment1, float *moment2, float *x) {
  for (long i = 0; i < count; i++) {
    float g = gradient[i];
    float m = moment1[i] = b1 * moment1[i] + (1.0f - b1) * g;
    float v = moment2[i] = b2 * moment2[i] + (1.0f - b2) * g * g;
    x[i] = x[i] * (1.0f - rate * decay) - rate * (m * correct1) / (__builtin_elementwise_sqrt(v * correct2) + 1e-8f);
  }
}

INLINE float rounded(float x, float limit) {
  float r = __builtin_elementwise_roundeven(x);
  r = r > limit ? limit : r;
  return r < -limit ? -limit : r;
}

// The best in squared error of `steps` scales between `least` and 1 times largest |x| / limit.
INLINE float quantise_row(long count, const float *x, int8_t *q, float limit, float least, int steps) {
  float top = 1e-12f, best = 0, best_error = 0;
  for (long i = 0; i < count; i++) {
    float a = __builtin_elementwise_abs(x[i]);
    top = a > top ? a : top;
  }
  for (int k = 0; k < steps; k++) {
    float scale = top * (least + (1.0f - least) * (float)k / (float)(steps - 1)) / limit, inverse = 1.0f / scale, error = 0;
    for (long i = 0; i < count; i++) {
      float d = rounded(x[i] * inverse, limit) * scale - x[i];
      error += d * d;
    }
    if (k == 0 || error < best_error) {
      best_error = error;
      best = scale;
    }
  }
  for (long i = 0; i < count; i++) q[i] = (int8_t)rounded(x[i] / best, limit);
  return best;
}

FOR_EACH_PROCESSOR
float lmz_quantise_row(long count, const float *x, int8_t *q) { return quantise_row(count, x, q, 127.0f, 0.7f, 24); }

FOR_EACH_PROCESSOR
float lmz_quantise_row_4(long count, const float *x, int8_t *q) { return quantise_row(count, x, q, 7.0f, 0.4f, 49); }

FOR_EACH_PROCESSOR
void lmz_add_rounded_row(long count, const float *x, float *y) {
  float root = __builtin_elementwise_sqrt(square_sum(count, x) / (float)count);
  float step = 0.335f * (root > 1e-12f ? root : 1e-12f);
  for (long i = 0; i < count; i++) y[i] += rounded(x[i] / step, 7.0f) * step;
}
