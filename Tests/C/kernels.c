// Runs the kernels of the coding path on random input with the processor's best instruction set and with the portable
// one, and prints a hash of all results: scripts/test-arm64 compares it between processors.
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "CKernels.h"

static uint64_t state = 88172645463325252u, hash = 14695981039346656037u;

// A number in low..<low + count (xorshift, Marsaglia 2003).
static int32_t random_from(int32_t low, uint32_t count) {
  state ^= state << 13;
  state ^= state >> 7;
  state ^= state << 17;
  return low + (int32_t)((state >> 32) % count);
}

static void add(const void *bytes, size_t count) {
  for (size_t i = 0; i < count; i++) hash = (hash ^ ((const uint8_t *)bytes)[i]) * 1099511628211u;
}

static void products(lmz_isa isa) {
  enum { ROWS = 24, GROUPS = 12, PAIRS = 200 };
  static int16_t a[ROWS * (2 * PAIRS + 8)];
  static int8_t w[GROUPS * 32 * PAIRS];
  static int32_t c[ROWS * (16 * GROUPS + 4)];
  long rows = random_from(1, ROWS), groups = random_from(1, GROUPS), pairs = random_from(1, PAIRS);
  long a_stride = 2 * pairs + random_from(0, 9), c_stride = 16 * groups + random_from(0, 5);
  for (long i = 0; i < rows * a_stride; i++) a[i] = (int16_t)random_from(-2047, 4095);
  for (long i = 0; i < groups * 32 * pairs; i++) w[i] = (int8_t)random_from(-127, 255);
  lmz_product(isa, a, a_stride, w, 32 * pairs, c, c_stride, rows, groups, pairs);
  for (long m = 0; m < rows; m++)
    for (long n = 0; n < 16 * groups; n++) {
      int32_t sum = 0;
      for (long k = 0; k < 2 * pairs; k++)
        sum += a[m * a_stride + k] * w[n / 16 * 32 * pairs + k / 2 * 32 + n % 16 * 2 + k % 2];
      if (sum != c[m * c_stride + n]) {
        fprintf(stderr, "product of %ld rows, %ld groups, %ld pairs: wrong at %ld, %ld\n", rows, groups, pairs, m, n);
        exit(1);
      }
    }
}

static void exponentials(lmz_isa isa) {
  enum { VOCABULARY = 4096, HIDDEN = 704, SLOTS = 608 };
  static int32_t sums[VOCABULARY];
  static float scales[VOCABULARY], bias[VOCABULARY], logits[VOCABULARY], gates[2 * HIDDEN];
  static uint64_t prefix[VOCABULARY + 1];
  static int16_t weights[SLOTS];
  for (int i = 0; i < VOCABULARY; i++) {
    sums[i] = random_from(-100000, 200000);
    scales[i] = random_from(0, 1000) * 1e-7f;
    bias[i] = random_from(0, 1000) * 1e-3f;
  }
  long count = VOCABULARY - random_from(0, 9);
  lmz_token_weights(isa, sums, 1.3f, scales, bias, count, logits, prefix);
  add(prefix, sizeof prefix[0] * count);
  lmz_visible visible = {random_from(0, 7), random_from(7, 40), random_from(500, 100)};
  float factor = lmz_attention_weights(isa, sums, 0.9f, scales, bias, visible, SLOTS, logits, weights);
  add(&factor, sizeof factor);
  add(weights, sizeof weights);
  for (int i = 0; i < 2 * HIDDEN; i++) gates[i] = random_from(-10000, 20000) * 1e-3f;
  lmz_gate(isa, gates, HIDDEN);
  add(gates, sizeof gates / 2);
}

static void rows(lmz_isa isa) {
  enum { WIDTH = 704 };
  static int32_t sums[WIDTH];
  static float scales[WIDTH], row[WIDTH];
  static int16_t integers[WIDTH];
  for (int i = 0; i < WIDTH; i++) {
    sums[i] = random_from(-9000000, 18000000);
    scales[i] = random_from(0, 1000) * 1e-7f;
  }
  lmz_row_from_sums(isa, sums, WIDTH, 1.7f, scales, 0, row);
  lmz_row_from_sums(isa, sums, WIDTH, 0.3f, scales, 1, row);
  float factors[] = {lmz_quantise(isa, row, WIDTH, 2047, integers), lmz_inverse_root_mean_square(isa, row, WIDTH)};
  add(row, sizeof row);
  add(integers, sizeof integers);
  add(factors, sizeof factors);
}

// squash(i / 64 - 12).
enum { STEPS = 1538 };
static float squash[STEPS];

static void mixing(lmz_isa isa) {
  enum { SETS = 3, VECTORS = 4 };
  static _Alignas(64) float inputs[16 * VECTORS], weights[SETS][16 * VECTORS];
  float *sets[SETS] = {weights[0], weights[1], weights[2]}, p[SETS] = {0.01f, 0.5f, 0.93f}, result[SETS];
  for (int i = 0; i < 16 * VECTORS; i++) inputs[i] = random_from(-1000, 2000) * 1e-3f;
  long vectors = random_from(1, VECTORS);
  lmz_mix_train(isa, inputs, vectors, sets, SETS, p, (float)random_from(0, 2), 0.02f);
  lmz_mix_dot(isa, inputs, vectors, (const float *const *)sets, SETS, random_from(1, 1199) * 1e-2f, squash, result, p);
  add(result, sizeof result);
  add(p, sizeof p);
}

static void corrections(lmz_isa isa) {
  enum { COUNT = 24 };
  static float x[COUNT], divisors[COUNT];
  static int16_t moved[COUNT];
  for (int i = 0; i < COUNT; i++) {
    x[i] = random_from(-7990, 15981) * 1e-3f;
    divisors[i] = random_from(10, 71) * 0.1f;
  }
  lmz_mix_correct(isa, x, divisors, COUNT, random_from(-1150, 2301) * 1e-2f, (float)random_from(0, 2), 7.99f, squash, moved);
  add(moved, sizeof moved);
}

static void maps(lmz_isa isa) {
  enum { COUNT = 20, ENTRIES = 50 };
  static uint32_t entries[ENTRIES], kept[24];
  int32_t indices[COUNT];
  for (int i = 0; i < ENTRIES; i++)
    entries[i] = (uint32_t)random_from(0, 1 << 22) << 10 | (uint32_t)random_from(0, 1024);
  for (int i = 0; i < COUNT; i++) kept[i] = entries[indices[i] = 2 * i + random_from(0, 2)];
  lmz_update_maps(isa, entries, indices, kept, COUNT, random_from(0, 2) ? (1 << 22) - 1 : 0, 255);
  add(entries, sizeof entries);
}

int main(void) {
  lmz_isa sets[] = {LMZ_PORTABLE, lmz_best_isa()};
  for (int i = 0; i < STEPS; i++) squash[i] = 1 / (1 + lmz_exp2((768 - i) / 44.0f));
  for (int s = 0; s < 2; s++) {
    for (int i = -40000; i <= 40000; i++) {
      float power = lmz_exp2(i / 1024.0f);
      add(&power, sizeof power);
    }
    for (int i = 0; i < 200; i++) {
      products(sets[s]);
      exponentials(sets[s]);
      rows(sets[s]);
      mixing(sets[s]);
      corrections(sets[s]);
      maps(sets[s]);
    }
  }
  printf("%016llx\n", (unsigned long long)hash);
}
