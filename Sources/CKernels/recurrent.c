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

NARRATE_CLONES
void narrate_gru_forward(float *restrict gates, const float *restrict products, const float *restrict before,
                         float *restrict hidden, size_t rows, size_t width) {
  for (size_t k = 0; k < rows; k++) {
    float *restrict r = gates + k * 3 * width, *restrict z = r + width, *restrict n = z + width;
    const float *restrict pr = products + k * 3 * width, *restrict pz = pr + width, *restrict pn = pz + width;
    const float *restrict b = before + k * width;
    float *restrict h = hidden + k * width;
    for (size_t j = 0; j < width; j++) {
      r[j] = fast_sigmoid(r[j] + pr[j]);
      z[j] = fast_sigmoid(z[j] + pz[j]);
      n[j] = fast_tanh(n[j] + r[j] * pn[j]);
      h[j] = (1 - z[j]) * n[j] + z[j] * b[j];
    }
  }
}

NARRATE_CLONES
void narrate_gru_backward(float *restrict gates, float *restrict products, const float *restrict before,
                          float *restrict hidden_gradient, size_t rows, size_t width) {
  for (size_t k = 0; k < rows; k++) {
    float *restrict r = gates + k * 3 * width, *restrict z = r + width, *restrict n = z + width;
    float *restrict pr = products + k * 3 * width, *restrict pz = pr + width, *restrict pn = pz + width;
    const float *restrict b = before + k * width;
    float *restrict dh = hidden_gradient + k * width;
    for (size_t j = 0; j < width; j++) {
      float dn = dh[j] * (1 - z[j]) * (1 - n[j] * n[j]);
      float dz = dh[j] * (b[j] - n[j]) * z[j] * (1 - z[j]);
      float dr = dn * pn[j] * r[j] * (1 - r[j]);
      float reset = r[j];
      dh[j] *= z[j];
      r[j] = pr[j] = dr;
      z[j] = pz[j] = dz;
      n[j] = dn;
      pn[j] = dn * reset;
    }
  }
}

NARRATE_CLONES
void narrate_tanh(const float *restrict x, float *restrict y, size_t count) {
  for (size_t i = 0; i < count; i++) y[i] = fast_tanh(x[i]);
}

NARRATE_CLONES
void narrate_tanh_backward(const float *restrict y, const float *restrict y_gradient, float *restrict x_gradient,
                           size_t count) {
  for (size_t i = 0; i < count; i++) x_gradient[i] = y_gradient[i] * (1 - y[i] * y[i]);
}
