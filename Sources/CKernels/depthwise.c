#include <stddef.h>
#include <string.h>

#include "CKernels.h"
#include "elementary.h"

// Channels go in blocks of four vectors: as many sums as hide the latency of a multiplication. Within a row the block
// is the outer loop, so that its weights stay in the first-level cache.
enum { LANES = NARRATE_DEPTHWISE_LANES, VECTORS = NARRATE_DEPTHWISE_BLOCK / LANES };
typedef float floats __attribute__((vector_size(4 * LANES)));
typedef float floats_at __attribute__((vector_size(4 * LANES), aligned(4), may_alias));
#define AT(pointer) (*(floats_at *)(pointer))
#define FROM(pointer) (*(const floats_at *)(pointer))
#define INLINE static inline __attribute__((always_inline))

// The whole numbers from `first` until before `end`.
typedef struct {
  ptrdiff_t first, end;
} range;

// Which of `kernel` places of a window that begins at `start` are within `size`.
INLINE range inside(ptrdiff_t start, size_t kernel, size_t size) {
  ptrdiff_t end = (ptrdiff_t)size - start;
  return (range){start < 0 ? -start : 0, end < (ptrdiff_t)kernel ? end : (ptrdiff_t)kernel};
}

// Which windows have their place `part` within `size`: those from ceil((before - part) / stride) on.
INLINE range windows(size_t part, size_t before, size_t stride, size_t size, size_t count) {
  size_t first = before > part ? (before - part + stride - 1) / stride : 0;
  size_t end = size + before > part ? (size + before - part + stride - 1) / stride : 0;
  return (range){(ptrdiff_t)first, (ptrdiff_t)(end < count ? end : count)};
}

// One row of a block of channels; `x` is the picture's and `w` the weights' first value of the block.
INLINE void filter_row(const narrate_depthwise *d, const float *x, const float *w, const float *bias, float *y,
                       ptrdiff_t top, const int vectors) {
  ptrdiff_t channels = (ptrdiff_t)d->channels;
  range rows = inside(top, d->kernel, d->height);
  for (size_t column = 0; column < d->columns; column++) {
    ptrdiff_t left = (ptrdiff_t)(column * d->stride) - (ptrdiff_t)d->left;
    range columns = inside(left, d->kernel, d->width);
    floats sums[VECTORS];
    for (int v = 0; v < vectors; v++) sums[v] = FROM(bias + LANES * v);
    for (ptrdiff_t ky = rows.first; ky < rows.end; ky++)
      for (ptrdiff_t kx = columns.first; kx < columns.end; kx++) {
        const float *from = x + ((top + ky) * (ptrdiff_t)d->width + left + kx) * channels;
        const float *by = w + (ky * (ptrdiff_t)d->kernel + kx) * channels;
        for (int v = 0; v < vectors; v++) sums[v] += FROM(from + LANES * v) * FROM(by + LANES * v);
      }
    float *to = y + (ptrdiff_t)column * channels;
    for (int v = 0; v < vectors; v++)
      AT(to + LANES * v) = __builtin_elementwise_min(__builtin_elementwise_max(sums[v], (floats){0}), (floats){0} + 6);
  }
}

NARRATE_CLONES
void narrate_depthwise_relu6(const narrate_depthwise *depthwise, const float *x, const float *weights,
                             const float *bias, float *y, size_t first, size_t end) {
  narrate_depthwise d = *depthwise;
  for (size_t i = first; i < end; i++) {
    const float *picture = x + i / d.rows * d.height * d.width * d.channels;
    ptrdiff_t top = (ptrdiff_t)(i % d.rows * d.stride) - (ptrdiff_t)d.top;
    float *row = y + i * d.columns * d.channels;
    size_t c = 0;
    for (; c + LANES * VECTORS <= d.channels; c += LANES * VECTORS)
      filter_row(&d, picture + c, weights + c, bias + c, row + c, top, VECTORS);
    for (; c < d.channels; c += LANES) filter_row(&d, picture + c, weights + c, bias + c, row + c, top, 1);
  }
}

// Which places of the windows along an axis reach a position: every `stride`th of them.
INLINE range reaching(size_t position, size_t before, size_t kernel, size_t stride, size_t count) {
  size_t place = position + before, least = place % stride;  // the place in window 0, and in the last that it can be in
  if (place >= count * stride) least = place - (count - 1) * stride;
  return (range){(ptrdiff_t)least, (ptrdiff_t)(place < kernel ? place + 1 : kernel)};
}

