#include <string.h>

#include "CKernels.h"
#include "elementary.h"

// Rows of weights that are fetched ahead: the processor's own prefetcher stops at the end of a page.
enum { LANES = 8, LINE = 32, GROUP = 12, AHEAD = 6, MOST_OUTPUTS = 6, MOST_SUMS = 12 };
typedef float floats __attribute__((vector_size(4 * LANES)));
typedef float quarter __attribute__((vector_size(4 * LANES / 2)));
typedef _Float16 halves __attribute__((vector_size(2 * LANES)));

#define INLINE static inline __attribute__((always_inline))
// Sums stay in registers only if no loop over them is left.
#define UNROLL _Pragma("clang loop unroll(full)")

INLINE float sum(const floats *x) {
  quarter low, high;
  memcpy(&low, x, sizeof low);
  memcpy(&high, (const char *)x + sizeof low, sizeof high);
  low += high;
  return (low[0] + low[2]) + (low[1] + low[3]);
}

// sums[outputs][rows] += the products of eight inputs, or of the last few.
INLINE void add_products(floats *restrict sums, const uint16_t *restrict weights, const float *restrict x,
                         size_t outputs, size_t rows, size_t inputs, size_t count) {
  // Products are fused into the sums, whose order stays as it is written.
#pragma clang fp contract(fast)
  floats w[MOST_OUTPUTS];
  UNROLL for (size_t o = 0; o < outputs; o++) {
    halves packed = {0};
    memcpy(&packed, weights + o * inputs, count * sizeof(uint16_t));
    w[o] = __builtin_convertvector(packed, floats);
  }
  UNROLL for (size_t r = 0; r < rows; r++) {
    floats factor = {0};
    memcpy(&factor, x + r * inputs, count * sizeof(float));
    UNROLL for (size_t o = 0; o < outputs; o++) sums[o * rows + r] += w[o] * factor;
  }
}

// `outputs` x `rows` sums, few enough that with inputs and weights they fit the sixteen registers of AVX2. Both are constants wherever this is inlined; the order of a sum is the same for any of them.
INLINE void block_product(const narrate_half_matrix *matrix, size_t first, const float *restrict x, float *restrict y,
                          size_t outputs, size_t rows) {
  size_t inputs = matrix->inputs, k = 0;
  const uint16_t *weights = matrix->weights + first * inputs;
  floats sums[MOST_SUMS] = {0};
  for (; k + LINE <= inputs; k += LINE) {
    UNROLL for (size_t o = 0; o < outputs; o++) __builtin_prefetch(weights + (o + AHEAD) * inputs + k);
    UNROLL for (size_t i = 0; i < LINE; i += LANES)
      add_products(sums, weights + k + i, x + k + i, outputs, rows, inputs, LANES);
  }
  for (; k + LANES <= inputs; k += LANES) add_products(sums, weights + k, x + k, outputs, rows, inputs, LANES);
  if (k < inputs) add_products(sums, weights + k, x + k, outputs, rows, inputs, inputs - k);
  UNROLL for (size_t o = 0; o < outputs; o++)
    UNROLL for (size_t r = 0; r < rows; r++) {
      float *target = y + r * matrix->outputs + first + o;
      float base = matrix->adds ? *target : matrix->bias ? matrix->bias[first + o] : 0;
      *target = base + sum(&sums[o * rows + r]);
    }
}

NARRATE_CLONES
void narrate_half_product(const narrate_half_matrix *matrix, const float *restrict x, float *restrict y, size_t rows,
                          size_t first, size_t end) {
  // A group's weights stay in the first cache for all rows.
  for (; first < end; first += GROUP) {
    size_t last = end - first < GROUP ? end : first + GROUP;
    for (size_t r = 0, count; r < rows; r += count) {
      const float *input = x + r * matrix->inputs;
      float *output = y + r * matrix->outputs;
      size_t o = first;
      count = rows - r >= 6 ? 6 : rows - r >= 3 ? 3 : rows - r;
      for (; count == 6 && o + 2 <= last; o += 2) block_product(matrix, o, input, output, 2, 6);
      for (; count == 3 && o + 3 <= last; o += 3) block_product(matrix, o, input, output, 3, 3);
      for (; count == 2 && o + 4 <= last; o += 4) block_product(matrix, o, input, output, 4, 2);
      for (; count == 1 && o + 6 <= last; o += 6) block_product(matrix, o, input, output, 6, 1);
      for (; o < last; o++)
        for (size_t i = 0; i < count; i++)
          block_product(matrix, o, input + i * matrix->inputs, output + i * matrix->outputs, 1, 1);
    }
  }
}
