// Fused pointwise kernels. They are in C because Swift has no `target_clones`: each function is compiled for
// several x86-64 levels and the best one is chosen when the program starts, while `swift build` alone targets
// plain SSE2. All matrices are row-major, dense, 32-bit floats; `restrict` pointers must not overlap.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "narrate_thread.h"

// IEEE 754 binary16 <-> binary32, rounding to nearest even; infinities and NaN are kept.
void narrate_half_to_float(const uint16_t *restrict source, float *restrict destination, size_t count);
void narrate_float_to_half(const float *restrict source, uint16_t *restrict destination, size_t count);

// y = x Wt + bias for few rows, which is bound by reading W: half precision halves the time. Sums are single precision, in
// an order that depends on `inputs` alone.
typedef struct {
  const uint16_t *weights;  // [outputs, inputs], binary16
  const float *bias;        // [outputs], or NULL
  int adds;                 // whether to add to y instead of overwriting it; then the bias is left out
  size_t outputs, inputs;
} narrate_half_matrix;
// The columns from `first` until before `end` of y [rows, outputs]; x is [rows, inputs].
void narrate_half_product(const narrate_half_matrix *matrix, const float *restrict x, float *restrict y, size_t rows,
                          size_t first, size_t end);

// Weights in whole numbers of eight bits: [outputs / 16][inputs / 4][16][4], zeros beyond the last of either. An output's weights
// are its whole numbers times its step.
typedef struct {
  const int8_t *weights;
  const float *steps;   // [outputs]
  const int32_t *sums;  // [outputs], of its whole numbers
  const float *bias;    // [outputs], or NULL
  int adds;             // whether to add to y instead of overwriting it; then the bias is left out
  size_t outputs;
  size_t stride;  // bytes of a row of x: its inputs, and up to three more that meet weights of zero
} narrate_byte_matrix;
// The groups of 16 columns from `first` until before `end` of y [rows, outputs] = x Wᵀ + bias. x is [rows, stride], as
// `narrate_quantize_rows` makes it, `scales` its steps and zeros. Sums are whole numbers, the same on all CPUs: `kernel` says
// how to compute them (0: in C, 1: AVX2, 2: VNNI), -1 is the best there is.
void narrate_byte_product(const narrate_byte_matrix *matrix, const uint8_t *restrict x, const float *restrict scales,
                          float *restrict y, size_t rows, size_t first, size_t end, int kernel);

// Products in tiles of bfloat16 (Intel AMX), to which numbers are rounded; sums are floats. A factor of C = A B has its numbers at
// base[line * stride + k], or at base[k * stride + line] if `inner_first`, where `line` is C's row or column.
typedef struct {
  const float *base;
  size_t stride;
  int inner_first;
} narrate_factor;
// Whether this CPU has tiles, and the kernel lets the process use them.
int narrate_has_tiles(void);
// Bytes that a product takes as scratch memory, at an address that 64 divides.
size_t narrate_tile_scratch(void);
// C [rows, columns] = A B, or C += A B if `adds`. A number's sum is in the same order whatever stands beside it.
void narrate_tile_product(const narrate_factor *a, const narrate_factor *b, float *c, size_t stride, size_t rows,
                          size_t columns, size_t inner, int adds, void *scratch);

// (rgb - mean) * scale from interleaved bytes [count, 3] to three planes that begin `stride` apart.
void narrate_normalize_rgb(const uint8_t *restrict pixels, float *restrict planes, size_t count, size_t stride,
                           float mean, float scale);

// rows[i, :] += bias, and the sum over rows that is its gradient.
void narrate_add_bias(float *restrict matrix, const float *restrict bias, size_t rows, size_t columns);
void narrate_sum_rows(const float *restrict matrix, float *restrict sums, size_t rows, size_t columns);

// Weights of one output channel, [inputs, taps], as whole numbers. The step with which the largest of them is 127, or a little
// larger if `pairs` is not 0: AVX2 adds the products of two neighbouring inputs in 16 bits, which hold 128 times the largest
// byte, and oneDNN leaves it to us that they do.
float narrate_quantization_step(const float *restrict row, size_t inputs, size_t taps, size_t pairs);
// Each to the nearest, -127...127, and their sum. In a depthwise convolution (one input), whose inputs are much alike, what
// rounding adds to one is taken from the next, so that their sum stays.
float narrate_quantize(const float *restrict row, float *restrict whole, size_t inputs, size_t taps, float step);

