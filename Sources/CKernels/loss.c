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
double narrate_cross_entropy(float *logits, const int32_t *targets, size_t rows, size_t columns, float smoothing,
                             float scale) {
  NARRATE_FAST_SUMS
  double loss = 0;
  float share = smoothing / (float)columns;
  for (size_t r = 0; r < rows; r++) {
    float *x = logits + r * columns, top, mean = 0;
    float sum = row_sum(x, columns, &top), shift = logf(sum) + top, inverse = 1 / sum;
    float right = x[targets[r]];
    for (size_t j = 0; j < columns; j++) {
      mean += x[j];
      x[j] = scale * (fast_exp(x[j] - top) * inverse - share);
    }
    x[targets[r]] -= scale * (1 - smoothing);
    loss += (double)(shift - (1 - smoothing) * right - share * mean);
  }
  return loss;
}
