#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Why C: libjpeg reports an error by calling `error_exit`, which must not return. The one way out is
// `longjmp`, which Swift can neither call nor be jumped over. So each function here sets a jump target, and
// returns a status.

typedef enum {
  NARRATE_JPEG_OK = 0,
  NARRATE_JPEG_CORRUPT,
  NARRATE_JPEG_UNSUPPORTED,
  NARRATE_JPEG_TOO_LARGE,
  NARRATE_JPEG_NO_MEMORY,
} narrate_jpeg_status;

typedef struct narrate_jpeg narrate_jpeg;

typedef struct {
  int width, height;
  // Bytes a pixel of what `narrate_jpeg_read` writes: 3 is RGB; 4 is CMYK as stored, neither inverted nor
  // converted.
  int channels;
  // Bytes that all its coefficients take, which are kept where they come in several scans; else 0.
  size_t coefficients;
} narrate_jpeg_header;

// Whether pixels are lost, and how much of the picture could be decoded before the first was, 0 to 1.
typedef struct {
  bool is_damaged;
  double seen;
} narrate_jpeg_damage;

// Reads as far as the first scan, and takes only a few kilobytes however large the picture says it is.
// `bytes` must stay in place until `narrate_jpeg_close`. `*reader` is set, also on failure, except when there
// is no memory for it.
narrate_jpeg_status narrate_jpeg_open(
    const uint8_t *bytes, size_t count, narrate_jpeg **reader, narrate_jpeg_header *header);

// Decodes at eighths/8 of the size, each side rounded up, into rows without padding; once per reader. `size`
// is the number of bytes at `pixels`. All of them are set, also where the file ends early or is damaged: that is told in
// `damage`, and what is lost is gray or what libjpeg makes of it.
narrate_jpeg_status narrate_jpeg_read(
    narrate_jpeg *reader, int eighths, uint8_t *pixels, size_t size, narrate_jpeg_damage *damage);

// What went wrong last, in libjpeg's words.
const char *narrate_jpeg_message(const narrate_jpeg *reader);

void narrate_jpeg_close(narrate_jpeg *reader);

// Encodes rows of RGB without padding as a baseline JPEG with 4:2:0 chroma. `*bytes` is to be freed.
narrate_jpeg_status narrate_jpeg_write(
    const uint8_t *pixels, int width, int height, int quality, uint8_t **bytes, size_t *count);
