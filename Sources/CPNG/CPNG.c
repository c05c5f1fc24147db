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
  // Rows that were read, those of all passes together.
  size_t rows;
  int passes;
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
  if (count > reader->remaining) {
    reader->status = NARRATE_PNG_CUT;
    png_error(png, "file ends too early");
  }
  memcpy(target, reader->bytes, count);
  reader->bytes += count;
  reader->remaining -= count;
}

narrate_png_status narrate_png_open(
    const uint8_t *bytes, size_t count, narrate_png_options options, narrate_png **result, narrate_png_header *header) {
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
  // What is read at once is lost at once where a file ends early: little of a small file.
  if (count < 262144) png_set_compression_buffer_size(png, count < 2048 ? 64 : count / 32);
  png_set_user_limits(png, PNG_UINT_31_MAX, PNG_UINT_31_MAX);  // the caller limits the pixels
  png_set_crc_action(png, PNG_CRC_ERROR_QUIT, options.is_strict ? PNG_CRC_ERROR_QUIT : PNG_CRC_WARN_DISCARD);
  // Without a profile, samples are taken for sRGB: skip the other chunks on colour, text and time. Their checksums
  // still count.
  png_set_keep_unknown_chunks(png, PNG_HANDLE_CHUNK_NEVER, NULL, -1);
  if (options.wants_profile) png_set_keep_unknown_chunks(png, PNG_HANDLE_CHUNK_AS_DEFAULT, (png_const_bytep) "iCCP", 1);
  if (options.wants_text) png_set_keep_unknown_chunks(png, PNG_HANDLE_CHUNK_AS_DEFAULT, (png_const_bytep) "zTXt\0tEXt", 2);
  png_read_info(png, info);

  png_set_expand(png);  // palettes, fewer than 8 bits, tRNS
  png_set_scale_16(png);
  png_set_gray_to_rgb(png);
  header->width = png_get_image_width(png, info);
  header->height = png_get_image_height(png, info);
  int has_alpha = (png_get_color_type(png, info) & PNG_COLOR_MASK_ALPHA) != 0;
  if (png_get_valid(png, info, PNG_INFO_tRNS)) has_alpha = 1;
  header->channels = has_alpha ? 4 : 3;
  header->is_interlaced = png_get_interlace_type(png, info) != PNG_INTERLACE_NONE;
  return NARRATE_PNG_OK;
}

narrate_png_status narrate_png_read(narrate_png *reader, uint8_t *pixels, size_t size) {
  png_structp png = reader->png;
  if (setjmp(reader->escape)) return reader->status;

  if (reader->passes == 0) {
    reader->passes = png_set_interlace_handling(png);
    png_read_update_info(png, reader->info);
  }
  size_t stride = png_get_rowbytes(png, reader->info);
  size_t count = size / stride;
  size_t height = png_get_image_height(png, reader->info);
  if (stride * count != size || (reader->passes > 1 && count != height)) png_error(png, "unexpected size of a row");
  for (int pass = 0; pass < reader->passes; pass++)
    for (size_t row = 0; row < count; row++) {
      // Interlaced, pixels stand for those of later passes until these come.
      if (reader->passes > 1)
        png_read_row(png, NULL, pixels + stride * row);
      else
        png_read_row(png, pixels + stride * row, NULL);
      reader->rows++;
    }
  return NARRATE_PNG_OK;
}

narrate_png_status narrate_png_finish(narrate_png *reader) {
  if (setjmp(reader->escape)) return reader->status;
  png_read_end(reader->png, reader->info);
  return NARRATE_PNG_OK;
}

double narrate_png_seen(const narrate_png *reader) {
  size_t height = png_get_image_height(reader->png, reader->info);
  return reader->passes > 0 && height > 0 ? (double)reader->rows / ((double)height * reader->passes) : 0;
}

const uint8_t *narrate_png_profile(narrate_png *reader, size_t *count) {
  png_charp name;
  int compression;
  png_bytep profile = NULL;
  png_uint_32 length = 0;
  if (setjmp(reader->escape)) return NULL;
  if (!png_get_iCCP(reader->png, reader->info, &name, &compression, &profile, &length)) return NULL;
  *count = length;
  return profile;
}

const char *narrate_png_text(narrate_png *reader, const char *keyword) {
  png_textp texts = NULL;
  int count = 0;
  if (setjmp(reader->escape)) return NULL;
  png_get_text(reader->png, reader->info, &texts, &count);
  for (int index = 0; index < count; index++)
    if (texts[index].text && strcmp(texts[index].key, keyword) == 0) return texts[index].text;
  return NULL;
}

const char *narrate_png_message(const narrate_png *reader) { return reader->message; }

void narrate_png_close(narrate_png *reader) {
  if (reader == NULL) return;
  png_destroy_read_struct(&reader->png, &reader->info, NULL);
  free(reader);
}
