#include "CKernels.h"
#include "elementary.h"

// The cells of a row's image.
typedef struct {
  size_t first, count;
} cells;
static inline cells cells_of(const narrate_attention *attention, size_t row) {
  size_t image = (size_t)attention->image[row];
  if (!attention->first) return (cells){image * attention->positions, attention->positions};
  size_t first = (size_t)attention->first[image];
  return (cells){first, (size_t)attention->first[image + 1] - first};
}

// Within e^±40, so that no product of two overflows: there tanh is ±1.
NARRATE_CLONES
void narrate_exponentiate_twice(float *values, size_t count) {
  for (size_t i = 0; i < count; i++) values[i] = fast_exp(clamp(2 * values[i], -40, 40));
}

NARRATE_CLONES
void narrate_attention_forward(const narrate_attention *attention, size_t rows, const float *restrict query,
                               float *restrict weights, float *restrict context) {
  NARRATE_FAST_SUMS
  size_t positions = attention->positions, width = attention->width, depth = attention->values_width;
  const float *restrict score = attention->score;
  for (size_t i = 0; i < rows; i++) {
    cells grid = cells_of(attention, i);
    const float *restrict keys = attention->keys + grid.first * width;
    const float *restrict values = attention->values + grid.first * depth;
    const float *restrict q = query + i * width;
    float *restrict w = weights + i * positions, *restrict c = context + i * depth;
    for (size_t l = 0; l < grid.count; l++) {
      const float *restrict k = keys + l * width;
      float rest = 0;
      for (size_t a = 0; a < width; a++) rest += score[a] / (1 + k[a] * q[a]);
      w[l] = -2 * rest;  // but for the sum of the scores, which softmax does not see
    }
    softmax(w, grid.count);
    for (size_t l = grid.count; l < positions; l++) w[l] = 0;
    for (size_t p = 0; p < depth; p++) c[p] = 0;
    for (size_t l = 0; l < grid.count; l++) {
      const float *restrict v = values + l * depth;
      for (size_t p = 0; p < depth; p++) c[p] += w[l] * v[p];
    }
  }
}

NARRATE_CLONES
void narrate_attention_backward(const narrate_attention *attention, size_t rows, const float *restrict query,
                                const float *restrict weights, const float *restrict context_gradient,
                                float *restrict weights_gradient, float *restrict keys_gradient,
                                float *restrict values_gradient, float *restrict query_gradient,
                                float *restrict score_gradient) {
  NARRATE_FAST_SUMS
  size_t positions = attention->positions, width = attention->width, depth = attention->values_width;
  const float *restrict score = attention->score;
  for (size_t i = 0; i < rows; i++) {
    cells grid = cells_of(attention, i);
    const float *restrict keys = attention->keys + grid.first * width;
    const float *restrict values = attention->values + grid.first * depth;
    float *restrict dkeys = keys_gradient + grid.first * width;
    float *restrict dvalues = values_gradient + grid.first * depth;
    const float *restrict q = query + i * width, *restrict w = weights + i * positions;
    const float *restrict dc = context_gradient + i * depth;
    float *restrict dw = weights_gradient + i * positions, *restrict dq = query_gradient + i * width;
    float mean = 0;
    for (size_t l = 0; l < grid.count; l++) {
      const float *restrict v = values + l * depth;
      float *restrict dv = dvalues + l * depth;
      float dot = 0;
      for (size_t p = 0; p < depth; p++) {
        dot += v[p] * dc[p];
        dv[p] += w[l] * dc[p];
      }
      dw[l] += dot;
      mean += w[l] * dw[l];
    }
    for (size_t a = 0; a < width; a++) dq[a] = 0;
    for (size_t l = 0; l < grid.count; l++) {
      const float *restrict k = keys + l * width;
      float *restrict dk = dkeys + l * width;
      float energy_gradient = w[l] * (dw[l] - mean);
      for (size_t a = 0; a < width; a++) {
        float t = 1 - 2 / (1 + k[a] * q[a]);
        float g = energy_gradient * score[a] * (1 - t * t);
        dk[a] += g;
        dq[a] += g;
        score_gradient[a] += energy_gradient * t;
      }
    }
  }
}

NARRATE_CLONES
void narrate_scale_rows(const float *restrict context, const float *restrict gate, float *restrict scaled, size_t rows,
                        size_t columns) {
  for (size_t i = 0; i < rows; i++)
    for (size_t p = 0; p < columns; p++) scaled[i * columns + p] = gate[i] * context[i * columns + p];
}

NARRATE_CLONES
void narrate_scale_rows_backward(const float *restrict context, const float *restrict gate,
                                 float *restrict scaled_gradient, float *restrict gate_gradient, size_t rows,
                                 size_t columns) {
  NARRATE_FAST_SUMS
  for (size_t i = 0; i < rows; i++) {
    const float *restrict c = context + i * columns;
    float *restrict d = scaled_gradient + i * columns;
    float dot = 0;
    for (size_t p = 0; p < columns; p++) {
      dot += c[p] * d[p];
      d[p] *= gate[i];
    }
    gate_gradient[i] = dot * gate[i] * (1 - gate[i]);
  }
}
