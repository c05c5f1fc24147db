#include <string.h>

#include "CKernels.h"
#include "elementary.h"

// Lavin and Gray (2016), F(4 x 4, 3 x 3): the interpolation points are 0, 1, -1, 2, -2 and infinity. Six rows of two
// sums, two vectors of weights and a factor fit the sixteen registers of AVX2.
enum { LANES = NARRATE_WINOGRAD_LANES, PANEL = NARRATE_WINOGRAD_PANEL, VECTORS = PANEL / LANES, ROWS = 6 };
enum { SIDE = 4, REACH = SIDE + 2, POSITIONS = REACH * REACH };
_Static_assert(POSITIONS == NARRATE_WINOGRAD_POSITIONS, "the number of positions is part of the layout");
typedef float floats __attribute__((vector_size(4 * LANES)));

// Eight floats wherever they lie. A function that returned them would have another ABI for each instruction set.
typedef float floats_at __attribute__((vector_size(4 * LANES), aligned(4), may_alias));
#define AT(pointer) (*(floats_at *)(pointer))
#define FROM(pointer) (*(const floats_at *)(pointer))

// B' d, for one column of d.
static inline __attribute__((always_inline)) void to_points(const floats d[REACH], floats out[REACH]) {
  floats even = d[4] - 4 * d[2], odd = d[3] - 4 * d[1], far = d[4] - d[2], wide = 2 * (d[3] - d[1]);
  out[0] = 4 * d[0] - 5 * d[2] + d[4];
  out[1] = even + odd;
  out[2] = even - odd;
  out[3] = far + wide;
  out[4] = far - wide;
  out[5] = 4 * d[1] - 5 * d[3] + d[5];
}

// A' m, for one column of m.
static inline __attribute__((always_inline)) void from_points(const floats m[REACH], floats out[SIDE]) {
  floats sum1 = m[1] + m[2], difference1 = m[1] - m[2], sum2 = m[3] + m[4], difference2 = m[3] - m[4];
  out[0] = m[0] + sum1 + sum2;
  out[1] = difference1 + 2 * difference2;
  out[2] = sum1 + 4 * sum2;
  out[3] = difference1 + 8 * difference2 + m[5];
}

// B' d B.
static inline __attribute__((always_inline)) void transform(const floats d[REACH][REACH], float *into, size_t step) {
  floats half[REACH][REACH];  // [column][point]
  for (int x = 0; x < REACH; x++) {
    floats column[REACH];
    for (int y = 0; y < REACH; y++) column[y] = d[y][x];
    to_points(column, half[x]);
  }
  for (int i = 0; i < REACH; i++) {
    floats row[REACH], out[REACH];
    for (int x = 0; x < REACH; x++) row[x] = half[x][i];
    to_points(row, out);
    for (int j = 0; j < REACH; j++) AT(into + (size_t)(i * REACH + j) * step) = out[j];
  }
}

// G g G' in double precision, for a panel of outputs at a time.
typedef double doubles __attribute__((vector_size(8 * PANEL)));
typedef float panel_at __attribute__((vector_size(4 * PANEL), aligned(4), may_alias));

static inline __attribute__((always_inline)) void weights_to_points(const doubles g[3], doubles out[REACH]) {
  doubles outer = (g[0] + g[2]) / 6, wide = g[0] / 24 + g[2] / 6;
  out[0] = g[0] / 4;
  out[1] = -outer - g[1] / 6;
  out[2] = -outer + g[1] / 6;
  out[3] = wide + g[1] / 12;
  out[4] = wide - g[1] / 12;
  out[5] = g[2];
}

NARRATE_CLONES
void narrate_winograd_weights(const float *weights, size_t outputs, size_t output_step, float *restrict points,
                              size_t step) {
  doubles half[3][REACH];  // [column][point]
  for (int x = 0; x < 3; x++) {
    doubles column[3] = {{0}};
    for (int y = 0; y < 3; y++)
      for (size_t o = 0; o < outputs; o++) column[y][o] = weights[o * output_step + (size_t)(y * 3 + x)];
    weights_to_points(column, half[x]);
  }
  for (int i = 0; i < REACH; i++) {
    doubles row[3] = {half[0][i], half[1][i], half[2][i]}, out[REACH];
    weights_to_points(row, out);
    for (int j = 0; j < REACH; j++)
      *(panel_at *)(points + (size_t)(i * REACH + j) * step) = __builtin_convertvector(out[j], panel_at);
  }
}

