#include "CKernels.h"

#if defined(__x86_64__)
#include <cpuid.h>
#include <immintrin.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define INLINE static inline __attribute__((always_inline))
#define VECTORS __attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx512bf16")))
#define TILES __attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx512bf16,amx-tile,amx-bf16")))
// Loops over registers have to disappear.
#define UNROLL _Pragma("clang loop unroll(full)")

// A tile: 16 lines of C's rows or columns by 32 inner numbers, 64 bytes a line or a pair of inner numbers.
enum { SIDE = 16, DEPTH = 32, TILE = SIDE * DEPTH };
// What is packed at a time stays in the second cache.
enum { INNER = 512, ROWS = 256, COLUMNS = 512 };

INLINE size_t least(size_t a, size_t b) { return a < b ? a : b; }

// 16 x 16 values of 32 bits, in place.
VECTORS INLINE void transpose(__m512i r[SIDE]) {
  __m512i t[SIDE];
  UNROLL for (int i = 0; i < SIDE; i += 2) {
    t[i] = _mm512_unpacklo_epi32(r[i], r[i + 1]);
    t[i + 1] = _mm512_unpackhi_epi32(r[i], r[i + 1]);
  }
  UNROLL for (int i = 0; i < SIDE; i += 4) {
    r[i] = _mm512_unpacklo_epi64(t[i], t[i + 2]);
    r[i + 1] = _mm512_unpackhi_epi64(t[i], t[i + 2]);
    r[i + 2] = _mm512_unpacklo_epi64(t[i + 1], t[i + 3]);
    r[i + 3] = _mm512_unpackhi_epi64(t[i + 1], t[i + 3]);
  }
  UNROLL for (int i = 0; i < 4; i++) {
    t[i] = _mm512_shuffle_i32x4(r[i], r[i + 4], 0x88);
    t[i + 4] = _mm512_shuffle_i32x4(r[i], r[i + 4], 0xdd);
    t[i + 8] = _mm512_shuffle_i32x4(r[i + 8], r[i + 12], 0x88);
    t[i + 12] = _mm512_shuffle_i32x4(r[i + 8], r[i + 12], 0xdd);
  }
  UNROLL for (int i = 0; i < 8; i++) {
    r[i] = _mm512_shuffle_i32x4(t[i], t[i + 8], 0x88);
    r[i + 8] = _mm512_shuffle_i32x4(t[i], t[i + 8], 0xdd);
  }
}

// One tile of a factor, `lines` by `inner` numbers and zeros beyond, as 16 lines, or as 16 pairs of inner numbers if `paired`.
VECTORS INLINE void pack_tile(const narrate_factor *factor, size_t line, size_t lines, size_t k, size_t inner, int paired,
                              uint16_t *target) {
  __m512i r[SIDE];
  if (factor->inner_first) {
    // factor[k][line]
    const float *base = factor->base + k * factor->stride + line;
    __mmask16 mask = (__mmask16)((1u << lines) - 1);
    const __m512i woven = _mm512_set_epi16(31, 15, 30, 14, 29, 13, 28, 12, 27, 11, 26, 10, 25, 9, 24, 8, 23, 7, 22, 6, 21,
                                           5, 20, 4, 19, 3, 18, 2, 17, 1, 16, 0);
    UNROLL for (size_t i = 0; i < SIDE; i++) {
      __m512 low = _mm512_maskz_loadu_ps(2 * i < inner ? mask : 0, base + 2 * i * factor->stride);
      __m512 high = _mm512_maskz_loadu_ps(2 * i + 1 < inner ? mask : 0, base + (2 * i + 1) * factor->stride);
      r[i] = _mm512_permutexvar_epi16(woven, (__m512i)_mm512_cvtne2ps_pbh(high, low));
    }
    if (!paired) transpose(r);
  } else {
    // factor[line][k]
    const float *base = factor->base + line * factor->stride + k;
    __mmask16 first = (__mmask16)((1u << least(inner, 16)) - 1);
    __mmask16 second = (__mmask16)(inner > 16 ? (1u << (inner - 16)) - 1 : 0);
    UNROLL for (size_t i = 0; i < SIDE; i++) {
      __m512 low = _mm512_maskz_loadu_ps(i < lines ? first : 0, base + i * factor->stride);
      __m512 high = _mm512_maskz_loadu_ps(i < lines ? second : 0, base + i * factor->stride + 16);
      r[i] = (__m512i)_mm512_cvtne2ps_pbh(high, low);
    }
    if (paired) transpose(r);
  }
  UNROLL for (size_t i = 0; i < SIDE; i++) _mm512_store_si512(target + i * DEPTH, r[i]);
}

// Tiles [lines / 16][inner / 32].
VECTORS static void pack(const narrate_factor *factor, size_t line, size_t lines, size_t k, size_t inner, int paired,
                         uint16_t *target) {
  for (size_t i = 0; i < lines; i += SIDE)
    for (size_t j = 0; j < inner; j += DEPTH, target += TILE)
      pack_tile(factor, line + i, least(lines - i, SIDE), k + j, least(inner - j, DEPTH), paired, target);
}

// Sums [16, 16] are added to what is in C, `rows` by `columns` of them, or overwrite it.
VECTORS INLINE void store(const float *sums, size_t line, float *c, size_t stride, size_t rows, size_t columns, int adds) {
  __mmask16 mask = (__mmask16)((1u << columns) - 1);
  for (size_t i = 0; i < rows; i++) {
    __m512 value = _mm512_loadu_ps(sums + i * line);
    if (adds) value = _mm512_add_ps(value, _mm512_maskz_loadu_ps(mask, c + i * stride));
    _mm512_mask_storeu_ps(c + i * stride, mask, value);
  }
}