// max(0, x) in place; and gradient *= (y > 0).
void narrate_relu(float *values, size_t count);
void narrate_relu_backward(const float *restrict output, float *restrict gradient, size_t count);
// rows[i, :] = min(max(rows[i, :] + bias, 0), 6); and gradient *= (0 < y < 6).
void narrate_bias_relu6(float *restrict matrix, const float *restrict bias, size_t rows, size_t columns);
void narrate_relu6_backward(const float *restrict output, float *restrict gradient, size_t count);
void narrate_sigmoid(float *values, size_t count);

// Inverted dropout (Srivastava et al. 2014), in place: an element is kept with probability 1 - rate and scaled by
// 1 / (1 - rate). The mask is a hash of (seed, element), so the backward pass is the same call on the gradient.
void narrate_dropout(float *values, size_t count, float rate, uint64_t seed);

// LSTM gates, order input, forget, cell, output. `gates` [rows, 4 * width] holds pre-activations and is overwritten by
// the activations; `cell` and `hidden` [rows, width] are the new state. `cell_before` may be `cell`.
void narrate_lstm_forward(float *restrict gates, const float *cell_before, float *cell, float *restrict hidden,
                          size_t rows, size_t width);
// `gates` (activations) becomes the gradient of the pre-activations; `cell_gradient` [rows, width] holds dL/dc of the
// later steps and becomes dL/dc_before.
void narrate_lstm_backward(float *restrict gates, const float *restrict cell_before, const float *restrict cell,
                           const float *restrict hidden_gradient, float *restrict cell_gradient, size_t rows,
                           size_t width);

// GRU gates, order reset, update, new (Cho et al. 2014, as in cuDNN: the reset gate acts after the recurrent product).
// `gates` [rows, 3 * width] holds what comes of the input and is overwritten by the activations; `products` of the same
// shape is what comes of the state `before` [rows, width]; `hidden` is the new state.
void narrate_gru_forward(float *restrict gates, const float *restrict products, const float *restrict before,
                         float *restrict hidden, size_t rows, size_t width);
// `gates` (activations) and `products` become their gradients, `hidden_gradient` the part of dL/dbefore that does not go
// through the products.
void narrate_gru_backward(float *restrict gates, float *restrict products, const float *restrict before,
                          float *restrict hidden_gradient, size_t rows, size_t width);

// y = tanh x; and the gradient of x by that of y.
void narrate_tanh(const float *restrict x, float *restrict y, size_t count);
void narrate_tanh_backward(const float *restrict y, const float *restrict y_gradient, float *restrict x_gradient,
                           size_t count);

// Additive attention (Bahdanau et al. 2015; Xu et al. 2015) of `rows` queries over the grids of the images they
// belong to: e = score . tanh(key + query), weights = softmax(e), context = sum of weights * value. Since
// tanh(k + q) = 1 - 2 / (1 + e^2k e^2q), keys and queries are given as e^2k and e^2q: one exponential for each of them
// instead of one for each pair. Gradients are those of k and q.
typedef struct {
  size_t positions;      // of the largest grid
  size_t width, values_width;
  const float *keys;     // [cells, width], e^2k, the images' grids one after the other
  const float *values;   // [cells, values_width]
  const float *score;    // [width]
  const int32_t *image;  // [rows]
  const int32_t *first;  // [images + 1], where each image's cells begin; NULL where all grids are equally large
} narrate_attention;
// values[i] = e^(2 values[i]), in place.
void narrate_exponentiate_twice(float *values, size_t count);
// Weights are [rows, positions], zero beyond the image's own cells.
void narrate_attention_forward(const narrate_attention *attention, size_t rows, const float *restrict query,
                               float *restrict weights, float *restrict context);
// `weights_gradient` [rows, positions] is the part of dL/dweights that does not come through the context; it is
// overwritten. Adds to the gradients of keys, values and score; sets that of the queries [rows, width].
void narrate_attention_backward(const narrate_attention *attention, size_t rows, const float *restrict query,
                                const float *restrict weights, const float *restrict context_gradient,
                                float *restrict weights_gradient, float *restrict keys_gradient,
                                float *restrict values_gradient, float *restrict query_gradient,
                                float *restrict score_gradient);

// scaled[i, :] = gate[i] * context[i, :], one gate a row; and its backward: `scaled_gradient` becomes dL/dcontext,
// `gate_gradient` is that of the gate's pre-activation, gate = sigmoid(pre-activation).
void narrate_scale_rows(const float *restrict context, const float *restrict gate, float *restrict scaled, size_t rows,
                        size_t columns);
