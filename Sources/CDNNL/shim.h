// oneDNN 2.x and 3.x create primitives through different calls: descriptors by value and `*_desc_init` there, opaque
// descriptors and `*_primitive_desc_create` here. These few functions are the whole difference; everything else is
// called from Swift as it is.
#pragma once

#include <dnnl.h>

// OpenMP's thread count is a property of the calling thread, and oneDNN follows it.
void omp_set_num_threads(int);
int omp_get_max_threads(void);
// What `#pragma omp parallel` becomes: every OpenMP runtime has it under this name.
void GOMP_parallel(void (*body)(void *), void *data, unsigned threads, unsigned flags);
int omp_get_thread_num(void);
int omp_get_num_threads(void);

#if DNNL_VERSION_MAJOR >= 3
typedef const_dnnl_memory_desc_t narrate_md;
typedef dnnl_memory_desc_t narrate_md_storage;
#define NARRATE_MD(storage) (storage)
#define NARRATE_MD_INIT(storage, ndims, dims, type, tag) \
  dnnl_memory_desc_create_with_tag(&(storage), ndims, dims, type, tag)
#define NARRATE_MD_FREE(storage) \
  if (storage) dnnl_memory_desc_destroy(storage)
#else
typedef const dnnl_memory_desc_t *narrate_md;
typedef dnnl_memory_desc_t narrate_md_storage;
#define NARRATE_MD(storage) (&(storage))
#define NARRATE_MD_INIT(storage, ndims, dims, type, tag) dnnl_memory_desc_init_by_tag(&(storage), ndims, dims, type, tag)
#define NARRATE_MD_FREE(storage) (void)(storage)
#endif

// Memory in a plain layout. `handle` may be DNNL_MEMORY_NONE.
static inline dnnl_status_t narrate_memory_create(dnnl_memory_t *memory, dnnl_engine_t engine, int ndims,
                                                  const dnnl_dim_t *dims, dnnl_data_type_t type,
                                                  dnnl_format_tag_t tag, void *handle) {
  narrate_md_storage md = {0};
  dnnl_status_t status = NARRATE_MD_INIT(md, ndims, dims, type, tag);
  if (status == dnnl_success) status = dnnl_memory_create(memory, NARRATE_MD(md), engine, handle);
  NARRATE_MD_FREE(md);
  return status;
}

static inline narrate_md narrate_memory_md(dnnl_memory_t memory) {
#if DNNL_VERSION_MAJOR >= 3
  const_dnnl_memory_desc_t md = 0;
#else
  const dnnl_memory_desc_t *md = 0;
#endif
  dnnl_memory_get_memory_desc(memory, &md);
  return md;
}

static inline narrate_md narrate_primitive_md(dnnl_primitive_desc_t descriptor, dnnl_query_t what) {
  return dnnl_primitive_desc_query_md(descriptor, what, 0);
}

// What a primitive does beyond its name, in this order.
typedef struct {
  // Each output channel is multiplied by its factor, or everything by the only one there is; 0 for none.
  const float *factors;
  dnnl_dim_t factor_count;
  int factors_of;  // the argument whose numbers they belong to
  int grouped;  // whether they are of a grouped convolution
  // What stands in the destination, times this, is added; 0 for nothing.
  float base;
  // An element-wise function; 0 for none.
  dnnl_alg_kind_t function;
  float alpha, beta;
} narrate_fusion;

// In 3.x factors are not told when a primitive is made, but given to it as this argument when it runs; 0 in 2.x. A
// bias is added before the factors in 2.x, after them in 3.x.
static inline int narrate_factors_argument(int of) {
#if DNNL_VERSION_MAJOR >= 3
  return DNNL_ARG_ATTR_SCALES | of;
#else
  return (void)of, 0;
#endif
}

