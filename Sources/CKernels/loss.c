#include <math.h>

#include "CKernels.h"
#include "elementary.h"

// The largest logit and the sum of e^(logit - largest).
static inline __attribute__((always_inline)) float row_sum(const float *x, size_t columns, float *top) {
  NARRATE_FAST_SUMS
  float largest = x[0], sum = 0;
  for (size_t j = 1; j < columns; j++) largest = x[j] > largest ? x[j] : largest;
  for (size_t j = 0; j < columns; j++) sum += fast_exp(x[j] - largest);
  *top = largest;
  return sum;
}

NARRATE_CLONES
void narrate_log_softmax(float *logits, size_t rows, size_t columns) {
  for (size_t r = 0; r < rows; r++) {
    float *x = logits + r * columns, top;
    float logarithm = logf(row_sum(x, columns, &top));
    for (size_t j = 0; j < columns; j++) x[j] = x[j] - top - logarithm;
  }
}

NARRATE_CLONES
double narrate_cross_entropy(float *logits, const int32_t *targets, const float *weights, size_t rows, size_t columns,
                             float smoothing, float scale) {
  NARRATE_FAST_SUMS
  double loss = 0;
  float share = smoothing / (float)columns;
  for (size_t r = 0; r < rows; r++) {
    float *x = logits + r * columns, top, mean = 0;
    float sum = row_sum(x, columns, &top), shift = logf(sum) + top, inverse = 1 / sum;
    float right = x[targets[r]], weight = weights ? weights[r] : 1, factor = scale * weight;
    for (size_t j = 0; j < columns; j++) {
      mean += x[j];
      x[j] = factor * (fast_exp(x[j] - top) * inverse - share);
    }
    x[targets[r]] -= factor * (1 - smoothing);
    loss += (double)weight * (double)(shift - (1 - smoothing) * right - share * mean);
  }
  return loss;
}

// Sums are by blocks: the one that holds the drawn index is found by them, and only that is gone through singly.
enum { draw_block = 256 };

static inline __attribute__((always_inline)) float block_sum(const float *x, size_t count) {
  NARRATE_FAST_SUMS
  float sum = 0;
  for (size_t j = 0; j < count; j++) sum += x[j];
  return sum;
}

NARRATE_CLONES
size_t narrate_draw(float *logits, size_t columns, float uniform, float *logarithm) {
  float top = logits[0], total = 0;
  for (size_t j = 1; j < columns; j++) top = logits[j] > top ? logits[j] : top;
  for (size_t j = 0; j < columns; j++) {
    float x = logits[j], e = fast_exp(x - top);
    logits[j] = x == -INFINITY ? 0 : e;
  }
  for (size_t first = 0; first < columns; first += draw_block) {
    total += block_sum(logits + first, columns - first < draw_block ? columns - first : draw_block);
  }
  // Where rounding lets the sums fall short of what is left, it is the last index that can be drawn.
  float left = uniform * total, rest = left;
  size_t begin = 0, drawn = 0;
  for (size_t first = 0; first < columns; first += draw_block) {
    float sum = block_sum(logits + first, columns - first < draw_block ? columns - first : draw_block);
    if (sum > 0) {
      begin = first;
      rest = left;
      if (left < sum) break;
    }
    left -= sum;
  }
  for (size_t j = begin; j < columns && j < begin + draw_block; j++) {
    if (logits[j] > 0) drawn = j;
    if (rest < logits[j]) break;
    rest -= logits[j];
  }
  *logarithm = logf(logits[drawn] / total);
  return drawn;
}

NARRATE_CLONES
void narrate_log_mean_exp(const float *restrict x, float *restrict pooled, size_t rows, size_t columns, float sharpness) {
  // Blocks of columns stay in registers while the rows go by.
  enum { block = 16 };
  for (size_t first = 0; first < columns; first += block) {
    const size_t width = columns - first < block ? columns - first : block;
    float top[block], sum[block];
    for (size_t j = 0; j < width; j++) top[j] = x[first + j];
    for (size_t i = 1; i < rows; i++)
      for (size_t j = 0; j < width; j++) {
        const float value = x[i * columns + first + j];
        top[j] = value > top[j] ? value : top[j];
      }
    for (size_t j = 0; j < width; j++) sum[j] = 0;
    for (size_t i = 0; i < rows; i++)
      for (size_t j = 0; j < width; j++) sum[j] += fast_exp(sharpness * (x[i * columns + first + j] - top[j]));
    for (size_t j = 0; j < width; j++) pooled[first + j] = top[j] + logf(sum[j] / (float)rows) / sharpness;
  }
}

NARRATE_CLONES
void narrate_grid_pooling_backward(float *restrict x, const float *restrict sharp, const float *restrict gradient,
                                   size_t rows, size_t columns, float sharpness) {
  const float share = 0.5f / (float)rows;
  for (size_t i = 0; i < rows; i++)
    for (size_t j = 0; j < columns; j++)
      x[i * columns + j] = gradient[j] * share * (1 + fast_exp(sharpness * (x[i * columns + j] - sharp[j])));
}
