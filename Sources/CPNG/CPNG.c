#include "CPNG.h"

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct narrate_png {
  png_structp png;
  png_infop info;
  const uint8_t *bytes;
  size_t remaining;
  jmp_buf escape;
  narrate_png_status status;
  char message[200];
};

static void on_error(png_structp png, png_const_charp message) {
  narrate_png *reader = png_get_error_ptr(png);
  if (reader->status == NARRATE_PNG_OK) reader->status = NARRATE_PNG_CORRUPT;
  snprintf(reader->message, sizeof reader->message, "%s", message);
  longjmp(reader->escape, 1);
}

// libpng warns of what it can mend: an odd profile, data after the last row. Lost pixels and wrong checksums
// are errors.
static void on_warning(png_structp png, png_const_charp message) {
  (void)png;
  (void)message;
}

static png_voidp allocate(png_structp png, png_alloc_size_t size) {
  void *memory = malloc(size);
  if (memory == NULL) ((narrate_png *)png_get_mem_ptr(png))->status = NARRATE_PNG_NO_MEMORY;
  return memory;
}

static void release(png_structp png, png_voidp memory) {
  (void)png;
  free(memory);
}

static void next_bytes(png_structp png, png_bytep target, size_t count) {
  narrate_png *reader = png_get_io_ptr(png);
  if (count > reader->remaining) png_error(png, "file ends too early");
  memcpy(target, reader->bytes, count);
  reader->bytes += count;
  reader->remaining -= count;
}

narrate_png_status narrate_png_open(
    const uint8_t *bytes, size_t count, narrate_png **result, narrate_png_header *header) {
  narrate_png *reader = calloc(1, sizeof *reader);
  *result = reader;
  if (reader == NULL) return NARRATE_PNG_NO_MEMORY;
  reader->bytes = bytes;
  reader->remaining = count;
  if (setjmp(reader->escape)) return reader->status;

  reader->png = png_create_read_struct_2(
      PNG_LIBPNG_VER_STRING, reader, on_error, on_warning, reader, allocate, release);
  if (reader->png == NULL) return NARRATE_PNG_NO_MEMORY;
  reader->info = png_create_info_struct(reader->png);
  if (reader->info == NULL) return NARRATE_PNG_NO_MEMORY;

  png_structp png = reader->png;
  png_infop info = reader->info;
  png_set_read_fn(png, reader, next_bytes);
  png_set_user_limits(png, PNG_UINT_31_MAX, PNG_UINT_31_MAX);  // the caller limits the pixels
  png_set_crc_action(png, PNG_CRC_ERROR_QUIT, PNG_CRC_ERROR_QUIT);
  // Samples are taken for sRGB, as browsers do: skip the chunks on colour, text and time. Their checksums
  // still count.
  png_set_keep_unknown_chunks(png, PNG_HANDLE_CHUNK_NEVER, NULL, -1);
  png_read_info(png, info);

  png_set_expand(png);  // palettes, fewer than 8 bits, tRNS
  png_set_scale_16(png);
  png_set_gray_to_rgb(png);
  header->width = png_get_image_width(png, info);
  header->height = png_get_image_height(png, info);
  int has_alpha = (png_get_color_type(png, info) & PNG_COLOR_MASK_ALPHA) != 0;
  if (png_get_valid(png, info, PNG_INFO_tRNS)) has_alpha = 1;
  header->channels = has_alpha ? 4 : 3;
  return NARRATE_PNG_OK;
}

narrate_png_status narrate_png_read(narrate_png *reader, uint8_t *pixels, size_t size) {
  png_structp png = reader->png;
  if (setjmp(reader->escape)) return reader->status;

  int passes = png_set_interlace_handling(png);
  png_read_update_info(png, reader->info);
  size_t stride = png_get_rowbytes(png, reader->info);
  size_t height = png_get_image_height(png, reader->info);
  if (stride * height != size) png_error(png, "unexpected size of a row");
  for (int pass = 0; pass < passes; pass++)
    for (size_t row = 0; row < height; row++) png_read_row(png, pixels + stride * row, NULL);
  png_read_end(png, NULL);
  return NARRATE_PNG_OK;
}

const char *narrate_png_message(const narrate_png *reader) { return reader->message; }

void narrate_png_close(narrate_png *reader) {
  if (reader == NULL) return;
  png_destroy_read_struct(&reader->png, &reader->info, NULL);
  free(reader);
}
