#include "amx.h"

#include <string.h>

#define INLINE static inline __attribute__((always_inline))

// A block is `rows` x `groups` accumulators that stay in registers. Both are constants at every call, so that the loops
// over them are unrolled.
#define FOR(i, n) _Pragma("clang loop unroll(full)") for (int i = 0; i < (n); i++)

static int32_t pair_at(const int16_t *a) {
  int32_t both;
  memcpy(&both, a, sizeof both);
  return both;
}

// While `R` rows remain after row m: blocks of them and `G` groups (1 or even), then of half as many, then of one.
#define COVER_ROWS(BLOCK, R, G)                                                                                        \
  for (; m + R <= rows; m += R) {                                                                                      \
    long g = 0;                                                                                                        \
    for (; g + G <= groups; g += G) BLOCK_AT(BLOCK, R, G);                                                             \
    for (; G / 2 > 1 && g + G / 2 <= groups; g += G / 2) BLOCK_AT(BLOCK, R, G / 2);                                    \
    for (; g < groups; g++) BLOCK_AT(BLOCK, R, 1);                                                                     \
  }

#define BLOCK_AT(BLOCK, R, G)                                                                                          \
  BLOCK(R, G, a + m * a_stride, a_stride, packed + g * group_stride, group_stride, c + m * c_stride + LMZ_GROUP * g,   \
        c_stride, pairs)

// For whatever vectors the compiler knows: on 64-bit ARM sixteen multiply-adds of four lanes for a row.
typedef int8_t bytes __attribute__((ext_vector_type(32)));
typedef int16_t shorts __attribute__((ext_vector_type(16)));
typedef int32_t ints __attribute__((ext_vector_type(16)));

INLINE void block_portable(int rows, int groups, const int16_t *a, long a_stride, const int8_t *w, long group_stride,
                           int32_t *c, long c_stride, long pairs) {
  ints sum[4][2];
  FOR(m, rows) FOR(g, groups) sum[m][g] = 0;
  for (long p = 0; p < pairs; p++)
    FOR(g, groups) {
      bytes both;
      memcpy(&both, w + g * group_stride + 32 * p, sizeof both);
      ints first = __builtin_convertvector(__builtin_convertvector(both.even, shorts), ints);
      ints second = __builtin_convertvector(__builtin_convertvector(both.odd, shorts), ints);
      FOR(m, rows) {
        const int16_t *x = a + m * a_stride + 2 * p;
        shorts x0 = x[0], x1 = x[1];
        sum[m][g] += first * __builtin_convertvector(x0, ints) + second * __builtin_convertvector(x1, ints);
      }
    }
  FOR(m, rows) FOR(g, groups) memcpy(c + m * c_stride + LMZ_GROUP * g, &sum[m][g], sizeof(ints));
}

static void product_portable(const int16_t *a, long a_stride, const int8_t *packed, long group_stride, int32_t *c,
                             long c_stride, long rows, long groups, long pairs) {
  long m = 0;
  COVER_ROWS(block_portable, 4, 1)
  COVER_ROWS(block_portable, 1, 2)
}

#if defined(__x86_64__)
#include <immintrin.h>

INLINE void block_sse2(int rows, int groups, const int16_t *a, long a_stride, const int8_t *w, long group_stride,
                       int32_t *c, long c_stride, long pairs) {
  __m128i sum[2][2][4];
  FOR(m, rows) FOR(g, groups) FOR(q, 4) sum[m][g][q] = _mm_setzero_si128();
  for (long p = 0; p < pairs; p++)
    FOR(g, groups) FOR(h, 2) {
      __m128i bytes = _mm_loadu_si128((const __m128i *)(w + g * group_stride + 32 * p + 16 * h));
      __m128i sign = _mm_cmpgt_epi8(_mm_setzero_si128(), bytes);
      __m128i low = _mm_unpacklo_epi8(bytes, sign), high = _mm_unpackhi_epi8(bytes, sign);
      FOR(m, rows) {
        __m128i x = _mm_set1_epi32(pair_at(a + m * a_stride + 2 * p));
        sum[m][g][2 * h] = _mm_add_epi32(sum[m][g][2 * h], _mm_madd_epi16(x, low));
        sum[m][g][2 * h + 1] = _mm_add_epi32(sum[m][g][2 * h + 1], _mm_madd_epi16(x, high));
      }
    }
  FOR(m, rows) FOR(g, groups) FOR(q, 4)
  _mm_storeu_si128((__m128i *)(c + m * c_stride + LMZ_GROUP * g + 4 * q), sum[m][g][q]);
}

static void product_sse2(const int16_t *a, long a_stride, const int8_t *packed, long group_stride, int32_t *c,
                         long c_stride, long rows, long groups, long pairs) {
  long m = 0;
  COVER_ROWS(block_sse2, 2, 1)
  COVER_ROWS(block_sse2, 1, 2)
}

