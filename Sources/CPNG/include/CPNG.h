#pragma once

#include <png.h>
#include <stddef.h>
#include <stdint.h>

// Why C: libpng reports an error by calling a function that must not return, so its reader needs `setjmp`,
// which Swift has not. (Its simplified reader needs none, but takes 16-bit samples for linear light, applies
// gAMA, blends alpha in linear light, and lets damaged ancillary chunks pass. Its simplified writer is good,
// and Swift calls that directly.)

typedef enum {
  NARRATE_PNG_OK = 0,
  NARRATE_PNG_CORRUPT,
  NARRATE_PNG_NO_MEMORY,
} narrate_png_status;

typedef struct narrate_png narrate_png;

typedef struct {
  uint32_t width, height;
  // Bytes a pixel of what `narrate_png_read` writes: 3 is RGB, 4 is RGBA with straight alpha.
  int channels;
} narrate_png_header;

// Reads as far as the image data. `bytes` must stay in place until `narrate_png_close`. `*reader` is set,
// also on failure, except when there is no memory for it.
narrate_png_status narrate_png_open(
    const uint8_t *bytes, size_t count, narrate_png **reader, narrate_png_header *header);

// Decodes the whole file to 8 bits a sample, in rows without padding; once per reader. `size` is the number
// of bytes at `pixels`.
narrate_png_status narrate_png_read(narrate_png *reader, uint8_t *pixels, size_t size);

// What went wrong last, in libpng's words.
const char *narrate_png_message(const narrate_png *reader);

void narrate_png_close(narrate_png *reader);
