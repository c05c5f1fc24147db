#include <string.h>

#include "CKernels.h"
#include "elementary.h"

#define INLINE static inline __attribute__((always_inline))
// Sums stay in registers only if no loop over them is left.
#define UNROLL _Pragma("clang loop unroll(full)")

// Outputs whose weights stand together, and the inputs of each that do: see `narrate_byte_matrix`.
enum { GROUP = 16, INPUTS = 4, MOST_SUMS = 12, AT_ONCE = 8 };

INLINE void finish_some(const narrate_byte_matrix *matrix, const int32_t *restrict sums, const float *restrict scales,
                        float *restrict y, size_t first, size_t count) {
  // The same bits whether the CPU can fuse or not.
#pragma clang fp contract(off)
  float step = scales[0];
  int32_t zero = (int32_t)scales[1];
  y += first;
  for (size_t o = 0; o < count; o++) {
    float base = matrix->adds ? y[o] : matrix->bias ? matrix->bias[first + o] : 0;
    y[o] = base + (float)(sums[o] - zero * matrix->sums[first + o]) * (step * matrix->steps[first + o]);
  }
}

// What a group's sums are in numbers: less what the row's zero added, times the steps of both.
INLINE void finish(const narrate_byte_matrix *matrix, const int32_t *restrict sums, const float *restrict scales,
                   float *restrict y, size_t group) {
  size_t first = group * GROUP, count = matrix->outputs - first;
  if (count >= GROUP)
    finish_some(matrix, sums, scales, y, first, GROUP);
  else
    finish_some(matrix, sums, scales, y, first, count);
}

#if defined(__x86_64__)
#include <immintrin.h>
#define VNNI __attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx512vnni")))
#define AVX2 __attribute__((target("avx2,fma")))

INLINE int32_t four_bytes(const uint8_t *x) {
  int32_t value;
  memcpy(&value, x, sizeof value);
  return value;
}

// `groups` x `rows` sums; both are constants wherever this is inlined.
VNNI INLINE void block_vnni(const narrate_byte_matrix *matrix, size_t group, const uint8_t *restrict x,
                            const float *restrict scales, float *restrict y, size_t groups, size_t rows) {
  size_t steps = matrix->stride / INPUTS, line = steps * GROUP * INPUTS;
  const int8_t *weights = matrix->weights + group * line;
  __m512i sums[MOST_SUMS];
  UNROLL for (size_t i = 0; i < groups * rows; i++) sums[i] = _mm512_setzero_si512();
  for (size_t k = 0; k < steps; k++) {
    __m512i w[MOST_SUMS];
    UNROLL for (size_t g = 0; g < groups; g++) w[g] = _mm512_loadu_si512(weights + g * line + k * GROUP * INPUTS);
    UNROLL for (size_t r = 0; r < rows; r++) {
      __m512i factor = _mm512_set1_epi32(four_bytes(x + r * matrix->stride + k * INPUTS));
      UNROLL for (size_t g = 0; g < groups; g++)
        sums[g * rows + r] = _mm512_dpbusd_epi32(sums[g * rows + r], factor, w[g]);
    }
  }
  UNROLL for (size_t g = 0; g < groups; g++)
    UNROLL for (size_t r = 0; r < rows; r++) {
      int32_t values[GROUP];
      _mm512_storeu_si512(values, sums[g * rows + r]);
      finish(matrix, values, scales + 2 * r, y + r * matrix->outputs, group + g);
    }
}

VNNI static void product_vnni(const narrate_byte_matrix *matrix, const uint8_t *restrict x, const float *restrict scales,
                              float *restrict y, size_t rows, size_t first, size_t end) {
  // Some groups' weights stay in the first cache for all rows.
  for (; first < end; first += AT_ONCE) {
    size_t last = end - first < AT_ONCE ? end : first + AT_ONCE;
    for (size_t r = 0, count; r < rows; r += count) {
      const uint8_t *input = x + r * matrix->stride;
      const float *scale = scales + 2 * r;
      float *output = y + r * matrix->outputs;
      size_t g = first;
      count = rows - r >= 6 ? 6 : rows - r >= 3 ? 3 : rows - r;
      for (; count == 6 && g + 2 <= last; g += 2) block_vnni(matrix, g, input, scale, output, 2, 6);
      for (; count == 3 && g + 4 <= last; g += 4) block_vnni(matrix, g, input, scale, output, 4, 3);
      for (; count == 2 && g + 4 <= last; g += 4) block_vnni(matrix, g, input, scale, output, 4, 2);
      for (; count == 1 && g + 8 <= last; g += 8) block_vnni(matrix, g, input, scale, output, 8, 1);
      for (; g < last; g++)
        for (size_t i = 0; i < count; i++)
          block_vnni(matrix, g, input + i * matrix->stride, scale + 2 * i, output + i * matrix->outputs, 1, 1);
    }
  }
}