// AVX2 with two instructions for products and sums, or with one (AVX-VNNI). Weights are asked for a block early, in the
// order in which they lie: processors that share their last cache with others wait for memory otherwise.
#define PRODUCT_256(NAME, TARGET, ADD_PRODUCTS)                                                                        \
  __attribute__((target(TARGET))) INLINE void block_##NAME(int rows, int groups, const int16_t *a, long a_stride,      \
                                                           const int8_t *w, long group_stride, int32_t *c,             \
                                                           long c_stride, long pairs) {                                \
    __m256i sum[4][4][2];                                                                                              \
    FOR(m, rows) FOR(g, groups) FOR(h, 2) sum[m][g][h] = _mm256_setzero_si256();                                       \
    const int8_t *next = w + groups * group_stride;                                                                    \
    for (long p = 0; p < pairs; p++) {                                                                                 \
      FOR(line, (groups + 1) / 2) __builtin_prefetch(next + 32 * groups * p + 64 * line);                              \
      FOR(g, groups) FOR(h, 2) {                                                                                       \
        __m128i bytes = _mm_loadu_si128((const __m128i *)(w + g * group_stride + 32 * p + 16 * h));                    \
        __m256i both = _mm256_cvtepi8_epi16(bytes);                                                                    \
        FOR(m, rows) {                                                                                                 \
          __m256i x = _mm256_set1_epi32(pair_at(a + m * a_stride + 2 * p));                                            \
          sum[m][g][h] = ADD_PRODUCTS(sum[m][g][h], x, both);                                                          \
        }                                                                                                              \
      }                                                                                                                \
    }                                                                                                                  \
    FOR(m, rows) FOR(g, groups) FOR(h, 2)                                                                              \
    _mm256_storeu_si256((__m256i *)(c + m * c_stride + LMZ_GROUP * g + 8 * h), sum[m][g][h]);                          \
  }                                                                                                                    \
                                                                                                                       \
  __attribute__((target(TARGET))) static void product_##NAME(const int16_t *a, long a_stride, const int8_t *packed,    \
                                                             long group_stride, int32_t *c, long c_stride, long rows,  \
                                                             long groups, long pairs) {                                \
    long m = 0;                                                                                                        \
    COVER_ROWS(block_##NAME, 4, 1)                                                                                     \
    COVER_ROWS(block_##NAME, 2, 2)                                                                                     \
    COVER_ROWS(block_##NAME, 1, 4)                                                                                     \
  }

#define MULTIPLY_AND_ADD(sum, x, y) _mm256_add_epi32(sum, _mm256_madd_epi16(x, y))
PRODUCT_256(avx2, "avx2", MULTIPLY_AND_ADD)
PRODUCT_256(avx_vnni, "avx2,avxvnni", _mm256_dpwssd_avx_epi32)

#define AVX512 __attribute__((target("avx512f,avx512bw,avx512vnni")))

AVX512 INLINE void block_avx512(int rows, int groups, const int16_t *a, long a_stride, const int8_t *w,
                                long group_stride, int32_t *c, long c_stride, long pairs) {
  __m512i sum[4][8];
  FOR(m, rows) FOR(g, groups) sum[m][g] = _mm512_setzero_si512();
  for (long p = 0; p < pairs; p++)
    FOR(g, groups) {
      __m512i both = _mm512_cvtepi8_epi16(_mm256_loadu_si256((const __m256i *)(w + g * group_stride + 32 * p)));
      FOR(m, rows)
      sum[m][g] = _mm512_dpwssd_epi32(sum[m][g], _mm512_set1_epi32(pair_at(a + m * a_stride + 2 * p)), both);
    }
  FOR(m, rows) FOR(g, groups) _mm512_storeu_si512(c + m * c_stride + LMZ_GROUP * g, sum[m][g]);
}

AVX512 static void product_avx512(const int16_t *a, long a_stride, const int8_t *packed, long group_stride, int32_t *c,
                                  long c_stride, long rows, long groups, long pairs) {
  long m = 0;
  COVER_ROWS(block_avx512, 4, 4)
  COVER_ROWS(block_avx512, 2, 4)
  COVER_ROWS(block_avx512, 1, 8)
}

lmz_isa lmz_best_isa(void) {
  __builtin_cpu_init();
  if (__builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vnni"))
    return lmz_has_amx() ? LMZ_AMX : LMZ_AVX512;
  if (!__builtin_cpu_supports("avx2")) return LMZ_SSE2;
  return __builtin_cpu_supports("avxvnni") ? LMZ_AVX_VNNI : LMZ_AVX2;
}
#else
lmz_isa lmz_best_isa(void) { return LMZ_PORTABLE; }
#endif

// With fewer rows matrix units wait for weights, too, which have to be put in another order for them.
enum { ROWS_FOR_AMX = 16 };

void lmz_product(lmz_isa isa, const int16_t *a, long a_stride, const int8_t *packed, long group_stride, int32_t *c,
                 long c_stride, long rows, long groups, long pairs) {
  switch (isa) {
#if defined(__x86_64__)
#if defined(__linux__)
  case LMZ_AMX:
    if (rows >= ROWS_FOR_AMX) {
      lmz_product_amx(a, a_stride, packed, group_stride, c, c_stride, rows, groups, pairs);
      return;
    }
    // fall through
#endif
  case LMZ_AVX512: product_avx512(a, a_stride, packed, group_stride, c, c_stride, rows, groups, pairs); return;
  case LMZ_AVX_VNNI:
    product_avx_vnni(a, a_stride, packed, group_stride, c, c_stride, rows, groups, pairs);
    return;
  case LMZ_AVX2: product_avx2(a, a_stride, packed, group_stride, c, c_stride, rows, groups, pairs); return;
  case LMZ_SSE2: product_sse2(a, a_stride, packed, group_stride, c, c_stride, rows, groups, pairs); return;
#endif
  default: product_portable(a, a_stride, packed, group_stride, c, c_stride, rows, groups, pairs);
  }
}
