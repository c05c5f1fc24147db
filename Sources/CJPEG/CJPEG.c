#include "CJPEG.h"

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>

#include <jpeglib.h>

#include <jerror.h>

// Encoders write some ten scans; a file of thousands of tiny ones over a huge picture is made to burn time.
enum { MAX_SCANS = 100 };

struct narrate_jpeg {
  struct jpeg_decompress_struct info;
  struct jpeg_error_mgr errors;
  struct jpeg_progress_mgr progress;
  jmp_buf escape;
  narrate_jpeg_status status;
  char message[JMSG_LENGTH_MAX];
};

static narrate_jpeg_status status_of(int code) {
  switch (code) {
  case JERR_OUT_OF_MEMORY:
    return NARRATE_JPEG_NO_MEMORY;
  case JERR_IMAGE_TOO_BIG:
    return NARRATE_JPEG_TOO_LARGE;
  case JERR_BAD_PRECISION:
  case JERR_SOF_UNSUPPORTED:
#if JPEG_LIB_VERSION < 70  // Ubuntu's has the interface of version 8, without this code
  case JERR_ARITH_NOTIMPL:
#endif
  case JERR_CONVERSION_NOTIMPL:
  case JERR_COMPONENT_COUNT:
  case JERR_FRACT_SAMPLE_NOTIMPL:
  case JERR_NOTIMPL:
    return NARRATE_JPEG_UNSUPPORTED;
  default:
    return NARRATE_JPEG_CORRUPT;
  }
}

static void on_error(j_common_ptr common) {
  narrate_jpeg *reader = common->client_data;
  reader->status = status_of(common->err->msg_code);
  common->err->format_message(common, reader->message);
  longjmp(reader->escape, 1);
}

static void on_message(j_common_ptr common, int level) {
  if (level >= 0) return;  // a trace
  switch (common->err->msg_code) {
  case JWRN_EXTRANEOUS_DATA:
  case JWRN_NOT_SEQUENTIAL:
  case JWRN_ADOBE_XFORM:
    return;  // odd, but every pixel is known
  default:
    on_error(common);
  }
}

static void on_progress(j_common_ptr common) {
  narrate_jpeg *reader = common->client_data;
  if (reader->info.input_scan_number <= MAX_SCANS) return;
  reader->status = NARRATE_JPEG_CORRUPT;
  snprintf(reader->message, sizeof reader->message, "More than %d scans", MAX_SCANS);
  longjmp(reader->escape, 1);
}

narrate_jpeg_status narrate_jpeg_open(
    const uint8_t *bytes, size_t count, narrate_jpeg **result, narrate_jpeg_header *header) {
  narrate_jpeg *reader = calloc(1, sizeof *reader);
  *result = reader;
  if (reader == NULL) return NARRATE_JPEG_NO_MEMORY;
  struct jpeg_decompress_struct *info = &reader->info;
  info->err = jpeg_std_error(&reader->errors);
  reader->errors.error_exit = on_error;
  reader->errors.emit_message = on_message;
  info->client_data = reader;
  if (setjmp(reader->escape)) return reader->status;

  jpeg_create_decompress(info);
  reader->progress.progress_monitor = on_progress;
  info->progress = &reader->progress;
  jpeg_mem_src(info, bytes, count);
  jpeg_read_header(info, TRUE);
  info->out_color_space = info->num_components == 4 ? JCS_CMYK : JCS_RGB;
  header->width = info->image_width;
  header->height = info->image_height;
  header->channels = info->num_components == 4 ? 4 : 3;
  return NARRATE_JPEG_OK;
}

narrate_jpeg_status narrate_jpeg_read(narrate_jpeg *reader, int eighths, uint8_t *pixels, size_t size) {
  struct jpeg_decompress_struct *info = &reader->info;
  if (setjmp(reader->escape)) return reader->status;

  info->scale_num = eighths;
  info->scale_denom = 8;
  jpeg_start_decompress(info);
  size_t stride = (size_t)info->output_width * info->output_components;
  if (stride * info->output_height != size) ERREXIT(info, JERR_BUFFER_SIZE);
  while (info->output_scanline < info->output_height) {
    JSAMPROW row = pixels + stride * info->output_scanline;
    jpeg_read_scanlines(info, &row, 1);
  }
  jpeg_finish_decompress(info);
  return NARRATE_JPEG_OK;
}

const char *narrate_jpeg_message(const narrate_jpeg *reader) { return reader->message; }

void narrate_jpeg_close(narrate_jpeg *reader) {
  if (reader == NULL) return;
  jpeg_destroy_decompress(&reader->info);
  free(reader);
}

struct writer {
  struct jpeg_compress_struct info;
  struct jpeg_error_mgr errors;
  jmp_buf escape;
  unsigned char *bytes;
  unsigned long count;
};

static void on_write_error(j_common_ptr common) {
  struct writer *writer = common->client_data;
  longjmp(writer->escape, 1);
}

narrate_jpeg_status narrate_jpeg_write(
    const uint8_t *pixels, int width, int height, int quality, uint8_t **bytes, size_t *count) {
  struct writer *writer = calloc(1, sizeof *writer);
  if (!writer) return NARRATE_JPEG_NO_MEMORY;
  writer->info.err = jpeg_std_error(&writer->errors);
  writer->errors.error_exit = on_write_error;
  writer->info.client_data = writer;
  narrate_jpeg_status status = NARRATE_JPEG_OK;
  if (setjmp(writer->escape) == 0) {
    jpeg_create_compress(&writer->info);
    writer->info.client_data = writer;
    jpeg_mem_dest(&writer->info, &writer->bytes, &writer->count);
    writer->info.image_width = width;
    writer->info.image_height = height;
    writer->info.input_components = 3;
    writer->info.in_color_space = JCS_RGB;
    jpeg_set_defaults(&writer->info);
    jpeg_set_quality(&writer->info, quality, TRUE);
    writer->info.optimize_coding = TRUE;
    jpeg_start_compress(&writer->info, TRUE);
    while (writer->info.next_scanline < writer->info.image_height) {
      JSAMPROW row = (JSAMPROW)(pixels + (size_t)writer->info.next_scanline * width * 3);
      jpeg_write_scanlines(&writer->info, &row, 1);
    }
    jpeg_finish_compress(&writer->info);
  } else {
    status = writer->errors.msg_code == JERR_OUT_OF_MEMORY ? NARRATE_JPEG_NO_MEMORY : NARRATE_JPEG_TOO_LARGE;
  }
  jpeg_destroy_compress(&writer->info);
  if (status == NARRATE_JPEG_OK) {
    *bytes = writer->bytes;
    *count = writer->count;
  } else {
    free(writer->bytes);
  }
  free(writer);
  return status;
}
