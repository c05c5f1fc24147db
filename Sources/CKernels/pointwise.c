#include <math.h>

#include "CKernels.h"
#include "elementary.h"

NARRATE_CLONES
void narrate_half_to_float(const uint16_t *restrict source, float *restrict destination, size_t count) {
  // Shifted into place, a half is a float whose exponent is 112 too small; a product puts it right, subnormals too.
  for (size_t i = 0; i < count; i++) {
    uint32_t half = source[i], magnitude = (half & 0x7fffu) << 13;
    uint32_t value = bits_of(float_of(magnitude) * 0x1p112f);
    value = magnitude >= (0x7c00u << 13) ? magnitude | 0x7f800000u : value;
    destination[i] = float_of(value | (half & 0x8000u) << 16);
  }
}

NARRATE_CLONES
void narrate_float_to_half(const float *restrict source, uint16_t *restrict destination, size_t count) {
  for (size_t i = 0; i < count; i++) {
    uint32_t value = bits_of(source[i]), sign = value & 0x80000000u, magnitude = value ^ sign;
    uint32_t normal = (magnitude + 0xc8000fffu + (magnitude >> 13 & 1)) >> 13;  // rebias by -112, round to even
    uint32_t subnormal = bits_of(float_of(magnitude) + 0.5f) - 0x3f000000u;     // the adder rounds: ulp(0.5) is 2^-24
    uint32_t special = magnitude > 0x7f800000u ? 0x7e00u : 0x7c00u;
    uint32_t half = magnitude < 0x38800000u ? subnormal : normal;
    half = magnitude >= 0x47800000u ? special : half;
    destination[i] = (uint16_t)(half | sign >> 16);
  }
}

NARRATE_CLONES
void narrate_normalize_rgb(const uint8_t *restrict pixels, float *restrict planes, size_t count, size_t stride,
                           float mean, float scale) {
  for (size_t i = 0; i < count; i++) {
    planes[i] = ((float)pixels[3 * i] - mean) * scale;
    planes[stride + i] = ((float)pixels[3 * i + 1] - mean) * scale;
    planes[2 * stride + i] = ((float)pixels[3 * i + 2] - mean) * scale;
  }
}

NARRATE_CLONES
void narrate_add_bias(float *restrict matrix, const float *restrict bias, size_t rows, size_t columns) {
  for (size_t r = 0; r < rows; r++)
    for (size_t j = 0; j < columns; j++) matrix[r * columns + j] += bias[j];
}

NARRATE_CLONES
void narrate_sum_rows(const float *restrict matrix, float *restrict sums, size_t rows, size_t columns) {
  for (size_t r = 0; r < rows; r++)
    for (size_t j = 0; j < columns; j++) sums[j] += matrix[r * columns + j];
}

NARRATE_CLONES
void narrate_relu(float *values, size_t count) {
  for (size_t i = 0; i < count; i++) values[i] = values[i] > 0 ? values[i] : 0;
}

NARRATE_CLONES
void narrate_relu_backward(const float *restrict output, float *restrict gradient, size_t count) {
  for (size_t i = 0; i < count; i++) gradient[i] = output[i] > 0 ? gradient[i] : 0;
}

NARRATE_CLONES
void narrate_bias_relu6(float *restrict matrix, const float *restrict bias, size_t rows, size_t columns) {
  for (size_t r = 0; r < rows; r++)
    for (size_t j = 0; j < columns; j++)
      matrix[r * columns + j] = clamp(matrix[r * columns + j] + bias[j], 0, 6);
}

NARRATE_CLONES
void narrate_relu6_backward(const float *restrict output, float *restrict gradient, size_t count) {
  for (size_t i = 0; i < count; i++) gradient[i] = output[i] > 0 && output[i] < 6 ? gradient[i] : 0;
}

NARRATE_CLONES
void narrate_sigmoid(float *values, size_t count) {
  for (size_t i = 0; i < count; i++) values[i] = fast_sigmoid(values[i]);
}

NARRATE_CLONES
void narrate_dropout(float *values, size_t count, float rate, uint64_t seed) {
  uint32_t threshold = (uint32_t)(rate * 4294967296.0), low = (uint32_t)seed, high = (uint32_t)(seed >> 32);
  float scale = 1 / (1 - rate);
  for (size_t i = 0; i < count; i++) {
    // Two rounds of the 32-bit finalizer `lowbias32` (Wellons 2018), keyed by both halves of the seed.
    uint32_t x = (uint32_t)i ^ low;
    x = (x ^ x >> 16) * 0x7feb352du;
    x = (x ^ x >> 15) * 0x846ca68bu;
    x = (x ^ x >> 16) + high;
    x = (x ^ x >> 16) * 0x7feb352du;
    x = (x ^ x >> 15) * 0x846ca68bu;
    x ^= x >> 16;
    values[i] = x < threshold ? 0 : values[i] * scale;
  }
}

NARRATE_CLONES
void narrate_add(float *restrict y, const float *restrict x, size_t count) {
  for (size_t i = 0; i < count; i++) y[i] += x[i];
}

NARRATE_CLONES
double narrate_sum_of_squares(const float *values, size_t count) {
  NARRATE_FAST_SUMS
  double sum = 0;
  for (size_t i = 0; i < count; i++) sum += (double)values[i] * (double)values[i];
  return sum;
}

NARRATE_CLONES
void narrate_adam_update(const narrate_adam *adam, float *restrict weights, const float *restrict gradients,
                         float *restrict mean, float *restrict variance, float *restrict average, size_t count) {
  narrate_adam a = *adam;
  float step = a.rate / a.correction1, root = 1 / sqrtf(a.correction2);
  for (size_t i = 0; i < count; i++) {
    float g = gradients[i] * a.gradient_scale;
    mean[i] = a.beta1 * mean[i] + (1 - a.beta1) * g;
    variance[i] = a.beta2 * variance[i] + (1 - a.beta2) * g * g;
    float w = weights[i] * (1 - a.rate * a.weight_decay);
    w -= step * mean[i] / (__builtin_elementwise_sqrt(variance[i]) * root + a.epsilon);
    weights[i] = w;
    average[i] += (1 - a.average_decay) * (w - average[i]);
  }
}
