#pragma once

#include <stdbool.h>
#include <string.h>

#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/display.h>
#include <libavutil/opt.h>
#include <libavutil/pixdesc.h>
#include <libswscale/swscale.h>

// Why C: FFmpeg is loaded when a file first needs it, since linking it would make every start pay for more than
// a hundred shared libraries; and Swift can neither take a function's type without linking the function, nor
// import macros with casts, nor tell FFmpeg's versions apart.

#pragma clang assume_nonnull begin

// The libraries that are loaded, and the versions that the headers above are of.
#define NARRATE_AV_LIBRARIES(X) \
  X(avformat, LIBAVFORMAT_VERSION_MAJOR) \
  X(avcodec, LIBAVCODEC_VERSION_MAJOR) \
  X(swscale, LIBSWSCALE_VERSION_MAJOR) \
  X(avutil, LIBAVUTIL_VERSION_MAJOR)

// FFmpeg 6.1 moved the side data of streams.
#define NARRATE_AV_SIDE_DATA_IN_PARAMETERS (LIBAVCODEC_VERSION_INT >= AV_VERSION_INT(60, 30, 100))
#if NARRATE_AV_SIDE_DATA_IN_PARAMETERS
#define NARRATE_AV_SIDE_DATA(X) X(avcodec, av_packet_side_data_get)
#else
#define NARRATE_AV_SIDE_DATA(X) X(avformat, av_stream_get_side_data) X(avformat, av_stream_new_side_data)
#endif

// Every function of FFmpeg that is called, and the library that has it.
#define NARRATE_AV_FUNCTIONS(X) \
  X(avformat, av_find_best_stream) \
  X(avformat, av_guess_format) \
  X(avformat, av_guess_frame_rate) \
  X(avformat, av_guess_sample_aspect_ratio) \
  X(avformat, av_index_search_timestamp) \
  X(avformat, av_interleaved_write_frame) \
  X(avformat, av_read_frame) \
  X(avformat, av_seek_frame) \
  X(avformat, av_write_trailer) \
  X(avformat, avformat_alloc_context) \
  X(avformat, avformat_alloc_output_context2) \
  X(avformat, avformat_close_input) \
  X(avformat, avformat_find_stream_info) \
  X(avformat, avformat_free_context) \
  X(avformat, avformat_index_get_entry) \
  X(avformat, avformat_index_get_entries_count) \
  X(avformat, avformat_new_stream) \
  X(avformat, avformat_open_input) \
  X(avformat, avformat_query_codec) \
  X(avformat, avformat_write_header) \
  X(avformat, avio_alloc_context) \
  X(avformat, avio_context_free) \
  X(avcodec, av_new_packet) \
  X(avcodec, av_packet_alloc) \
  X(avcodec, av_packet_free) \
  X(avcodec, av_packet_rescale_ts) \
  X(avcodec, av_packet_unref) \
  X(avcodec, avcodec_alloc_context3) \
  X(avcodec, avcodec_default_get_buffer2) \
  X(avcodec, avcodec_find_decoder_by_name) \
  X(avcodec, avcodec_find_decoder) \
  X(avcodec, avcodec_flush_buffers) \
  X(avcodec, avcodec_free_context) \
  X(avcodec, avcodec_open2) \
  X(avcodec, avcodec_parameters_copy) \
  X(avcodec, avcodec_parameters_to_context) \
  X(avcodec, avcodec_pix_fmt_to_codec_tag) \
  X(avcodec, avcodec_receive_frame) \
  X(avcodec, avcodec_send_packet) \
  X(swscale, sws_freeContext) \
  X(swscale, sws_getCachedContext) \
  X(swscale, sws_getCoefficients) \
  X(swscale, sws_scale) \
  X(swscale, sws_setColorspaceDetails) \
  X(avutil, av_buffer_create) \
  X(avutil, av_dict_copy) \
  X(avutil, av_dict_free) \
  X(avutil, av_dict_get) \
  X(avutil, av_dict_set) \
  X(avutil, av_frame_alloc) \
  X(avutil, av_frame_free) \
  X(avutil, av_frame_unref) \
  X(avutil, av_free) \
  X(avutil, av_get_padded_bits_per_pixel) \
  X(avutil, av_log_set_level) \
  X(avutil, av_malloc) \
  X(avutil, av_max_alloc) \
  X(avutil, av_pix_fmt_desc_get) \
  X(avutil, av_strerror) \
  NARRATE_AV_SIDE_DATA(X)

