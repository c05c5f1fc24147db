// Branch-free elementary functions that a compiler can vectorise.
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#if defined(__x86_64__)
#define NARRATE_CLONES __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define NARRATE_CLONES
#endif
// Sums may be split into lanes and products fused; without this, no float sum is vectorised.
#define NARRATE_FAST_SUMS _Pragma("clang fp reassociate(on) contract(fast)")

static inline __attribute__((always_inline)) uint32_t bits_of(float x) {
  uint32_t u;
  memcpy(&u, &x, sizeof u);
  return u;
}

static inline __attribute__((always_inline)) float float_of(uint32_t u) {
  float x;
  memcpy(&x, &u, sizeof x);
  return x;
}

static inline __attribute__((always_inline)) float clamp(float x, float low, float high) {
  x = x < low ? low : x;
  return x > high ? high : x;
}

// e^x to about 2 ulp: x = n ln 2 + r, |r| <= ln 2 / 2, and a degree-6 polynomial in r (Cephes expf). x is clamped
// to the range of normal floats.
static inline __attribute__((always_inline)) float fast_exp(float x) {
  x = clamp(x, -87.0f, 88.0f);
  float shifted = x * 1.44269504f + 12582912.0f;  // 1.5 * 2^23: the sum's low bits are the rounded integer
  float n = shifted - 12582912.0f;
  float r = x - n * 0.693359375f + n * 2.12194440e-4f;
  float p = 1.9875691500e-4f;
  p = p * r + 1.3981999507e-3f;
  p = p * r + 8.3334519073e-3f;
  p = p * r + 4.1665795894e-2f;
  p = p * r + 1.6666665459e-1f;
  p = p * r + 5.0000001201e-1f;
  p = p * r * r + r + 1.0f;
  return float_of(bits_of(p) + (bits_of(shifted) << 23));
}

// tanh x to about 5 ulp: a rational minimax approximation, odd of degree 13 over even of degree 6, on |x| <= 7.9,
// beyond which tanh is 1 in single precision.
static inline __attribute__((always_inline)) float fast_tanh(float x) {
  x = clamp(x, -7.90531110763549805f, 7.90531110763549805f);
  float s = x * x;
  float p = -2.76076847742355e-16f;
  p = p * s + 2.00018790482477e-13f;
  p = p * s + -8.60467152213735e-11f;
  p = p * s + 5.12229709037114e-08f;
  p = p * s + 1.48572235717979e-05f;
  p = p * s + 6.37261928875436e-04f;
  p = p * s + 4.89352455891786e-03f;
  float q = 1.19825839466702e-06f;
  q = q * s + 1.18534705686654e-04f;
  q = q * s + 2.26843463243900e-03f;
  q = q * s + 4.89352518554385e-03f;
  return x * p / q;
}

static inline __attribute__((always_inline)) float fast_sigmoid(float x) {
  return 0.5f * fast_tanh(0.5f * x) + 0.5f;
}

// x ← e^x / Σ e^x.
static inline __attribute__((always_inline)) void softmax(float *x, size_t count) {
  NARRATE_FAST_SUMS
  float top = x[0], sum = 0;
  for (size_t i = 1; i < count; i++) top = x[i] > top ? x[i] : top;
  for (size_t i = 0; i < count; i++) {
    x[i] = fast_exp(x[i] - top);
    sum += x[i];
  }
  float inverse = 1 / sum;
  for (size_t i = 0; i < count; i++) x[i] *= inverse;
}