NARRATE_CLONES
void narrate_winograd_input(const narrate_winograd_plane *plane, const float *source, size_t first, size_t count,
                            float *restrict points, size_t step) {
  size_t across = (plane->width + SIDE - 1) / SIDE, pixel = plane->pixel, line = plane->width * pixel;
  if (!source) {
    for (size_t position = 0; position < POSITIONS; position++)
      memset(points + position * step, 0, count * LANES * sizeof(float));
    return;
  }
  for (size_t tile = first; tile < first + count; tile++, points += LANES) {
    ptrdiff_t top = (ptrdiff_t)(tile / across * SIDE) - 1, left = (ptrdiff_t)(tile % across * SIDE) - 1;
    floats d[REACH][REACH];
    if (top >= 0 && left >= 0 && top + REACH <= (ptrdiff_t)plane->height && left + REACH <= (ptrdiff_t)plane->width) {
      const float *corner = source + (size_t)top * line + (size_t)left * pixel;
      for (size_t y = 0; y < REACH; y++)
        for (size_t x = 0; x < REACH; x++) d[y][x] = FROM(corner + y * line + x * pixel);
    } else {
      for (ptrdiff_t y = 0; y < REACH; y++)
        for (ptrdiff_t x = 0; x < REACH; x++) {
          int inside = top + y >= 0 && left + x >= 0 && top + y < (ptrdiff_t)plane->height &&
                       left + x < (ptrdiff_t)plane->width;
          d[y][x] = inside ? FROM(source + (size_t)(top + y) * line + (size_t)(left + x) * pixel) : (floats){0};
        }
    }
    transform(d, points, step);
  }
}

// `rows`, at most ROWS, is a constant wherever this is inlined: the sums stay in registers.
static inline __attribute__((always_inline)) void rows_product(const narrate_winograd_product *p, const float *points,
                                                               const float *restrict weights, float *restrict products,
                                                               size_t rows) {
  floats sums[ROWS][VECTORS] = {0};
  for (size_t tap = 0; tap < p->taps; tap++) {
    const float *x = points + tap * p->tap_step;
    for (size_t block = 0; block < p->blocks; block++, x += p->block_step) {
      // The next rows, which come from an outer cache and are too scattered for the processor to foresee.
      for (size_t ahead = ROWS * LANES; ahead < 2 * ROWS * LANES; ahead += 16) __builtin_prefetch(x + ahead);
      for (size_t lane = 0; lane < LANES; lane++, weights += PANEL) {
        floats w[VECTORS];
        for (size_t v = 0; v < VECTORS; v++) w[v] = FROM(weights + v * LANES);
        for (size_t r = 0; r < rows; r++)
          for (size_t v = 0; v < VECTORS; v++) sums[r][v] += w[v] * x[r * LANES + lane];
      }
    }
  }
  for (size_t r = 0; r < rows; r++)
    for (size_t v = 0; v < VECTORS; v++) AT(products + r * POSITIONS * PANEL + v * LANES) = sums[r][v];
}

NARRATE_CLONES
void narrate_winograd_multiply(const narrate_winograd_product *p, const float *points, const float *restrict weights,
                               float *restrict products) {
  for (size_t position = 0; position < POSITIONS; position++) {
    const float *x = points + position * p->position_step;
    const float *w = weights + position * p->taps * p->blocks * LANES * PANEL;
    float *y = products + position * PANEL;
    size_t row = 0;
    for (; row + ROWS <= p->rows; row += ROWS) rows_product(p, x + row * LANES, w, y + row * POSITIONS * PANEL, ROWS);
    x += row * LANES;
    y += row * POSITIONS * PANEL;
    switch (p->rows - row) {
      case 1: rows_product(p, x, w, y, 1); break;
      case 2: rows_product(p, x, w, y, 2); break;
      case 3: rows_product(p, x, w, y, 3); break;
      case 4: rows_product(p, x, w, y, 4); break;
      case 5: rows_product(p, x, w, y, 5); break;
    }
  }
}

NARRATE_CLONES
void narrate_winograd_output(const narrate_winograd_plane *plane, const float *restrict products, const float *bias,
                             float least, float greatest, size_t first, size_t count, float *restrict destination) {
  size_t across = (plane->width + SIDE - 1) / SIDE, pixel = plane->pixel, line = plane->width * pixel;
  floats add = FROM(bias), low = (floats){0} + least, high = (floats){0} + greatest;
  for (size_t tile = first; tile < first + count; tile++, products += POSITIONS * PANEL) {
    size_t top = tile / across * SIDE, left = tile % across * SIDE;
    size_t height = plane->height - top, width = plane->width - left;
    floats half[REACH][SIDE];  // [point along the row][row]
    for (int j = 0; j < REACH; j++) {
      floats column[REACH];
      for (int i = 0; i < REACH; i++) column[i] = FROM(products + (i * REACH + j) * PANEL);
      from_points(column, half[j]);
    }
    float *corner = destination + top * line + left * pixel;
    for (size_t y = 0; y < SIDE && y < height; y++) {
      floats row[REACH], out[SIDE];
      for (int j = 0; j < REACH; j++) row[j] = half[j][y];
      from_points(row, out);
      for (size_t x = 0; x < SIDE; x++) {
        floats value = out[x] + add;
        value = __builtin_elementwise_min(__builtin_elementwise_max(value, low), high);
        if (x < width) AT(corner + y * line + x * pixel) = value;
      }
    }
  }
}
