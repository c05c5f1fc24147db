#pragma once

#include <lcms2.h>
#include <libheif/heif.h>
#include <libraw/libraw.h>
#include <stdbool.h>
#include <tiffio.h>
#include <webp/decode.h>
#include <webp/demux.h>

// Why C: each of these libraries is loaded when first a file needs it, so that a JPEG's start does not pay for them; and Swift
// can neither take a function's type without linking the function, nor call functions with variable arguments.

#pragma clang assume_nonnull begin

#define NARRATE_HEIF_LIBRARIES(X) X(heif, "libheif.so.1")
#define NARRATE_HEIF_FUNCTIONS(X) \
  X(heif, heif_context_alloc) \
  X(heif, heif_context_free) \
  X(heif, heif_context_get_primary_image_ID) \
  X(heif, heif_context_get_primary_image_handle) \
  X(heif, heif_context_read_from_memory_without_copy) \
  X(heif, heif_context_set_maximum_image_size_limit) \
  X(heif, heif_decode_image) \
  X(heif, heif_image_get_bits_per_pixel_range) \
  X(heif, heif_image_get_decoding_warnings) \
  X(heif, heif_image_get_height) \
  X(heif, heif_image_get_plane_readonly) \
  X(heif, heif_image_get_width) \
  X(heif, heif_image_handle_get_height) \
  X(heif, heif_image_handle_get_list_of_thumbnail_IDs) \
  X(heif, heif_image_handle_get_luma_bits_per_pixel) \
  X(heif, heif_image_handle_get_nclx_color_profile) \
  X(heif, heif_image_handle_get_number_of_thumbnails) \
  X(heif, heif_image_handle_get_raw_color_profile) \
  X(heif, heif_image_handle_get_raw_color_profile_size) \
  X(heif, heif_image_handle_get_thumbnail) \
  X(heif, heif_image_handle_get_width) \
  X(heif, heif_image_handle_has_alpha_channel) \
  X(heif, heif_image_handle_is_premultiplied_alpha) \
  X(heif, heif_image_handle_release) \
  X(heif, heif_image_release) \
  X(heif, heif_nclx_color_profile_free)

#define NARRATE_TIFF_LIBRARIES(X) X(tiff, "libtiff.so.6")
#define NARRATE_TIFF_FUNCTIONS(X) \
  X(tiff, TIFFClose) \
  X(tiff, TIFFCurrentDirectory) \
  X(tiff, TIFFFdOpenExt) \
  X(tiff, TIFFGetField) \
  X(tiff, TIFFGetFieldDefaulted) \
  X(tiff, TIFFIsTiled) \
  X(tiff, TIFFOpenOptionsAlloc) \
  X(tiff, TIFFOpenOptionsFree) \
  X(tiff, TIFFOpenOptionsSetErrorHandlerExtR) \
  X(tiff, TIFFOpenOptionsSetMaxSingleMemAlloc) \
  X(tiff, TIFFOpenOptionsSetWarningHandlerExtR) \
  X(tiff, TIFFRGBAImageBegin) \
  X(tiff, TIFFRGBAImageEnd) \
  X(tiff, TIFFRGBAImageGet) \
  X(tiff, TIFFRGBAImageOK) \
  X(tiff, TIFFReadDirectory) \
  X(tiff, TIFFReadEncodedStrip) \
  X(tiff, TIFFReadEncodedTile) \
  X(tiff, TIFFSetDirectory) \
  X(tiff, TIFFStripSize64) \
  X(tiff, TIFFTileSize64)

#define NARRATE_WEBP_LIBRARIES(X) \
  X(webp, "libwebp.so.7") \
  X(webpdemux, "libwebpdemux.so.2")
#define NARRATE_WEBP_FUNCTIONS(X) \
  X(webp, WebPFreeDecBuffer) \
  X(webp, WebPGetFeaturesInternal) \
  X(webp, WebPIDecGetRGB) \
  X(webp, WebPIDecode) \
  X(webp, WebPIDelete) \
  X(webp, WebPIUpdate) \
  X(webp, WebPInitDecoderConfigInternal) \
  X(webpdemux, WebPDemuxDelete) \
  X(webpdemux, WebPDemuxGetChunk) \
  X(webpdemux, WebPDemuxGetFrame) \
  X(webpdemux, WebPDemuxGetI) \
  X(webpdemux, WebPDemuxInternal) \
  X(webpdemux, WebPDemuxReleaseChunkIterator) \
  X(webpdemux, WebPDemuxReleaseIterator)

