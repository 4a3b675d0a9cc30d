// One body for every instruction set: eight or sixteen float32 lanes, which the compiler maps to whatever registers there
// are. Products and sums are never contracted, so all give the same bits.
#define LANES 8
#include "lanes.h"

typedef float lanes __attribute__((vector_size(64), aligned(64)));

INLINE void dot_body(const float *x, long vectors, const float *const *weights, long sets, float limit,
                     const float *table, float *stretched, float *p) {
  const lanes *input = (const lanes *)x;
  for (long s = 0; s < sets; s++) {
    const lanes *w = (const lanes *)weights[s];
    lanes sum = input[0] * w[0];
    for (long i = 1; i < vectors; i++) sum += input[i] * w[i];
    float f[16];
    __builtin_memcpy(f, &sum, sizeof f);
    for (int half = 8; half > 0; half /= 2)
      for (int i = 0; i < half; i++) f[i] += f[i + half];
    float y = f[0] < limit ? f[0] : limit;
    y = y > -limit ? y : -limit;
    // As `squash` below, without waiting for what was just stored.
    float position = (y + 12.0f) * 64.0f;
    int32_t i = (int32_t)position;
    stretched[s] = y;
    p[s] = table[i] + (table[i + 1] - table[i]) * (position - (float)i);
  }
}

INLINE void train_body(const float *x, long vectors, float *const *weights, long sets, const float *p, float bit,
                       float rate) {
  const lanes *input = (const lanes *)x;
  for (long s = 0; s < sets; s++) {
    lanes *w = (lanes *)weights[s];
    float step = (bit - p[s]) * rate;
    for (long i = 0; i < vectors; i++) w[i] += input[i] * step;
  }
}

// With a constant where it is one of the two that are most frequent, so that the loops over vectors are unrolled.
#define WITH_CONSTANT(VECTORS, CALL)                                                                                   \
  if (VECTORS == 2) {                                                                                                  \
    CALL(2);                                                                                                           \
  } else if (VECTORS == 3) {                                                                                           \
    CALL(3);                                                                                                           \
  } else {                                                                                                             \
    CALL(VECTORS);                                                                                                     \
  }
#define DOT(VECTORS) dot_body(x, VECTORS, w, sets, limit, table, stretched, p)
#define TRAIN(VECTORS) train_body(x, VECTORS, w, sets, p, bit, rate)

INLINE floats clamp(floats x, float limit) {
  x = x < limit ? x : (floats)limit;
  return x > -limit ? x : (floats)-limit;
}

// 1 / (1 + e^-x), as Logistic.swift has it.
INLINE floats squash(floats x, const float *table) {
  floats position = (clamp(x, 11.99f) + 12.0f) * 64.0f, low, high;
  ints i = __builtin_convertvector(position, ints);
  for (int j = 0; j < LANES; j++) {
    low[j] = table[i[j]];
    high[j] = table[i[j] + 1];
  }
  return low + (high - low) * (position - __builtin_convertvector(i, floats));
}

INLINE void correct_body(const float *x, const float *divisors, long count, float expectation, float bit, float limit,
                         const float *table, int16_t *moved) {
  for (long i = 0; i < count; i += LANES) {
    floats correction = load(x + i);
    floats p = squash(expectation + correction, table);
    floats step = (bit - p) / ((0.1f + p * (1.0f - p)) * load(divisors + i));
    // To the nearest: what is converted is positive.
    floats units = clamp(correction + step, limit) * 4096.0f + 32768.5f;
    shorts rounded = __builtin_convertvector(__builtin_convertvector(units, ints) - 32768, shorts);
    __builtin_memcpy(moved + i, &rounded, sizeof rounded);
  }
}