// Products of bytes in 16 bits could exceed them: bytes become 16 bits wide before, those of even and of odd inputs apart.
AVX2 INLINE void block_avx2(const narrate_byte_matrix *matrix, size_t group, const uint8_t *restrict x,
                            const float *restrict scales, float *restrict y, size_t rows) {
  size_t steps = matrix->stride / INPUTS;
  const int8_t *weights = matrix->weights + group * steps * GROUP * INPUTS;
  const __m256i low = _mm256_set1_epi16(0xff);
  __m256i sums[MOST_SUMS];
  UNROLL for (size_t i = 0; i < 2 * rows; i++) sums[i] = _mm256_setzero_si256();
  for (size_t k = 0; k < steps; k++) {
    UNROLL for (size_t half = 0; half < 2; half++) {
      __m256i w = _mm256_loadu_si256((const __m256i *)(weights + (2 * k + half) * GROUP * INPUTS / 2));
      __m256i even = _mm256_srai_epi16(_mm256_slli_epi16(w, 8), 8), odd = _mm256_srai_epi16(w, 8);
      UNROLL for (size_t r = 0; r < rows; r++) {
        __m256i factor = _mm256_set1_epi32(four_bytes(x + r * matrix->stride + k * INPUTS));
        __m256i products = _mm256_add_epi32(_mm256_madd_epi16(even, _mm256_and_si256(factor, low)),
                                            _mm256_madd_epi16(odd, _mm256_srli_epi16(factor, 8)));
        sums[2 * r + half] = _mm256_add_epi32(sums[2 * r + half], products);
      }
    }
  }
  UNROLL for (size_t r = 0; r < rows; r++) {
    int32_t values[GROUP];
    _mm256_storeu_si256((__m256i *)values, sums[2 * r]);
    _mm256_storeu_si256((__m256i *)(values + GROUP / 2), sums[2 * r + 1]);
    finish(matrix, values, scales + 2 * r, y + r * matrix->outputs, group);
  }
}

AVX2 static void product_avx2(const narrate_byte_matrix *matrix, const uint8_t *restrict x, const float *restrict scales,
                              float *restrict y, size_t rows, size_t first, size_t end) {
  for (size_t g = first; g < end; g++)
    for (size_t r = 0, count; r < rows; r += count) {
      const uint8_t *input = x + r * matrix->stride;
      const float *scale = scales + 2 * r;
      float *output = y + r * matrix->outputs;
      count = rows - r >= 3 ? 3 : 1;
      count == 3 ? block_avx2(matrix, g, input, scale, output, 3) : block_avx2(matrix, g, input, scale, output, 1);
    }
}
#endif

static void product_plain(const narrate_byte_matrix *matrix, const uint8_t *restrict x, const float *restrict scales,
                          float *restrict y, size_t rows, size_t first, size_t end) {
  size_t steps = matrix->stride / INPUTS;
  for (size_t g = first; g < end; g++)
    for (size_t r = 0; r < rows; r++) {
      const int8_t *weights = matrix->weights + g * steps * GROUP * INPUTS;
      int32_t sums[GROUP] = {0};
      for (size_t k = 0; k < matrix->stride; k += INPUTS, weights += GROUP * INPUTS)
        for (size_t o = 0; o < GROUP; o++)
          for (size_t i = 0; i < INPUTS; i++) sums[o] += weights[o * INPUTS + i] * x[r * matrix->stride + k + i];
      finish(matrix, sums, scales + 2 * r, y + r * matrix->outputs, g);
    }
}

void narrate_byte_product(const narrate_byte_matrix *matrix, const uint8_t *restrict x, const float *restrict scales,
                          float *restrict y, size_t rows, size_t first, size_t end, int kernel) {
#if defined(__x86_64__)
  if (kernel < 0) {
    __builtin_cpu_init();
    int vnni = __builtin_cpu_supports("avx512vnni") && __builtin_cpu_supports("avx512bw") &&
               __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq");
    kernel = vnni ? 2 : __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") ? 1 : 0;
  }
  if (kernel == 2) return product_vnni(matrix, x, scales, y, rows, first, end);
  if (kernel == 1) return product_avx2(matrix, x, scales, y, rows, first, end);
#endif
  product_plain(matrix, x, scales, y, rows, first, end);
}