// Scratch memory is the caller's, so that a primitive may run on any thread.
static inline dnnl_status_t narrate_attributes_create(dnnl_primitive_attr_t *attributes, const narrate_fusion *f) {
  dnnl_post_ops_t operations = 0;
  dnnl_status_t status = dnnl_primitive_attr_create(attributes);
  if (status == dnnl_success)
    status = dnnl_primitive_attr_set_scratchpad_mode(*attributes, dnnl_scratchpad_mode_user);
  if (status == dnnl_success) status = dnnl_post_ops_create(&operations);
#if DNNL_VERSION_MAJOR >= 3
  if (status == dnnl_success && f->factor_count)
    status = dnnl_primitive_attr_set_scales_mask(
        *attributes, f->factors_of, f->factor_count == 1 ? 0 : f->grouped ? 1 << 0 | 1 << 1 : 1 << 0);
  if (status == dnnl_success && f->base != 0)
    status = dnnl_post_ops_append_sum(operations, f->base, 0, dnnl_data_type_undef);
  if (status == dnnl_success && f->function)
    status = dnnl_post_ops_append_eltwise(operations, f->function, f->alpha, f->beta);
#else
  if (status == dnnl_success && f->factor_count)
    status = dnnl_primitive_attr_set_output_scales(*attributes, f->factor_count, f->factor_count == 1 ? 0 : 1 << 1,
                                                   f->factors);
  if (status == dnnl_success && f->base != 0) status = dnnl_post_ops_append_sum(operations, f->base);
  if (status == dnnl_success && f->function)
    status = dnnl_post_ops_append_eltwise(operations, 1, f->function, f->alpha, f->beta);
#endif
  if (status == dnnl_success) status = dnnl_primitive_attr_set_post_ops(*attributes, operations);
  if (operations) dnnl_post_ops_destroy(operations);
  return status;
}

// A window that moves over pictures (two axes) or clips (three).
typedef struct {
  int axes;
  dnnl_dim_t source[5], destination[5];  // NCHW or NCDHW
  dnnl_dim_t kernel[3], strides[3], padding_before[3], padding_after[3];
} narrate_window;

typedef struct {
  narrate_window window;
  dnnl_dim_t weights[6], bias[1];  // OIHW or OIDHW, with G before when grouped
  int grouped;
  dnnl_data_type_t source_type, weights_type, destination_type;  // the bias is in 32-bit floats
} narrate_convolution;

// Forward convolution for inference; source, weights and destination in whatever layout oneDNN likes best.
static inline dnnl_status_t narrate_convolution_create(dnnl_primitive_desc_t *descriptor, dnnl_engine_t engine,
                                                       const narrate_convolution *c,
                                                       const_dnnl_primitive_attr_t attributes) {
  dnnl_dim_t dilation[3] = {0, 0, 0};
  const narrate_window *w = &c->window;
  int ndims = w->axes + 2;
  narrate_md_storage source = {0}, weights = {0}, bias = {0}, destination = {0};
  dnnl_status_t status = NARRATE_MD_INIT(source, ndims, w->source, c->source_type, dnnl_format_tag_any);
  if (status == dnnl_success)
    status = NARRATE_MD_INIT(weights, c->grouped ? ndims + 1 : ndims, c->weights, c->weights_type,
                             dnnl_format_tag_any);
  if (status == dnnl_success) status = NARRATE_MD_INIT(bias, 1, c->bias, dnnl_f32, dnnl_a);
  if (status == dnnl_success)
    status = NARRATE_MD_INIT(destination, ndims, w->destination, c->destination_type, dnnl_format_tag_any);
#if DNNL_VERSION_MAJOR >= 3
  if (status == dnnl_success)
    status = dnnl_convolution_forward_primitive_desc_create(
        descriptor, engine, dnnl_forward_inference, dnnl_convolution_direct, source, weights, bias, destination,
        w->strides, dilation, w->padding_before, w->padding_after, attributes);
#else
  dnnl_convolution_desc_t operation;
  if (status == dnnl_success)
    status = dnnl_dilated_convolution_forward_desc_init(&operation, dnnl_forward_inference, dnnl_convolution_direct,
                                                        &source, &weights, &bias, &destination, w->strides, dilation,
                                                        w->padding_before, w->padding_after);
  if (status == dnnl_success) status = dnnl_primitive_desc_create(descriptor, &operation, attributes, engine, NULL);
#endif
  NARRATE_MD_FREE(source);
  NARRATE_MD_FREE(weights);
  NARRATE_MD_FREE(bias);
  NARRATE_MD_FREE(destination);
  return status;
}