#define NARRATE_LCMS_LIBRARIES(X) X(lcms, "liblcms2.so.2")
#define NARRATE_LCMS_FUNCTIONS(X) \
  X(lcms, cmsCloseProfile) \
  X(lcms, cmsCreateContext) \
  X(lcms, cmsCreateTransformTHR) \
  X(lcms, cmsCreate_sRGBProfileTHR) \
  X(lcms, cmsDeleteContext) \
  X(lcms, cmsDeleteTransform) \
  X(lcms, cmsDoTransform) \
  X(lcms, cmsGetColorSpace) \
  X(lcms, cmsOpenProfileFromMemTHR)

#define NARRATE_STRING_(text) #text
#define NARRATE_STRING(text) NARRATE_STRING_(text)
#define NARRATE_RAW_LIBRARIES(X) X(raw, "libraw_r.so." NARRATE_STRING(LIBRAW_SHLIB_CURRENT))
#define NARRATE_RAW_FUNCTIONS(X) \
  X(raw, libraw_close) \
  X(raw, libraw_init) \
  X(raw, libraw_open_buffer) \
  X(raw, libraw_open_file) \
  X(raw, libraw_strerror) \
  X(raw, libraw_unpack_thumb)

// The functions of a library, each under its own name; and what loads them, for as long as the process runs. That returns NULL,
// or which library or function is missing, in the words of dlerror and valid as long as those; the functions are not to be used
// then.
#define NARRATE_FIELD(library, function) __typeof__(function) *_Nonnull function;
#define NARRATE_LIBRARY(name, FUNCTIONS) \
  typedef struct { \
    FUNCTIONS(NARRATE_FIELD) \
  } narrate_##name; \
  const char *_Nullable narrate_##name##_load(narrate_##name *functions);

NARRATE_LIBRARY(heif, NARRATE_HEIF_FUNCTIONS)
NARRATE_LIBRARY(tiff, NARRATE_TIFF_FUNCTIONS)
NARRATE_LIBRARY(webp, NARRATE_WEBP_FUNCTIONS)
NARRATE_LIBRARY(lcms, NARRATE_LCMS_FUNCTIONS)
NARRATE_LIBRARY(raw, NARRATE_RAW_FUNCTIONS)
#undef NARRATE_LIBRARY
#undef NARRATE_FIELD

// libtiff's errors, as many as fit: the first says most.
typedef struct {
  char text[256];
} narrate_tiff_message;

// Opens a file, which is closed with it, to be read. No allocation of libtiff's is larger than `most` bytes. `message` is
// written to as long as the file is open. NULL on failure.
TIFF *_Nullable narrate_tiff_open(
    const narrate_tiff *library, int file, int64_t most, narrate_tiff_message *message);

// The value of a field, or what the standard says where it is absent; false where it says nothing.
bool narrate_tiff_short(const narrate_tiff *library, TIFF *tiff, uint32_t tag, uint16_t *value);
bool narrate_tiff_long(const narrate_tiff *library, TIFF *tiff, uint32_t tag, uint32_t *value);
// Bytes that belong to `tiff`.
bool narrate_tiff_bytes(
    const narrate_tiff *library, TIFF *tiff, uint32_t tag, const uint8_t *_Nullable *_Nonnull bytes, uint32_t *count);
// Whether the directory has a field.
bool narrate_tiff_has(const narrate_tiff *library, TIFF *tiff, uint32_t tag);

// Decodes rows as stored, 4 bytes a pixel: red, green, blue and alpha, by which the colours have been multiplied.
// `has_alpha` is set. False on failure.
bool narrate_tiff_rows(
    const narrate_tiff *library, TIFF *tiff, uint32_t first, uint32_t width, uint32_t count, uint32_t *pixels,
    bool *has_alpha);

// The preview in a camera's file; belongs to the reader.
typedef struct {
  const uint8_t *_Nullable bytes;
  size_t count;
  // A JPEG; else `width * height` pixels of three bytes.
  bool is_jpeg;
  int width, height;
  // Of the whole picture, as the sensor lies.
  int full_width, full_height;
  // How it is to be turned: 0, 3 (by 180 degrees), 5 (to the left), 6 (to the right).
  int flip;
} narrate_raw_preview;

// Reads the file at a path or, where that is NULL, in memory. libraw's status, 0 where all went well.
int narrate_raw_read(
    const narrate_raw *library, libraw_data_t *reader, const char *_Nullable path, const void *_Nullable bytes, size_t count,
    narrate_raw_preview *preview);

#pragma clang assume_nonnull end
