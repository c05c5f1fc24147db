#include <math.h>

#include "CKernels.h"
#include "elementary.h"

// Floats that are not negative are ordered as their bits are: whole numbers, whose maximum a compiler can vectorise.
static inline __attribute__((always_inline)) uint32_t larger(uint32_t a, uint32_t b) { return a > b ? a : b; }
static inline __attribute__((always_inline)) float positive(float x) { return x > 0 ? x : 0; }

NARRATE_CLONES
float narrate_quantization_step(const float *restrict row, size_t inputs, size_t taps, size_t pairs) {
  uint32_t most = 0, together = 0;
  for (size_t i = 0; i < inputs * taps; i++) most = larger(most, bits_of(row[i]) & 0x7fffffffu);
  for (size_t i = 0; pairs && i + 1 < inputs; i += 2)
    for (size_t t = 0; t < taps; t++) {
      float a = row[i * taps + t], b = row[(i + 1) * taps + t];
      together = larger(together, larger(bits_of(positive(a) + positive(b)), bits_of(positive(-a) + positive(-b))));
    }
  float step = float_of(most) / 127, paired = float_of(together) / 127.4f;
  step = step > paired ? step : paired;
  // Smaller weights add nothing to any sum, and what is divided by so small a step would be infinite.
  return step >= 0x1p-100f ? step : 1;
}

NARRATE_CLONES
float narrate_quantize(const float *restrict row, float *restrict whole, size_t inputs, size_t taps, float step) {
  NARRATE_FAST_SUMS
  float sum = 0;
  if (inputs == 1) {
    float rest = 0;
    for (size_t t = 0; t < taps; t++) {
      float value = row[t] / step + rest;
      whole[t] = clamp(rintf(value), -127, 127);
      rest = value - whole[t];
      sum += whole[t];
    }
    return sum;
  }
  for (size_t i = 0; i < inputs * taps; i++) {
    whole[i] = clamp(rintf(row[i] / step), -127, 127);
    sum += whole[i];
  }
  return sum;
}