void narrate_scale_rows_backward(const float *restrict context, const float *restrict gate,
                                 float *restrict scaled_gradient, float *restrict gate_gradient, size_t rows,
                                 size_t columns);

// Scaled dot-product attention of several heads (Vaswani et al. 2017). Each of `rows` queries looks at a list of entries; heads
// stand side by side within the rows of queries, keys, values and contexts [.., heads * width].
typedef struct {
  size_t heads, width;    // of one head
  size_t most;            // entries of the longest list
  const float *keys, *values;
  const int32_t *entries;  // rows of keys and values, in lists
  const int32_t *first;    // [rows], where each query's list begins
  const int32_t *count;    // [rows], its length, above 0
} narrate_multihead;
// Weights are [rows, heads, most], zero beyond a query's own list.
void narrate_multihead_forward(const narrate_multihead *attention, size_t rows, const float *restrict query,
                               float *restrict weights, float *restrict context);
// Sets the gradient of the queries, adds to those of keys and values. `scores` [most] is scratch.
void narrate_multihead_backward(const narrate_multihead *attention, size_t rows, const float *restrict query,
                                const float *restrict weights, const float *restrict context_gradient,
                                float *restrict scores, float *restrict query_gradient, float *restrict keys_gradient,
                                float *restrict values_gradient);

// y = (x - mean) / sqrt(variance + epsilon) * weight + bias (Ba et al. 2016), a row at a time; `statistics` [rows, 2] are the mean
// and the factor. Backward adds to all three gradients.
void narrate_layer_norm_forward(const float *restrict x, const float *restrict weight, const float *restrict bias,
                                float *restrict y, float *restrict statistics, size_t rows, size_t columns,
                                float epsilon);
void narrate_layer_norm_backward(const float *restrict x, const float *restrict statistics,
                                 const float *restrict weight, const float *restrict dy, float *restrict dx,
                                 float *restrict dweight, float *restrict dbias, size_t rows, size_t columns);

// x <- softmax(scale x), in place, a row at a time.
void narrate_softmax(float *x, size_t rows, size_t columns, float scale);
// Gaussian error linear units (Hendrycks and Gimpel 2016), in place: x times the normal distribution function, whose error is below
// 2e-7, and x sigmoid(1.702 x), which stands for it in some networks.
void narrate_gelu(float *x, size_t count);
void narrate_quick_gelu(float *x, size_t count);

// 32-bit floats to bfloat16, rounded to nearest even; NaN is kept.
void narrate_float_to_bfloat(const float *restrict source, uint16_t *restrict destination, size_t count);
// One output's weights as whole numbers, of which the largest magnitude is `most`: x = q * step. Their sum is returned.
// If one is not finite, the step is NaN.
int32_t narrate_quantize_weights(const float *restrict row, int8_t *restrict q, float *restrict step, size_t count,
                                 float most);
// Rows as whole numbers from 0 to 255, each row with a step and a zero of its own (`scales` [rows, 2]): x = (q - zero) * step.
// The step of a row that is not finite is NaN.
void narrate_quantize_rows(const float *restrict x, uint8_t *restrict q, float *restrict scales, size_t rows,
                           size_t columns);
// y = (sums - zero * weight_sums) * step of the row * step of the column + bias (NULL: none), of the products of the two.
void narrate_scale_sums(const int32_t *restrict sums, const float *restrict scales, const float *restrict steps,
                        const int32_t *restrict weight_sums, const float *bias, float *restrict y, size_t rows,
                        size_t columns);

// Natural logarithm of softmax, in place, a row at a time.
void narrate_log_softmax(float *logits, size_t rows, size_t columns);
// Cross-entropy with label smoothing (Szegedy et al. 2016) summed over rows, each by its weight (NULL: all 1); `logits` become
// scale * dL/dlogits.
double narrate_cross_entropy(float *logits, const int32_t *targets, const float *weights, size_t rows, size_t columns,
                             float smoothing, float scale);
// An index drawn by softmax(logits): the first at which the probabilities' sum exceeds `uniform`, 0...1. Those of
// -INFINITY are never drawn. `logits` become proportional to the probabilities.
size_t narrate_draw(float *logits, size_t columns, float uniform, float *logarithm);

