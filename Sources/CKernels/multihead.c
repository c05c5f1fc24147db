#include <math.h>

#include "CKernels.h"
#include "elementary.h"

NARRATE_CLONES
void narrate_multihead_forward(const narrate_multihead *attention, size_t rows, const float *restrict query,
                               float *restrict weights, float *restrict context) {
  NARRATE_FAST_SUMS
  size_t heads = attention->heads, width = attention->width, most = attention->most, all = heads * width;
  float scale = 1 / sqrtf((float)width);
  for (size_t i = 0; i < rows; i++) {
    const int32_t *entries = attention->entries + attention->first[i];
    size_t count = (size_t)attention->count[i];
    const float *restrict q = query + i * all;
    float *restrict w = weights + i * heads * most, *restrict c = context + i * all;
    for (size_t e = 0; e < count; e++) {
      const float *restrict k = attention->keys + (size_t)entries[e] * all;
      for (size_t h = 0; h < heads; h++) {
        float dot = 0;
        for (size_t a = h * width; a < (h + 1) * width; a++) dot += q[a] * k[a];
        w[h * most + e] = dot * scale;
      }
    }
    for (size_t h = 0; h < heads; h++) {
      float *restrict x = w + h * most;
      softmax(x, count);
      for (size_t e = count; e < most; e++) x[e] = 0;
    }
    for (size_t a = 0; a < all; a++) c[a] = 0;
    for (size_t e = 0; e < count; e++) {
      const float *restrict v = attention->values + (size_t)entries[e] * all;
      for (size_t h = 0; h < heads; h++) {
        float share = w[h * most + e];
        for (size_t a = h * width; a < (h + 1) * width; a++) c[a] += share * v[a];
      }
    }
  }
}

NARRATE_CLONES
void narrate_multihead_backward(const narrate_multihead *attention, size_t rows, const float *restrict query,
                                const float *restrict weights, const float *restrict context_gradient,
                                float *restrict scores, float *restrict query_gradient, float *restrict keys_gradient,
                                float *restrict values_gradient) {
  NARRATE_FAST_SUMS
  size_t heads = attention->heads, width = attention->width, most = attention->most, all = heads * width;
  float scale = 1 / sqrtf((float)width);
  for (size_t i = 0; i < rows; i++) {
    const int32_t *entries = attention->entries + attention->first[i];
    size_t count = (size_t)attention->count[i];
    for (size_t h = 0; h < heads; h++) {
      size_t place = i * all + h * width;
      const float *restrict q = query + place, *restrict dc = context_gradient + place;
      const float *restrict w = weights + (i * heads + h) * most;
      float *restrict dq = query_gradient + place;
      float mean = 0;
      for (size_t e = 0; e < count; e++) {
        size_t entry = (size_t)entries[e] * all + h * width;
        const float *restrict v = attention->values + entry;
        float *restrict dv = values_gradient + entry;
        float dot = 0;
        for (size_t a = 0; a < width; a++) {
          dot += v[a] * dc[a];
          dv[a] += w[e] * dc[a];
        }
        scores[e] = dot;
        mean += w[e] * dot;
      }
      for (size_t a = 0; a < width; a++) dq[a] = 0;
      for (size_t e = 0; e < count; e++) {
        size_t entry = (size_t)entries[e] * all + h * width;
        const float *restrict k = attention->keys + entry;
        float *restrict dk = keys_gradient + entry;
        float g = w[e] * (scores[e] - mean) * scale;
        for (size_t a = 0; a < width; a++) {
          dq[a] += g * k[a];
          dk[a] += g * q[a];
        }
      }
    }
  }
}

NARRATE_CLONES
void narrate_layer_norm_forward(const float *restrict x, const float *restrict weight, const float *restrict bias,
                                float *restrict y, float *restrict statistics, size_t rows, size_t columns,
                                float epsilon) {
  NARRATE_FAST_SUMS
  for (size_t r = 0; r < rows; r++) {
    const float *restrict from = x + r * columns;
    float *restrict to = y + r * columns, sum = 0, squares = 0;
    for (size_t j = 0; j < columns; j++) sum += from[j];
    float mean = sum / (float)columns;
    for (size_t j = 0; j < columns; j++) squares += (from[j] - mean) * (from[j] - mean);
    float inverse = 1 / sqrtf(squares / (float)columns + epsilon);
    for (size_t j = 0; j < columns; j++) to[j] = (from[j] - mean) * inverse * weight[j] + bias[j];
    statistics[2 * r] = mean;
    statistics[2 * r + 1] = inverse;
  }
}

NARRATE_CLONES
void narrate_layer_norm_backward(const float *restrict x, const float *restrict statistics,
                                 const float *restrict weight, const float *restrict dy, float *restrict dx,
                                 float *restrict dweight, float *restrict dbias, size_t rows, size_t columns) {
  NARRATE_FAST_SUMS
  for (size_t r = 0; r < rows; r++) {
    const float *restrict from = x + r * columns, *restrict slope = dy + r * columns;
    float *restrict to = dx + r * columns, mean = statistics[2 * r], inverse = statistics[2 * r + 1];
    float sum = 0, projected = 0;
    for (size_t j = 0; j < columns; j++) {
      float normal = (from[j] - mean) * inverse, g = slope[j] * weight[j];
      sum += g;
      projected += g * normal;
      dweight[j] += slope[j] * normal;
      dbias[j] += slope[j];
    }
    sum /= (float)columns;
    projected /= (float)columns;
    for (size_t j = 0; j < columns; j++) {
      float normal = (from[j] - mean) * inverse;
      to[j] += (slope[j] * weight[j] - sum - normal * projected) * inverse;
    }
  }
}