// The functions, each under its own name.
typedef struct {
#define NARRATE_AV_FIELD(library, function) __typeof__(function) *_Nonnull function;
  NARRATE_AV_FUNCTIONS(NARRATE_AV_FIELD)
#undef NARRATE_AV_FIELD
} narrate_av_functions;

// The files that the libraries are looked for in, as dlopen takes them.
typedef struct {
#define NARRATE_AV_FIELD(library, version) const char *library;
  NARRATE_AV_LIBRARIES(NARRATE_AV_FIELD)
#undef NARRATE_AV_FIELD
} narrate_av_names;

// The sonames of the versions that the headers are of, such as libavformat.so.59.
narrate_av_names narrate_av_sonames(void);

// Loads the libraries, for as long as the process runs, and fills in all functions. Returns NULL, or which library
// or function is missing, in the words of dlerror and valid as long as those; `functions` is not to be used then.
const char *_Nullable narrate_av_load(narrate_av_names names, narrate_av_functions *functions);

static inline int narrate_av_again(void) { return AVERROR(EAGAIN); }
static inline int narrate_av_no_decoder(void) { return AVERROR_DECODER_NOT_FOUND; }
static inline int narrate_av_end(void) { return AVERROR_EOF; }
static inline int narrate_av_invalid_data(void) { return AVERROR_INVALIDDATA; }
static inline int narrate_av_no_memory(void) { return AVERROR(ENOMEM); }
static inline int64_t narrate_av_no_time(void) { return AV_NOPTS_VALUE; }

// The stream's display matrix, nine fixed-point numbers, or NULL.
static inline const int32_t *_Nullable narrate_av_display_matrix(
    narrate_av_functions ffmpeg, const AVStream *stream) {
#if NARRATE_AV_SIDE_DATA_IN_PARAMETERS
  const AVPacketSideData *data = ffmpeg.av_packet_side_data_get(
      stream->codecpar->coded_side_data, stream->codecpar->nb_coded_side_data, AV_PKT_DATA_DISPLAYMATRIX);
  return data && data->size >= 36 ? (const int32_t *)data->data : NULL;
#else
  size_t size = 0;
  const uint8_t *data = ffmpeg.av_stream_get_side_data(stream, AV_PKT_DATA_DISPLAYMATRIX, &size);
  return data && size >= 36 ? (const int32_t *)data : NULL;
#endif
}

// Gives a stream that is written what a stream that is read has beside its packets, such as how it is turned. Returns whether there
// was memory for it.
static inline bool narrate_av_copy_side_data(
    narrate_av_functions ffmpeg, const AVStream *from, AVStream *to) {
#if !NARRATE_AV_SIDE_DATA_IN_PARAMETERS
  for (int index = 0; index < from->nb_side_data; index++) {
    const AVPacketSideData *data = &from->side_data[index];
    uint8_t *copy = ffmpeg.av_stream_new_side_data(to, data->type, data->size);
    if (!copy) return false;
    memcpy(copy, data->data, data->size);
  }
#endif
  // Later versions keep it with the parameters, which are copied as a whole.
  return true;
}

// A place that FFmpeg writes to by a descriptor, which stays the caller's; NULL without memory. `avio_context_free` frees it,
// after its buffer. In C, since the function that writes has another type from FFmpeg 7 on.
AVIOContext *_Nullable narrate_av_output(narrate_av_functions ffmpeg, int descriptor);

// The frame's length in units of the stream's time base, 0 where unknown.
static inline int64_t narrate_av_frame_duration(const AVFrame *frame) {
#if LIBAVUTIL_VERSION_MAJOR >= 58
  return frame->duration;
#else
  return frame->pkt_duration;
#endif
}

// Whether the frame's lines are of two moments in turn.
static inline bool narrate_av_is_interlaced(const AVFrame *frame) {
#ifdef AV_FRAME_FLAG_INTERLACED
  return frame->flags & AV_FRAME_FLAG_INTERLACED;
#else
  return frame->interlaced_frame;
#endif
}

// Says that the context's functions may be called by any of its threads; since FFmpeg 6 all must be such.
static inline void narrate_av_allow_threads(AVCodecContext *context) {
#if LIBAVCODEC_VERSION_MAJOR < 60
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wdeprecated-declarations"
  context->thread_safe_callbacks = 1;
#pragma clang diagnostic pop
#endif
}

#pragma clang assume_nonnull end