INLINE void spread_row(const narrate_depthwise *d, const float *dy, const float *w, float *dx, size_t row,
                       const int vectors) {
  ptrdiff_t channels = (ptrdiff_t)d->channels, stride = (ptrdiff_t)d->stride;
  range rows = reaching(row, d->top, d->kernel, d->stride, d->rows);
  for (size_t column = 0; column < d->width; column++) {
    range columns = reaching(column, d->left, d->kernel, d->stride, d->columns);
    floats sums[VECTORS];
    for (int v = 0; v < vectors; v++) sums[v] = (floats){0};
    for (ptrdiff_t ky = rows.first; ky < rows.end; ky += stride)
      for (ptrdiff_t kx = columns.first; kx < columns.end; kx += stride) {
        ptrdiff_t y = ((ptrdiff_t)(row + d->top) - ky) / stride, x = ((ptrdiff_t)(column + d->left) - kx) / stride;
        const float *from = dy + (y * (ptrdiff_t)d->columns + x) * channels;
        const float *by = w + (ky * (ptrdiff_t)d->kernel + kx) * channels;
        for (int v = 0; v < vectors; v++) sums[v] += FROM(from + LANES * v) * FROM(by + LANES * v);
      }
    float *to = dx + (ptrdiff_t)column * channels;
    for (int v = 0; v < vectors; v++) AT(to + LANES * v) = sums[v];
  }
}

NARRATE_CLONES
void narrate_depthwise_backward_data(const narrate_depthwise *depthwise, const float *dy, const float *weights,
                                     float *dx, size_t first, size_t end) {
  narrate_depthwise d = *depthwise;
  for (size_t i = first; i < end; i++) {
    const float *picture = dy + i / d.height * d.rows * d.columns * d.channels;
    float *row = dx + i * d.width * d.channels;
    size_t c = 0;
    for (; c + LANES * VECTORS <= d.channels; c += LANES * VECTORS)
      spread_row(&d, picture + c, weights + c, row + c, i % d.height, VECTORS);
    for (; c < d.channels; c += LANES) spread_row(&d, picture + c, weights + c, row + c, i % d.height, 1);
  }
}

// The row `row` of the windows, a block of channels: a sum over the columns for each place of the window.
INLINE void correlate_row(const narrate_depthwise *d, const float *x, const float *dy, float *dw, size_t row,
                          const int vectors) {
  size_t channels = d->channels;
  ptrdiff_t top = (ptrdiff_t)(row * d->stride) - (ptrdiff_t)d->top;
  range rows = inside(top, d->kernel, d->height);
  for (ptrdiff_t ky = rows.first; ky < rows.end; ky++)
    for (size_t kx = 0; kx < d->kernel; kx++) {
      range columns = windows(kx, d->left, d->stride, d->width, d->columns);
      const float *from = x + ((top + ky) * (ptrdiff_t)d->width + (ptrdiff_t)kx - (ptrdiff_t)d->left) * (ptrdiff_t)channels;
      floats sums[VECTORS];
      for (int v = 0; v < vectors; v++) sums[v] = (floats){0};
      for (ptrdiff_t column = columns.first; column < columns.end; column++) {
        const float *a = from + column * (ptrdiff_t)(d->stride * channels), *b = dy + column * (ptrdiff_t)channels;
        for (int v = 0; v < vectors; v++) sums[v] += FROM(a + LANES * v) * FROM(b + LANES * v);
      }
      float *to = dw + ((size_t)ky * d->kernel + kx) * channels;
      for (int v = 0; v < vectors; v++) AT(to + LANES * v) += sums[v];
    }
}

NARRATE_CLONES
void narrate_depthwise_backward_weights(const narrate_depthwise *depthwise, const float *x, const float *dy,
                                        float *dw, size_t first, size_t end) {
  narrate_depthwise d = *depthwise;
  for (size_t i = 0; i < d.images * d.rows; i++) {
    const float *picture = x + i / d.rows * d.height * d.width * d.channels;
    const float *row = dy + i * d.columns * d.channels;
    size_t c = first;
    for (; c + LANES * VECTORS <= end; c += LANES * VECTORS)
      correlate_row(&d, picture + c, row + c, dw + c, i % d.rows, VECTORS);
    for (; c < end; c += LANES) correlate_row(&d, picture + c, row + c, dw + c, i % d.rows, 1);
  }
}