// log(mean over rows of e^(sharpness x)) / sharpness of each column. Backward, of the mean of that and of the rows' mean, x [rows,
// columns] becomes its gradient.
void narrate_log_mean_exp(const float *restrict x, float *restrict pooled, size_t rows, size_t columns, float sharpness);
void narrate_grid_pooling_backward(float *restrict x, const float *restrict sharp, const float *restrict gradient,
                                   size_t rows, size_t columns, float sharpness);

// y += x; sum of squares; and gradient accumulation over shards.
void narrate_add(float *restrict y, const float *restrict x, size_t count);
double narrate_sum_of_squares(const float *values, size_t count);

// One AdamW update (Loshchilov and Hutter 2019) and the exponential moving average of the weights.
typedef struct {
  float rate, beta1, beta2, epsilon, weight_decay;
  float correction1, correction2;  // 1 - beta^t
  float gradient_scale;            // from clipping
  float average_decay;
} narrate_adam;
void narrate_adam_update(const narrate_adam *adam, float *restrict weights, const float *restrict gradients,
                         float *restrict mean, float *restrict variance, float *restrict average, size_t count);

// Winograd's algorithm for convolutions of 3 x 3, stride 1, SAME padding (Lavin and Gray 2016, "Fast algorithms for
// convolutional neural networks", F(4 x 4, 3 x 3)), with any number of taps along a third axis. A picture is cut into
// tiles of 4 x 4 in raster order, the last ones clipped; channels go in blocks of LANES in, in panels of PANEL out.
enum { NARRATE_WINOGRAD_LANES = 8, NARRATE_WINOGRAD_PANEL = 16, NARRATE_WINOGRAD_POSITIONS = 36 };
// One block of channels of a picture, which is dense but for what lies between pixels.
typedef struct {
  size_t height, width;
  size_t pixel;  // floats from one pixel to the next
} narrate_winograd_plane;
// G g G' of up to PANEL outputs, zero for the others: `weights` [3, 3] for each, `output_step` floats apart; `points`
// [POSITIONS][PANEL], positions `step` floats apart.
void narrate_winograd_weights(const float *weights, size_t outputs, size_t output_step, float *restrict points,
                              size_t step);
// B' d B of `count` tiles from `first` on, zero if there is no source: `points` [POSITIONS][count, LANES], positions `step` floats apart.
void narrate_winograd_input(const narrate_winograd_plane *plane, const float *source, size_t first, size_t count,
                            float *restrict points, size_t step);
typedef struct {
  size_t rows, taps;
  size_t blocks;                                // of LANES channels
  size_t position_step, block_step, tap_step;  // in `points`, in floats; rows are LANES apart
} narrate_winograd_product;
// products[row, position, :] = sum over taps and channels of points x weights, for one panel: `weights` are
// [POSITIONS, taps, blocks * LANES, PANEL], `products` [rows, POSITIONS, PANEL].
void narrate_winograd_multiply(const narrate_winograd_product *product, const float *points,
                               const float *restrict weights, float *restrict products);
// min(max(A' m A + bias, least), greatest) of `count` tiles from `first` on, for LANES channels: `products`
// [count, POSITIONS, PANEL], of which the first LANES of each panel; `bias` [LANES].
void narrate_winograd_output(const narrate_winograd_plane *plane, const float *restrict products, const float *bias,
                             float least, float greatest, size_t first, size_t count, float *restrict destination);

// One filter of its own for each channel of pictures [images, height, width, channels], whose channels are a multiple of
// LANES. `weights` are [kernel, kernel, channels].
enum { NARRATE_DEPTHWISE_LANES = 8, NARRATE_DEPTHWISE_BLOCK = 32 };
typedef struct {
  size_t images, channels;
  size_t height, width;  // of x
  size_t rows, columns;  // of y
  size_t kernel, stride;
  size_t top, left;  // how far the first window reaches over the border
} narrate_depthwise;
// y = min(max(x * weights + bias, 0), 6): the rows from `first` until before `end` of all pictures' one after the other.
void narrate_depthwise_relu6(const narrate_depthwise *depthwise, const float *x, const float *weights,
                             const float *bias, float *y, size_t first, size_t end);
// Sets dL/dx from that of the sums: the rows from `first` until before `end` of all pictures' one after the other.
void narrate_depthwise_backward_data(const narrate_depthwise *depthwise, const float *dy, const float *weights,
                                     float *dx, size_t first, size_t end);
// Adds to dL/dweights: the channels from `first`, a multiple of LANES, until before `end`.
void narrate_depthwise_backward_weights(const narrate_depthwise *depthwise, const float *x, const float *dy,
                                        float *dw, size_t first, size_t end);
