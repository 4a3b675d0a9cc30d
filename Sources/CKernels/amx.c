// Integer products by the matrix units that Intel's servers have since Sapphire Rapids (AMX): 16 rows by 16 outputs by
// 64 inputs with one instruction. Intel's "Intrinsics Guide" has what they do.
#include "amx.h"

#if defined(__x86_64__) && defined(__linux__)
#include <immintrin.h>
#include <sys/syscall.h>
#include <unistd.h>

#define AMX __attribute__((target("avx512f,avx512bw,amx-tile,amx-int8")))

// Inputs of a tile, its rows or outputs, and how many rows and tiles of inputs are in working memory at a time.
enum { TILE_INPUTS = 64, TILE_ROWS = 16, MOST_ROWS = 64, MOST_TILES = 12 };
enum { MOST_INPUTS = TILE_INPUTS * MOST_TILES };

typedef int8_t tile_bytes[TILE_ROWS][TILE_INPUTS];
typedef int32_t tile_sums[TILE_ROWS][TILE_ROWS];

// What is multiplied are bytes: an activation is 256 * high + low, high signed and low not.
typedef struct {
  tile_bytes high[MOST_ROWS / TILE_ROWS][MOST_TILES], low[MOST_ROWS / TILE_ROWS][MOST_TILES];
  tile_bytes weights[2][MOST_TILES];
  tile_sums high_sums[2], low_sums[2];
} __attribute__((aligned(64))) working_memory;

int lmz_has_amx(void) {
  unsigned a, b, c, d;
  __asm__("cpuid" : "=a"(a), "=b"(b), "=c"(c), "=d"(d) : "a"(7), "c"(0));
  if (!(d >> 24 & 1) || !(d >> 25 & 1)) return 0;
  // Linux gives the units to who asks for them (ARCH_REQ_XCOMP_PERM, of state 18): once for all threads.
  return syscall(SYS_arch_prctl, 0x1023, 18) == 0;
}

// Eight tiles of sixteen rows: 0 to 3 for sums, 4 and 5 for activations, 6 and 7 for weights.
static const struct {
  uint8_t palette, start, reserved[14];
  uint16_t bytes_of_row[16];
  uint8_t rows[16];
} tiles = {1, 0, {0}, {64, 64, 64, 64, 64, 64, 64, 64}, {16, 16, 16, 16, 16, 16, 16, 16}};

// The bytes of `rows` rows, and zeros for what is missing in the last tiles.
AMX static void split(const int16_t *a, long a_stride, long rows, long inputs, long input_tiles, working_memory *m) {
  long row_tiles = (rows + TILE_ROWS - 1) / TILE_ROWS;
  for (long row = 0; row < row_tiles * TILE_ROWS; row++)
    for (long k = 0; k < input_tiles * TILE_INPUTS; k += 32) {
      long there = row < rows ? inputs - k : 0;
      __mmask32 mask = there >= 32 ? ~0u : there > 0 ? (1u << there) - 1 : 0;
      __m512i x = _mm512_maskz_loadu_epi16(mask, a + row * a_stride + k);
      long r = row / TILE_ROWS, t = k / TILE_INPUTS;
      int8_t *high = &m->high[r][t][row % TILE_ROWS][k % TILE_INPUTS];
      int8_t *low = &m->low[r][t][row % TILE_ROWS][k % TILE_INPUTS];
      _mm256_store_si256((__m256i *)high, _mm512_cvtepi16_epi8(_mm512_srai_epi16(x, 8)));
      _mm256_store_si256((__m256i *)low, _mm512_cvtepi16_epi8(x));
    }
}

