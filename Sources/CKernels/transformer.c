#include <math.h>

#include "CKernels.h"
#include "elementary.h"

NARRATE_CLONES
void narrate_softmax(float *x, size_t rows, size_t columns, float scale) {
  NARRATE_FAST_SUMS
  for (size_t r = 0; r < rows; r++) {
    float *restrict row = x + r * columns;
    for (size_t j = 0; j < columns; j++) row[j] *= scale;
    softmax(row, columns);
  }
}

// Abramowitz and Stegun 1964, 7.1.26: erf z = 1 - (a1 t + ... + a5 t^5) e^(-z^2), t = 1 / (1 + p z), for z >= 0.
static inline __attribute__((always_inline)) float gelu(float x) {
  float z = __builtin_elementwise_abs(x) * 0.70710678f;
  float t = 1 / (1 + 0.3275911f * z);
  float p = 1.061405429f;
  p = p * t - 1.453152027f;
  p = p * t + 1.421413741f;
  p = p * t - 0.284496736f;
  p = p * t + 0.254829592f;
  // The share beyond |x| of the normal distribution; for negative x nothing is subtracted from 1.
  float beyond = 0.5f * p * t * fast_exp(-z * z);
  return x * (x < 0 ? beyond : 1 - beyond);
}

NARRATE_CLONES
void narrate_gelu(float *x, size_t count) {
  for (size_t i = 0; i < count; i++) x[i] = gelu(x[i]);
}

NARRATE_CLONES
void narrate_quick_gelu(float *x, size_t count) {
  for (size_t i = 0; i < count; i++) x[i] = x[i] / (1 + fast_exp(-1.702f * x[i]));
}

NARRATE_CLONES
void narrate_float_to_bfloat(const float *restrict source, uint16_t *restrict destination, size_t count) {
  for (size_t i = 0; i < count; i++) {
    uint32_t value = bits_of(source[i]), rounded = (value + 0x7fffu + (value >> 16 & 1)) >> 16;
    destination[i] = (uint16_t)((value & 0x7fffffffu) > 0x7f800000u ? value >> 16 | 0x40u : rounded);
  }
}

// Steps below this are taken for none: what is so small adds nothing to any sum.
static const float LEAST_STEP = 0x1p-100f;
// The least magnitude, as bits, of what is infinite or no number.
static const uint32_t NOT_FINITE = 0x7f800000u;

NARRATE_CLONES
int32_t narrate_quantize_weights(const float *restrict row, int8_t *restrict q, float *restrict step, size_t count,
                                 float most) {
  uint32_t magnitude = 0;
  for (size_t j = 0; j < count; j++) {
    uint32_t own = bits_of(row[j]) & 0x7fffffffu;
    magnitude = own > magnitude ? own : magnitude;
  }
  if (magnitude >= NOT_FINITE) {
    // Of such a weight comes no number, as of floats.
    memset(q, 0, count);
    *step = NAN;
    return 0;
  }
  *step = float_of(magnitude) / most;
  *step = *step >= LEAST_STEP ? *step : 1;
  float inverse = 1 / *step;
  int32_t sum = 0;
  for (size_t j = 0; j < count; j++) {
    int32_t whole = (int32_t)rintf(row[j] * inverse);
    q[j] = (int8_t)whole;
    sum += whole;
  }
  return sum;
}

// Of what is compared side by side: a compiler does not reorder comparisons of floats.
enum { LANES = 16 };

NARRATE_CLONES
void narrate_quantize_rows(const float *restrict x, uint8_t *restrict q, float *restrict scales, size_t rows,
                           size_t columns) {
  for (size_t r = 0; r < rows; r++) {
    const float *restrict row = x + r * columns;
    uint8_t *restrict whole = q + r * columns;
    // Zero is among the values, so that it stays zero.
    float low = 0, high = 0, lows[LANES] = {0}, highs[LANES] = {0};
    size_t first = columns / LANES * LANES;
    uint32_t magnitude = 0;
    for (size_t j = 0; j < columns; j++) {
      uint32_t own = bits_of(row[j]) & 0x7fffffffu;
      magnitude = own > magnitude ? own : magnitude;
    }
    if (magnitude >= NOT_FINITE) {
      memset(whole, 0, columns);
      scales[2 * r] = NAN;
      scales[2 * r + 1] = 0;
      continue;
    }
    for (size_t j = 0; j < first; j += LANES)
      for (size_t lane = 0; lane < LANES; lane++) {
        float value = row[j + lane];
        lows[lane] = value < lows[lane] ? value : lows[lane];
        highs[lane] = value > highs[lane] ? value : highs[lane];
      }
    for (size_t lane = 0; lane < LANES; lane++) {
      low = lows[lane] < low ? lows[lane] : low;
      high = highs[lane] > high ? highs[lane] : high;
    }
    for (size_t j = first; j < columns; j++) {
      low = row[j] < low ? row[j] : low;
      high = row[j] > high ? row[j] : high;
    }
    float step = (high - low) / 255;
    step = step >= LEAST_STEP ? step : 1;
    float inverse = 1 / step, zero = rintf(-low * inverse);
    for (size_t j = 0; j < columns; j++) whole[j] = (uint8_t)clamp(rintf(row[j] * inverse) + zero, 0, 255);
    scales[2 * r] = step;
    scales[2 * r + 1] = zero;
  }
}

NARRATE_CLONES
void narrate_scale_sums(const int32_t *restrict sums, const float *restrict scales, const float *restrict steps,
                        const int32_t *restrict weight_sums, const float *bias, float *restrict y, size_t rows,
                        size_t columns) {
  for (size_t r = 0; r < rows; r++) {
    float step = scales[2 * r];
    int32_t zero = (int32_t)scales[2 * r + 1];
    for (size_t j = 0; j < columns; j++) {
      float value = (float)(sums[r * columns + j] - zero * weight_sums[j]) * (step * steps[j]);
      y[r * columns + j] = bias ? value + bias[j] : value;
    }
  }
}