// The greatest value of each window, what lies outside left out; the destination in whatever layout suits the source's.
static inline dnnl_status_t narrate_pooling_create(dnnl_primitive_desc_t *descriptor, dnnl_engine_t engine,
                                                   const narrate_window *w, narrate_md source,
                                                   const_dnnl_primitive_attr_t attributes) {
  narrate_md_storage destination = {0};
  dnnl_status_t status = NARRATE_MD_INIT(destination, w->axes + 2, w->destination, dnnl_f32, dnnl_format_tag_any);
#if DNNL_VERSION_MAJOR >= 3
  dnnl_dim_t dilation[3] = {0, 0, 0};
  if (status == dnnl_success)
    status = dnnl_pooling_forward_primitive_desc_create(descriptor, engine, dnnl_forward_inference, dnnl_pooling_max,
                                                        source, destination, w->strides, w->kernel, dilation,
                                                        w->padding_before, w->padding_after, attributes);
#else
  dnnl_pooling_desc_t operation;
  if (status == dnnl_success)
    status = dnnl_pooling_forward_desc_init(&operation, dnnl_forward_inference, dnnl_pooling_max, source, &destination,
                                            w->strides, w->kernel, w->padding_before, w->padding_after);
  if (status == dnnl_success) status = dnnl_primitive_desc_create(descriptor, &operation, attributes, engine, NULL);
#endif
  NARRATE_MD_FREE(destination);
  return status;
}

// The channels of up to eight sources, one after the other.
static inline dnnl_status_t narrate_concat_create(dnnl_primitive_desc_t *descriptor, dnnl_engine_t engine, int count,
                                                  const narrate_md *sources, const_dnnl_primitive_attr_t attributes) {
#if DNNL_VERSION_MAJOR >= 3
  return dnnl_concat_primitive_desc_create(descriptor, engine, NULL, count, 1, sources, attributes);
#else
  dnnl_memory_desc_t copies[8];
  if (count > 8) return dnnl_invalid_arguments;
  for (int i = 0; i < count; i++) copies[i] = *sources[i];
  return dnnl_concat_primitive_desc_create(descriptor, NULL, count, 1, copies, attributes, engine);
#endif
}

// C = A B of plain row-major matrices [rows, inner] and [rows, columns]; B [inner, columns] in the given layout, or, where that is
// NULL, in whatever layout oneDNN likes best.
static inline dnnl_status_t narrate_matmul_create(dnnl_primitive_desc_t *descriptor, dnnl_engine_t engine,
                                                  dnnl_dim_t rows, dnnl_dim_t inner, dnnl_dim_t columns,
                                                  dnnl_data_type_t left_type, dnnl_data_type_t right_type,
                                                  dnnl_data_type_t result, narrate_md layout,
                                                  const_dnnl_primitive_attr_t attributes) {
  dnnl_dims_t left = {rows, inner}, right = {inner, columns}, product = {rows, columns};
  narrate_md_storage source = {0}, weights = {0}, destination = {0};
  dnnl_status_t status = NARRATE_MD_INIT(source, 2, left, left_type, dnnl_ab);
  if (status == dnnl_success) status = NARRATE_MD_INIT(weights, 2, right, right_type, dnnl_format_tag_any);
  if (status == dnnl_success) status = NARRATE_MD_INIT(destination, 2, product, result, dnnl_ab);
#if DNNL_VERSION_MAJOR >= 3
  if (status == dnnl_success)
    status = dnnl_matmul_primitive_desc_create(descriptor, engine, source, layout ? layout : weights, NULL, destination,
                                               attributes);
#else
  dnnl_matmul_desc_t operation;
  if (status == dnnl_success)
    status = dnnl_matmul_desc_init(&operation, &source, layout ? layout : &weights, NULL, &destination);
  if (status == dnnl_success) status = dnnl_primitive_desc_create(descriptor, &operation, attributes, engine, NULL);
#endif
  NARRATE_MD_FREE(source);
  NARRATE_MD_FREE(weights);
  NARRATE_MD_FREE(destination);
  return status;
}
