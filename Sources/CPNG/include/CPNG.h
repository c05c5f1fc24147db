#pragma once

#include <png.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Why C: libpng reports an error by calling a function that must not return, so its reader needs `setjmp`,
// which Swift has not. (Its simplified reader needs none, but takes 16-bit samples for linear light, applies
// gAMA, blends alpha in linear light, and lets damaged ancillary chunks pass. Its simplified writer is good,
// and Swift calls that directly.)

typedef enum {
  NARRATE_PNG_OK = 0,
  NARRATE_PNG_CORRUPT,
  // The bytes end before the file's end.
  NARRATE_PNG_CUT,
  NARRATE_PNG_NO_MEMORY,
} narrate_png_status;

typedef struct narrate_png narrate_png;

typedef struct {
  // Whether a wrong checksum is an error also in chunks that the picture does not need.
  bool is_strict;
  // Whether the color profile, and texts, are kept.
  bool wants_profile, wants_text;
} narrate_png_options;

typedef struct {
  uint32_t width, height;
  // Bytes a pixel of what `narrate_png_read` writes: 3 is RGB, 4 is RGBA with straight alpha.
  int channels;
  bool is_interlaced;
} narrate_png_header;

// Reads as far as the image data. `bytes` must stay in place until `narrate_png_close`. `*reader` is set,
// also on failure, except when there is no memory for it.
narrate_png_status narrate_png_open(
    const uint8_t *bytes, size_t count, narrate_png_options options, narrate_png **reader,
    narrate_png_header *header);

// Decodes the next rows to 8 bits a sample, without padding; all of them at once where the file is interlaced. `size` is the
// number of bytes at `pixels`, those of whole rows. After a failure there are as many as `narrate_png_seen` says.
narrate_png_status narrate_png_read(narrate_png *reader, uint8_t *pixels, size_t size);

// Reads what comes after the image data.
narrate_png_status narrate_png_finish(narrate_png *reader);

// How much of the picture has been decoded, 0 to 1.
double narrate_png_seen(const narrate_png *reader);

// The color profile's bytes, which belong to the reader; NULL where there is none.
const uint8_t *narrate_png_profile(narrate_png *reader, size_t *count);

// The first text with a keyword, which belongs to the reader; NULL where there is none.
const char *narrate_png_text(narrate_png *reader, const char *keyword);

// What went wrong last, in libpng's words.
const char *narrate_png_message(const narrate_png *reader);

void narrate_png_close(narrate_png *reader);
