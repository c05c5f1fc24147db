// oneDNN 2.x and 3.x create primitives through different calls: descriptors by value and `*_desc_init` there, opaque
// descriptors and `*_primitive_desc_create` here. These few functions are the whole difference; everything else is
// called from Swift as it is.
#pragma once

#include <dnnl.h>

// OpenMP's thread count is a property of the calling thread, and oneDNN follows it.
void omp_set_num_threads(int);

#if DNNL_VERSION_MAJOR >= 3
typedef const_dnnl_memory_desc_t narrate_md;
typedef dnnl_memory_desc_t narrate_md_storage;
#define NARRATE_MD(storage) (storage)
#define NARRATE_MD_INIT(storage, ndims, dims, tag) \
  dnnl_memory_desc_create_with_tag(&(storage), ndims, dims, dnnl_f32, tag)
#define NARRATE_MD_FREE(storage) \
  if (storage) dnnl_memory_desc_destroy(storage)
#else
typedef const dnnl_memory_desc_t *narrate_md;
typedef dnnl_memory_desc_t narrate_md_storage;
#define NARRATE_MD(storage) (&(storage))
#define NARRATE_MD_INIT(storage, ndims, dims, tag) dnnl_memory_desc_init_by_tag(&(storage), ndims, dims, dnnl_f32, tag)
#define NARRATE_MD_FREE(storage) (void)(storage)
#endif

// Memory of 32-bit floats in a plain layout. `handle` may be DNNL_MEMORY_NONE.
static inline dnnl_status_t narrate_memory_create(dnnl_memory_t *memory, dnnl_engine_t engine, int ndims,
                                                  const dnnl_dim_t *dims, dnnl_format_tag_t tag, void *handle) {
  narrate_md_storage md = {0};
  dnnl_status_t status = NARRATE_MD_INIT(md, ndims, dims, tag);
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

// Scratch memory is the caller's, so that a primitive may run on any thread; then, in this order, an element-wise
// sum with what stands in the destination, and a clip to [0, 6].
static inline dnnl_status_t narrate_attributes_create(dnnl_primitive_attr_t *attributes, int adds, int clips) {
  dnnl_post_ops_t operations = 0;
  dnnl_status_t status = dnnl_primitive_attr_create(attributes);
  if (status == dnnl_success)
    status = dnnl_primitive_attr_set_scratchpad_mode(*attributes, dnnl_scratchpad_mode_user);
  if (status == dnnl_success) status = dnnl_post_ops_create(&operations);
#if DNNL_VERSION_MAJOR >= 3
  if (status == dnnl_success && adds) status = dnnl_post_ops_append_sum(operations, 1, 0, dnnl_f32);
  if (status == dnnl_success && clips) status = dnnl_post_ops_append_eltwise(operations, dnnl_eltwise_clip, 0, 6);
#else
  if (status == dnnl_success && adds) status = dnnl_post_ops_append_sum(operations, 1);
  if (status == dnnl_success && clips) status = dnnl_post_ops_append_eltwise(operations, 1, dnnl_eltwise_clip, 0, 6);
#endif
  if (status == dnnl_success) status = dnnl_primitive_attr_set_post_ops(*attributes, operations);
  if (operations) dnnl_post_ops_destroy(operations);
  return status;
}

typedef struct {
  dnnl_dim_t source[4], weights[5], bias[1], destination[4];  // NCHW; OIHW, or GOIHW when grouped
  int grouped;
  dnnl_dim_t strides[2], padding_before[2], padding_after[2];
} narrate_convolution;

// Forward convolution for inference; source, weights and destination in whatever layout oneDNN likes best.
static inline dnnl_status_t narrate_convolution_create(dnnl_primitive_desc_t *descriptor, dnnl_engine_t engine,
                                                       const narrate_convolution *c,
                                                       const_dnnl_primitive_attr_t attributes) {
  dnnl_dim_t dilation[2] = {0, 0};
  narrate_md_storage source = {0}, weights = {0}, bias = {0}, destination = {0};
  dnnl_status_t status = NARRATE_MD_INIT(source, 4, c->source, dnnl_format_tag_any);
  if (status == dnnl_success)
    status = NARRATE_MD_INIT(weights, c->grouped ? 5 : 4, c->weights, dnnl_format_tag_any);
  if (status == dnnl_success) status = NARRATE_MD_INIT(bias, 1, c->bias, dnnl_a);
  if (status == dnnl_success) status = NARRATE_MD_INIT(destination, 4, c->destination, dnnl_format_tag_any);
#if DNNL_VERSION_MAJOR >= 3
  if (status == dnnl_success)
    status = dnnl_convolution_forward_primitive_desc_create(
        descriptor, engine, dnnl_forward_inference, dnnl_convolution_direct, source, weights, bias, destination,
        c->strides, dilation, c->padding_before, c->padding_after, attributes);
#else
  dnnl_convolution_desc_t operation;
  if (status == dnnl_success)
    status = dnnl_dilated_convolution_forward_desc_init(&operation, dnnl_forward_inference, dnnl_convolution_direct,
                                                        &source, &weights, &bias, &destination, c->strides, dilation,
                                                        c->padding_before, c->padding_after);
  if (status == dnnl_success) status = dnnl_primitive_desc_create(descriptor, &operation, attributes, engine, NULL);
#endif
  NARRATE_MD_FREE(source);
  NARRATE_MD_FREE(weights);
  NARRATE_MD_FREE(bias);
  NARRATE_MD_FREE(destination);
  return status;
}

// y[rows, columns] = x[rows, inner] W, W[inner, columns] in whatever layout oneDNN likes best.
static inline dnnl_status_t narrate_matmul_create(dnnl_primitive_desc_t *descriptor, dnnl_engine_t engine,
                                                  dnnl_dim_t rows, dnnl_dim_t columns, dnnl_dim_t inner,
                                                  const_dnnl_primitive_attr_t attributes) {
  dnnl_dim_t source_dims[2] = {rows, inner}, weights_dims[2] = {inner, columns}, destination_dims[2] = {rows, columns};
  narrate_md_storage source = {0}, weights = {0}, destination = {0};
  dnnl_status_t status = NARRATE_MD_INIT(source, 2, source_dims, dnnl_ab);
  if (status == dnnl_success) status = NARRATE_MD_INIT(weights, 2, weights_dims, dnnl_format_tag_any);
  if (status == dnnl_success) status = NARRATE_MD_INIT(destination, 2, destination_dims, dnnl_ab);
#if DNNL_VERSION_MAJOR >= 3
  if (status == dnnl_success)
    status = dnnl_matmul_primitive_desc_create(descriptor, engine, source, weights, NULL, destination, attributes);
#else
  dnnl_matmul_desc_t operation;
  if (status == dnnl_success) status = dnnl_matmul_desc_init(&operation, &source, &weights, NULL, &destination);
  if (status == dnnl_success) status = dnnl_primitive_desc_create(descriptor, &operation, attributes, engine, NULL);
#endif
  NARRATE_MD_FREE(source);
  NARRATE_MD_FREE(weights);
  NARRATE_MD_FREE(destination);
  return status;
}
