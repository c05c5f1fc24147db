#include "CJPEG.h"

#include <setjmp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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
  const uint8_t *bytes;
  size_t count;
  // The first damage to the picture, and how much of it had been decoded then; and likewise where the bytes ended.
  bool is_damaged, is_cut;
  double seen, seen_when_cut;
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

// How much of the picture has been decoded, 0 to 1. Of one in several scans, the first shows all of it, if coarsely.
static double seen(struct jpeg_decompress_struct *info) {
  if (info->output_scanline > 0 && info->output_height > 0)
    return (double)info->output_scanline / info->output_height;
  if (info->input_scan_number > 1) return 1;
  return info->total_iMCU_rows > 0 ? (double)info->input_iMCU_row / info->total_iMCU_rows : 0;
}

static void on_message(j_common_ptr common, int level) {
  if (level >= 0) return;  // a trace
  narrate_jpeg *reader = common->client_data;
  switch (common->err->msg_code) {
  case JWRN_EXTRANEOUS_DATA:
  case JWRN_NOT_SEQUENTIAL:
  case JWRN_ADOBE_XFORM:
  case JWRN_JFIF_MAJOR:
    return;  // odd, but every pixel is known
  case JWRN_JPEG_EOF:
    // Perhaps of the marker at the end alone.
    if (!reader->is_cut) reader->seen_when_cut = seen(&reader->info);
    reader->is_cut = true;
    return;
  default:
    if (!reader->is_damaged) {
      reader->seen = seen(&reader->info);
      common->err->format_message(common, reader->message);
    }
    reader->is_damaged = true;
  }
}

static void on_progress(j_common_ptr common) {
  narrate_jpeg *reader = common->client_data;
  if (reader->info.input_scan_number <= MAX_SCANS) return;
  reader->status = NARRATE_JPEG_CORRUPT;
  snprintf(reader->message, sizeof reader->message, "More than %d scans", MAX_SCANS);
  longjmp(reader->escape, 1);
}

// Reads as far as the first scan.
static void read_header(narrate_jpeg *reader, size_t count) {
  struct jpeg_decompress_struct *info = &reader->info;
  jpeg_mem_src(info, reader->bytes, count);
  jpeg_read_header(info, TRUE);
  info->out_color_space = info->num_components == 4 ? JCS_CMYK : JCS_RGB;
}

narrate_jpeg_status narrate_jpeg_open(
    const uint8_t *bytes, size_t count, narrate_jpeg **result, narrate_jpeg_header *header) {
  narrate_jpeg *reader = calloc(1, sizeof *reader);
  *result = reader;
  if (reader == NULL) return NARRATE_JPEG_NO_MEMORY;
  reader->bytes = bytes;
  reader->count = count;
  struct jpeg_decompress_struct *info = &reader->info;
  info->err = jpeg_std_error(&reader->errors);
  reader->errors.error_exit = on_error;
  reader->errors.emit_message = on_message;
  info->client_data = reader;
  if (setjmp(reader->escape)) return reader->status;

  jpeg_create_decompress(info);
  reader->progress.progress_monitor = on_progress;
  info->progress = &reader->progress;
  read_header(reader, count);
  header->width = info->image_width;
  header->height = info->image_height;
  header->channels = info->num_components == 4 ? 4 : 3;
  header->coefficients = 0;
  if (jpeg_has_multiple_scans(info)) {
    for (int index = 0; index < info->num_components; index++) {
      jpeg_component_info *component = &info->comp_info[index];
      header->coefficients += (size_t)component->width_in_blocks * component->height_in_blocks * sizeof(JBLOCK);
    }
  }
  return NARRATE_JPEG_OK;
}

// Whether a picture in several scans has all of them.
static bool is_refined(struct jpeg_decompress_struct *info) {
  if (!info->coef_bits) return true;
  for (int component = 0; component < info->num_components; component++)
    for (int place = 0; place < DCTSIZE2; place++)
      if (info->coef_bits[component][place] != 0) return false;
  return true;
}

static void read_pixels(narrate_jpeg *reader, int eighths, uint8_t *pixels, size_t size) {
  struct jpeg_decompress_struct *info = &reader->info;
  info->scale_num = eighths;
  info->scale_denom = 8;
  jpeg_start_decompress(info);
  size_t stride = (size_t)info->output_width * info->output_components;
  if (stride * info->output_height != size) ERREXIT(info, JERR_BUFFER_SIZE);
  while (info->output_scanline < info->output_height) {
    JSAMPROW row = pixels + stride * info->output_scanline;
    jpeg_read_scanlines(info, &row, 1);
  }
  if (reader->is_cut && !reader->is_damaged && !is_refined(info)) {
    reader->is_damaged = true;
    reader->seen = reader->seen_when_cut;
    snprintf(reader->message, sizeof reader->message, "Premature end of JPEG file");
  }
}

// What cannot be read on: the rows that are there are kept.
static narrate_jpeg_status keep_rows(narrate_jpeg *reader, uint8_t *pixels, size_t size) {
  struct jpeg_decompress_struct *info = &reader->info;
  size_t done = (size_t)info->output_width * info->output_components * info->output_scanline;
  memset(pixels + done, 128, size - done);
  if (!reader->is_damaged) reader->seen = seen(info);
  reader->is_damaged = true;
  return NARRATE_JPEG_OK;
}

// Where the last marker begins of those that have been read, leaving out those within a scan.
static size_t last_marker(const narrate_jpeg *reader) {
  size_t place = reader->info.src ? reader->count - reader->info.src->bytes_in_buffer : 0;
  for (place = place > 2 ? place - 2 : 0; place > 0; place--) {
    uint8_t code = reader->bytes[place + 1];
    if (reader->bytes[place] == 0xFF && code != 0 && code != 0xFF && (code < 0xD0 || code > 0xD7)) break;
  }
  return place;
}

narrate_jpeg_status narrate_jpeg_read(
    narrate_jpeg *reader, int eighths, uint8_t *pixels, size_t size, narrate_jpeg_damage *damage) {
  struct jpeg_decompress_struct *info = &reader->info;
  narrate_jpeg_status status = NARRATE_JPEG_OK;
  if (setjmp(reader->escape) == 0) {
    read_pixels(reader, eighths, pixels, size);
  } else if (reader->status != NARRATE_JPEG_CORRUPT || info->input_scan_number > MAX_SCANS) {
    return reader->status;
  } else if (info->output_scanline > 0) {
    status = keep_rows(reader, pixels, size);
  } else {
    // In the middle of several scans: once more, with the bytes alone that made sense.
    size_t sound = last_marker(reader);
    reader->seen_when_cut = seen(info);
    jpeg_abort_decompress(info);
    reader->is_cut = true;
    if (setjmp(reader->escape)) {
      if (reader->status != NARRATE_JPEG_CORRUPT || info->output_scanline == 0) return reader->status;
      status = keep_rows(reader, pixels, size);
    } else {
      read_header(reader, sound);
      read_pixels(reader, eighths, pixels, size);
    }
  }
  // What follows the picture is nobody's business here: a missing marker, a trailer of the camera's.
  damage->is_damaged = reader->is_damaged;
  damage->seen = reader->is_damaged ? reader->seen : 1;
  return status;
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