// Two by two tiles of C at a time.
TILES static void product_of_tiles(const uint16_t *a, const uint16_t *b, size_t depth, float *c, size_t stride, size_t rows,
                                   size_t columns, int adds) {
  float sums[4][SIDE * SIDE] __attribute__((aligned(64)));
  for (size_t i = 0; i < rows; i += 2 * SIDE)
    for (size_t j = 0; j < columns; j += 2 * SIDE) {
      const uint16_t *x = a + i / SIDE * depth * TILE, *w = b + j / SIDE * depth * TILE;
      const uint16_t *lower = x + depth * TILE, *right = w + depth * TILE;
      int low = i + SIDE < rows, wide = j + SIDE < columns;
      _tile_zero(0);
      _tile_zero(1);
      _tile_zero(2);
      _tile_zero(3);
      if (low && wide) {
        for (size_t k = 0; k < depth; k++) {
          _tile_loadd(4, x + k * TILE, 64);
          _tile_loadd(6, w + k * TILE, 64);
          _tile_dpbf16ps(0, 4, 6);
          _tile_loadd(7, right + k * TILE, 64);
          _tile_dpbf16ps(1, 4, 7);
          _tile_loadd(5, lower + k * TILE, 64);
          _tile_dpbf16ps(2, 5, 6);
          _tile_dpbf16ps(3, 5, 7);
        }
      } else {
        for (size_t k = 0; k < depth; k++) {
          _tile_loadd(4, x + k * TILE, 64);
          _tile_loadd(6, w + k * TILE, 64);
          _tile_dpbf16ps(0, 4, 6);
          if (wide) {
            _tile_loadd(7, right + k * TILE, 64);
            _tile_dpbf16ps(1, 4, 7);
          }
          if (low) {
            _tile_loadd(5, lower + k * TILE, 64);
            _tile_dpbf16ps(2, 5, 6);
          }
        }
      }
      _tile_stored(0, sums[0], 64);
      if (wide) _tile_stored(1, sums[1], 64);
      if (low) _tile_stored(2, sums[2], 64);
      if (low && wide) _tile_stored(3, sums[3], 64);
      for (size_t t = 0; t < 4; t++) {
        size_t row = i + t / 2 * SIDE, column = j + t % 2 * SIDE;
        if (row >= rows || column >= columns) continue;
        store(sums[t], SIDE, c + row * stride + column, stride, least(rows - row, SIDE), least(columns - column, SIDE), adds);
      }
    }
}

TILES static void configure_tiles(void) {
  struct { uint8_t palette, start, reserved[14]; uint16_t bytes[16]; uint8_t rows[16]; } configuration = {.palette = 1};
  for (int i = 0; i < 8; i++) configuration.bytes[i] = 64, configuration.rows[i] = SIDE;
  _tile_loadconfig(&configuration);
}

TILES static void release_tiles(void) { _tile_release(); }

int narrate_has_tiles(void) {
  static int known;  // 1: no, 2: yes; whoever finds out finds the same
  int state = __atomic_load_n(&known, __ATOMIC_RELAXED);
  if (!state) {
    unsigned a, b, c, d;
    const unsigned tiles = 1u << 24 | 1u << 22;  // AMX-TILE, AMX-BF16
    __builtin_cpu_init();
    int vectors = __builtin_cpu_supports("avx512bf16") && __builtin_cpu_supports("avx512bw") &&
                  __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq");
    state = 1;
    // ARCH_REQ_XCOMP_PERM for XFEATURE_XTILEDATA: a process asks before it uses tiles.
    if (vectors && __get_cpuid_count(7, 0, &a, &b, &c, &d) && (d & tiles) == tiles && !syscall(SYS_arch_prctl, 0x1023, 18))
      state = 2;
    __atomic_store_n(&known, state, __ATOMIC_RELAXED);
  }
  return state == 2;
}

size_t narrate_tile_scratch(void) { return sizeof(uint16_t) * INNER * (ROWS + COLUMNS); }

VECTORS void narrate_tile_product(const narrate_factor *a, const narrate_factor *b, float *c, size_t stride, size_t rows,
                                  size_t columns, size_t inner, int adds, void *scratch) {
  uint16_t *left = scratch, *right = left + ROWS * INNER;
  configure_tiles();
  for (size_t j = 0; j < columns; j += COLUMNS) {
    size_t wide = least(columns - j, COLUMNS);
    for (size_t k = 0; k < inner; k += INNER) {
      size_t deep = least(inner - k, INNER), depth = (deep + DEPTH - 1) / DEPTH;
      pack(b, j, wide, k, deep, 1, right);
      for (size_t i = 0; i < rows; i += ROWS) {
        size_t high = least(rows - i, ROWS);
        pack(a, i, high, k, deep, 0, left);
        product_of_tiles(left, right, depth, c + i * stride + j, stride, high, wide, adds || k > 0);
      }
    }
  }
  release_tiles();
}
#else
int narrate_has_tiles(void) { return 0; }
size_t narrate_tile_scratch(void) { return 0; }
void narrate_tile_product(const narrate_factor *a, const narrate_factor *b, float *c, size_t stride, size_t rows,
                          size_t columns, size_t inner, int adds, void *scratch) {}
#endif
