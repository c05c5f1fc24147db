#include "CKernels.h"
#include "elementary.h"

NARRATE_CLONES
void narrate_lstm_forward(float *restrict gates, const float *cell_before, float *cell, float *restrict hidden,
                          size_t rows, size_t width) {
  for (size_t r = 0; r < rows; r++) {
    float *restrict i = gates + r * 4 * width, *restrict f = i + width, *restrict g = f + width, *restrict o = g + width;
    const float *before = cell_before + r * width;
    float *c = cell + r * width, *restrict h = hidden + r * width;
#pragma clang loop vectorize(assume_safety)
    for (size_t j = 0; j < width; j++) {
      i[j] = fast_sigmoid(i[j]);
      f[j] = fast_sigmoid(f[j]);
      g[j] = fast_tanh(g[j]);
      o[j] = fast_sigmoid(o[j]);
      c[j] = f[j] * before[j] + i[j] * g[j];
      h[j] = o[j] * fast_tanh(c[j]);
    }
  }
}

NARRATE_CLONES
void narrate_lstm_backward(float *restrict gates, const float *restrict cell_before, const float *restrict cell,
                           const float *restrict hidden_gradient, float *restrict cell_gradient, size_t rows,
                           size_t width) {
  for (size_t r = 0; r < rows; r++) {
    float *restrict i = gates + r * 4 * width, *restrict f = i + width, *restrict g = f + width, *restrict o = g + width;
    const float *restrict before = cell_before + r * width, *restrict c = cell + r * width;
    const float *restrict dh = hidden_gradient + r * width;
    float *restrict dc = cell_gradient + r * width;
    for (size_t j = 0; j < width; j++) {
      float t = fast_tanh(c[j]);
      float d = dc[j] + dh[j] * o[j] * (1 - t * t);
      float di = d * g[j] * i[j] * (1 - i[j]);
      float df = d * before[j] * f[j] * (1 - f[j]);
      float dg = d * i[j] * (1 - g[j] * g[j]);
      float dout = dh[j] * t * o[j] * (1 - o[j]);
      dc[j] = d * f[j];
      i[j] = di;
      f[j] = df;
      g[j] = dg;
      o[j] = dout;
    }
  }
}
