#include "CStills.h"

#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

static const char *reason(void) {
  const char *message = dlerror();
  return message ? message : "a function has no address";
}

// Local, so that a program which has other versions of these can use this one as a library.
#define OPEN(library, file) \
  void *library = dlopen(file, RTLD_LAZY | RTLD_LOCAL); \
  if (!library) return reason();

#define RESOLVE(library, function) \
  void *found_##function = dlsym(library, #function); \
  if (!found_##function) return reason(); \
  functions->function = (__typeof__(function) *)found_##function;

#define LIBRARY(name, LIBRARIES, FUNCTIONS) \
  const char *narrate_##name##_load(narrate_##name *functions) { \
    LIBRARIES(OPEN) \
    FUNCTIONS(RESOLVE) \
    return NULL; \
  }

LIBRARY(heif, NARRATE_HEIF_LIBRARIES, NARRATE_HEIF_FUNCTIONS)
LIBRARY(tiff, NARRATE_TIFF_LIBRARIES, NARRATE_TIFF_FUNCTIONS)
LIBRARY(webp, NARRATE_WEBP_LIBRARIES, NARRATE_WEBP_FUNCTIONS)
LIBRARY(lcms, NARRATE_LCMS_LIBRARIES, NARRATE_LCMS_FUNCTIONS)
LIBRARY(raw, NARRATE_RAW_LIBRARIES, NARRATE_RAW_FUNCTIONS)

static int on_tiff_error(TIFF *tiff, void *user, const char *module, const char *format, va_list arguments) {
  (void)tiff;
  (void)module;
  narrate_tiff_message *message = user;
  if (message->text[0] == 0) vsnprintf(message->text, sizeof message->text, format, arguments);
  return 1;  // no other handler is called
}

static int on_tiff_warning(TIFF *tiff, void *user, const char *module, const char *format, va_list arguments) {
  (void)tiff;
  (void)user;
  (void)module;
  (void)format;
  (void)arguments;
  return 1;
}

TIFF *narrate_tiff_open(const narrate_tiff *library, int file, int64_t most, narrate_tiff_message *message) {
  message->text[0] = 0;
  TIFFOpenOptions *options = library->TIFFOpenOptionsAlloc();
  if (!options) return NULL;
  library->TIFFOpenOptionsSetMaxSingleMemAlloc(options, most);
  library->TIFFOpenOptionsSetErrorHandlerExtR(options, on_tiff_error, message);
  library->TIFFOpenOptionsSetWarningHandlerExtR(options, on_tiff_warning, message);
  // Not mapped: a file that shrinks meanwhile would end the process.
  TIFF *tiff = library->TIFFFdOpenExt(file, "", "rm", options);
  library->TIFFOpenOptionsFree(options);
  return tiff;
}

bool narrate_tiff_short(const narrate_tiff *library, TIFF *tiff, uint32_t tag, uint16_t *value) {
  return library->TIFFGetFieldDefaulted(tiff, tag, value) == 1;
}

bool narrate_tiff_long(const narrate_tiff *library, TIFF *tiff, uint32_t tag, uint32_t *value) {
  return library->TIFFGetFieldDefaulted(tiff, tag, value) == 1;
}

bool narrate_tiff_bytes(
    const narrate_tiff *library, TIFF *tiff, uint32_t tag, const uint8_t **bytes, uint32_t *count) {
  void *data = NULL;
  if (library->TIFFGetField(tiff, tag, count, &data) != 1) return false;
  *bytes = data;
  return data != NULL;
}

bool narrate_tiff_has(const narrate_tiff *library, TIFF *tiff, uint32_t tag) {
  // Room for whatever a field may be told in.
  uint64_t a[4] = {0}, b[4] = {0}, c[4] = {0};
  return library->TIFFGetField(tiff, tag, a, b, c) == 1;
}

bool narrate_tiff_rows(
    const narrate_tiff *library, TIFF *tiff, uint32_t first, uint32_t width, uint32_t count, uint32_t *pixels,
    bool *has_alpha) {
  TIFFRGBAImage image;
  char message[1024];
  if (!library->TIFFRGBAImageBegin(&image, tiff, 1, message)) return false;
  image.req_orientation = image.orientation;  // as stored
  image.row_offset = first;
  image.col_offset = 0;
  // libtiff takes any fourth sample for alpha.
  uint16_t extra = 0, *kinds = NULL;
  *has_alpha = image.alpha != 0 && library->TIFFGetField(tiff, TIFFTAG_EXTRASAMPLES, &extra, &kinds) == 1 && extra > 0 &&
      kinds != NULL && kinds[0] != EXTRASAMPLE_UNSPECIFIED;
  int status = library->TIFFRGBAImageGet(&image, pixels, width, count);
  library->TIFFRGBAImageEnd(&image);
  return status == 1;
}

int narrate_raw_read(
    const narrate_raw *library, libraw_data_t *reader, const char *path, const void *bytes, size_t count,
    narrate_raw_preview *preview) {
  int status = path ? library->libraw_open_file(reader, path) : library->libraw_open_buffer(reader, (void *)bytes, count);
  if (status) return status;
  status = library->libraw_unpack_thumb(reader);
  if (status) return status;
  const libraw_thumbnail_t *thumbnail = &reader->thumbnail;
  preview->bytes = (const uint8_t *)thumbnail->thumb;
  preview->count = thumbnail->tlength;
  preview->is_jpeg = thumbnail->tformat == LIBRAW_THUMBNAIL_JPEG;
  preview->width = thumbnail->twidth;
  preview->height = thumbnail->theight;
  preview->full_width = reader->sizes.width;
  preview->full_height = reader->sizes.height;
  preview->flip = reader->sizes.flip;
  if (!preview->is_jpeg) {
    size_t wanted = (size_t)thumbnail->twidth * thumbnail->theight * 3;
    if (thumbnail->tformat != LIBRAW_THUMBNAIL_BITMAP || thumbnail->tcolors != 3 || preview->count < wanted)
      return LIBRAW_UNSUPPORTED_THUMBNAIL;
  }
  return preview->bytes ? 0 : LIBRAW_NO_THUMBNAIL;
}