// A group's pairs of inputs as fours. What lies behind the last one meets activations that are zeros.
AMX static void pack_fours(const int8_t *packed, long pairs, tile_bytes *weights) {
  const __m512i order = _mm512_set_epi16(31, 15, 30, 14, 29, 13, 28, 12, 27, 11, 26, 10, 25, 9, 24, 8,
                                         23, 7, 22, 6, 21, 5, 20, 4, 19, 3, 18, 2, 17, 1, 16, 0);
  int8_t *to = &weights[0][0][0];
  long p = 0;
  for (; p + 2 <= pairs; p += 2)
    _mm512_store_si512(to + 32 * p, _mm512_permutexvar_epi16(order, _mm512_loadu_si512(packed + 32 * p)));
  if (p < pairs)
    _mm512_store_si512(to + 32 * p, _mm512_permutexvar_epi16(order, _mm512_maskz_loadu_epi16(0xFFFF, packed + 32 * p)));
}

// High and low sums of 16 rows and one or two groups.
AMX static void multiply(working_memory *m, long row_tile, int groups, long input_tiles) {
  _tile_zero(0);
  _tile_zero(1);
  _tile_zero(2);
  _tile_zero(3);
  for (long t = 0; t < input_tiles; t++) {
    _tile_loadd(4, m->high[row_tile][t], TILE_INPUTS);
    _tile_loadd(5, m->low[row_tile][t], TILE_INPUTS);
    _tile_loadd(6, m->weights[0][t], TILE_INPUTS);
    _tile_dpbssd(0, 4, 6);
    _tile_dpbusd(1, 5, 6);
    if (groups > 1) {
      _tile_loadd(7, m->weights[1][t], TILE_INPUTS);
      _tile_dpbssd(2, 4, 7);
      _tile_dpbusd(3, 5, 7);
    }
  }
  _tile_stored(0, m->high_sums[0], 64);
  _tile_stored(1, m->low_sums[0], 64);
  if (groups > 1) {
    _tile_stored(2, m->high_sums[1], 64);
    _tile_stored(3, m->low_sums[1], 64);
  }
}

// 256 * high + low, written to c or, adding, added there.
AMX static void combine(const working_memory *m, long rows, int groups, int adding, int32_t *c, long c_stride) {
  for (long row = 0; row < rows; row++)
    for (int g = 0; g < groups; g++) {
      __m512i high = _mm512_load_si512(m->high_sums[g][row]), low = _mm512_load_si512(m->low_sums[g][row]);
      __m512i sum = _mm512_add_epi32(_mm512_slli_epi32(high, 8), low);
      int32_t *to = c + row * c_stride + LMZ_GROUP * g;
      if (adding) sum = _mm512_add_epi32(sum, _mm512_loadu_si512(to));
      _mm512_storeu_si512(to, sum);
    }
}

static long smaller(long a, long b) { return a < b ? a : b; }

AMX void lmz_product_amx(const int16_t *a, long a_stride, const int8_t *packed, long group_stride, int32_t *c,
                         long c_stride, long rows, long groups, long pairs) {
  working_memory m;
  _tile_loadconfig(&tiles);
  for (long row = 0; row < rows; row += MOST_ROWS)
    for (long k = 0; k < 2 * pairs; k += MOST_INPUTS) {
      long rows_here = smaller(rows - row, MOST_ROWS), inputs = smaller(2 * pairs - k, MOST_INPUTS);
      long input_tiles = (inputs + TILE_INPUTS - 1) / TILE_INPUTS;
      split(a + row * a_stride + k, a_stride, rows_here, inputs, input_tiles, &m);
      for (long g = 0; g < groups; g += 2) {
        int groups_here = (int)smaller(groups - g, 2);
        for (int i = 0; i < groups_here; i++)
          pack_fours(packed + (g + i) * group_stride + LMZ_GROUP * k, inputs / 2, m.weights[i]);
        for (long r = 0; r < rows_here; r += TILE_ROWS) {
          multiply(&m, r / TILE_ROWS, groups_here, input_tiles);
          combine(&m, smaller(rows_here - r, TILE_ROWS), groups_here, k > 0, c + (row + r) * c_stride + LMZ_GROUP * g,
                  c_stride);
        }
      }
    }
  _tile_release();
}
#else
int lmz_has_amx(void) { return 0; }
#endif
