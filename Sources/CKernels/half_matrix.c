#include <string.h>

#include "CKernels.h"
#include "elementary.h"

// A row of nine sums of eight lanes, three factors and one vector of weights fit the sixteen registers of AVX2.
enum { LANES = 8, VECTORS = 3, BLOCK = LANES * VECTORS, ROWS = 3 };
_Static_assert(BLOCK == NARRATE_HALF_BLOCK, "the block's width is part of the layout");
typedef float floats __attribute__((vector_size(4 * LANES)));
typedef _Float16 halves __attribute__((vector_size(2 * LANES)));

void narrate_half_pack(const float *restrict weights, uint16_t *restrict packed, size_t outputs, size_t inputs) {
  for (size_t first = 0; first < outputs; first += BLOCK, packed += BLOCK * inputs) {
    size_t width = outputs - first < BLOCK ? outputs - first : BLOCK;
    for (size_t k = 0; k < inputs; k++) {
      float column[BLOCK] = {0};
      for (size_t j = 0; j < width; j++) column[j] = weights[(first + j) * inputs + k];
      narrate_float_to_half(column, packed + k * BLOCK, BLOCK);
    }
  }
}

// `rows`, at most ROWS, is a constant wherever this is inlined: the sums stay in registers.
static inline __attribute__((always_inline)) void block_product(const uint16_t *restrict weights,
                                                                const float *restrict x, float *restrict y,
                                                                size_t rows, size_t inputs, size_t outputs,
                                                                size_t width) {
  floats sums[ROWS][VECTORS] = {0};
  for (size_t k = 0; k < inputs; k++) {
    for (size_t v = 0; v < VECTORS; v++) {
      halves packed;
      memcpy(&packed, weights + k * BLOCK + v * LANES, sizeof packed);
      floats w = __builtin_convertvector(packed, floats);
      for (size_t r = 0; r < rows; r++) sums[r][v] += w * x[r * inputs + k];
    }
  }
  for (size_t r = 0; r < rows; r++) memcpy(y + r * outputs, sums[r], width * sizeof(float));
}

NARRATE_CLONES
void narrate_half_product(const uint16_t *restrict packed, const float *restrict x, float *restrict y, size_t rows,
                          size_t outputs, size_t inputs) {
  for (size_t first = 0; first < outputs; first += BLOCK, packed += BLOCK * inputs) {
    size_t width = outputs - first < BLOCK ? outputs - first : BLOCK;
    size_t r = 0;
    for (; r + ROWS <= rows; r += ROWS)
      block_product(packed, x + r * inputs, y + r * outputs + first, ROWS, inputs, outputs, width);
    if (rows - r == 2)
      block_product(packed, x + r * inputs, y + r * outputs + first, 2, inputs, outputs, width);
    else if (rows - r == 1)
      block_product(packed, x + r * inputs, y + r * outputs + first, 1, inputs, outputs, width);
  }
}