INLINE void update_maps_body(uint32_t *entries, const int32_t *indices, uint32_t *kept, long count, uint32_t target,
                             uint32_t limit) {
  for (long i = 0; i < count; i += LANES) {
    uints entry = load_uints(kept + i) ^ 0x80000000u;
    uints seen = entry & 1023u, p = entry >> 10;
    // As numbers with a sign, which are converted in less time.
    floats divisor = __builtin_convertvector((ints)seen, floats) + 1.5f;
    uints rate = (uints)__builtin_convertvector(65536.0f / divisor, ints);
    // (target - p) * rate / 65536, rounded down: upper and lower 16 bits of the distance by themselves.
    ints distance = (ints)(target - p);
    uints moved = p + (uints)(distance >> 16) * rate + (((uints)distance & 0xFFFFu) * rate >> 16);
    uints next = seen + ((uints)(seen < limit) & 1u);
    store_uints((moved << 10 | next) ^ 0x80000000u, kept + i);
  }
  for (long i = 0; i < count; i++) entries[indices[i]] = kept[i];
}

#define VARIANT(NAME, TARGET)                                                                                          \
  TARGET static void dot_##NAME(const float *x, long vectors, const float *const *w, long sets, float limit,           \
                                const float *table, float *stretched, float *p) {                                      \
    WITH_CONSTANT(vectors, DOT)                                                                                        \
  }                                                                                                                    \
  TARGET static void train_##NAME(const float *x, long vectors, float *const *w, long sets, const float *p, float bit, \
                                  float rate) {                                                                        \
    WITH_CONSTANT(vectors, TRAIN)                                                                                      \
  }                                                                                                                    \
  TARGET static void correct_##NAME(const float *x, const float *divisors, long count, float expectation, float bit,   \
                                    float limit, const float *table, int16_t *moved) {                                 \
    correct_body(x, divisors, count, expectation, bit, limit, table, moved);                                           \
  }                                                                                                                    \
  TARGET static void update_maps_##NAME(uint32_t *entries, const int32_t *indices, uint32_t *kept, long count,         \
                                        uint32_t target, uint32_t limit) {                                             \
    update_maps_body(entries, indices, kept, count, target, limit);                                                    \
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
#define correct_avx2 correct_plain
#define correct_avx512 correct_plain
#define update_maps_avx2 update_maps_plain
#define update_maps_avx512 update_maps_plain
#endif

void lmz_mix_dot(lmz_isa isa, const float *x, long vectors, const float *const *weights, long sets, float limit,
                 const float *table, float *stretched, float *p) {
  switch (isa_of_floats(isa)) {
  case LMZ_AVX512: dot_avx512(x, vectors, weights, sets, limit, table, stretched, p); break;
  case LMZ_AVX2: dot_avx2(x, vectors, weights, sets, limit, table, stretched, p); break;
  default: dot_plain(x, vectors, weights, sets, limit, table, stretched, p);
  }
}

void lmz_mix_train(lmz_isa isa, const float *x, long vectors, float *const *weights, long sets, const float *p,
                   float bit, float rate) {
  switch (isa_of_floats(isa)) {
  case LMZ_AVX512: train_avx512(x, vectors, weights, sets, p, bit, rate); break;
  case LMZ_AVX2: train_avx2(x, vectors, weights, sets, p, bit, rate); break;
  default: train_plain(x, vectors, weights, sets, p, bit, rate);
  }
}

void lmz_mix_correct(lmz_isa isa, const float *x, const float *divisors, long count, float expectation, float bit,
                     float limit, const float *table, int16_t *moved) {
  switch (isa_of_floats(isa)) {
  case LMZ_AVX512: correct_avx512(x, divisors, count, expectation, bit, limit, table, moved); break;
  case LMZ_AVX2: correct_avx2(x, divisors, count, expectation, bit, limit, table, moved); break;
  default: correct_plain(x, divisors, count, expectation, bit, limit, table, moved);
  }
}

void lmz_update_maps(lmz_isa isa, uint32_t *entries, const int32_t *indices, uint32_t *kept, long count,
                     uint32_t target, uint32_t limit) {
  switch (isa_of_floats(isa)) {
  case LMZ_AVX512: update_maps_avx512(entries, indices, kept, count, target, limit); break;
  case LMZ_AVX2: update_maps_avx2(entries, indices, kept, count, target, limit); break;
  default: update_maps_plain(entries, indices, kept, count, target, limit);
  }
}
