// What Swift cannot import from FFmpeg: macros with casts, and calls that differ between its versions.
#pragma once

#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/display.h>
#include <libavutil/opt.h>
#include <libavutil/pixdesc.h>
#include <libswscale/swscale.h>

static inline int narrate_av_again(void) { return AVERROR(EAGAIN); }
static inline int narrate_av_no_decoder(void) { return AVERROR_DECODER_NOT_FOUND; }
static inline int narrate_av_end(void) { return AVERROR_EOF; }
static inline int64_t narrate_av_no_time(void) { return AV_NOPTS_VALUE; }

// The stream's display matrix, nine fixed-point numbers, or NULL: FFmpeg 7 moved it.
static inline const int32_t *narrate_av_display_matrix(const AVStream *stream) {
#if LIBAVFORMAT_VERSION_MAJOR >= 61
  const AVPacketSideData *data =
      av_packet_side_data_get(stream->codecpar->coded_side_data, stream->codecpar->nb_coded_side_data,
                              AV_PKT_DATA_DISPLAYMATRIX);
  return data && data->size >= 36 ? (const int32_t *)data->data : NULL;
#else
  size_t size = 0;
  const uint8_t *data = av_stream_get_side_data(stream, AV_PKT_DATA_DISPLAYMATRIX, &size);
  return data && size >= 36 ? (const int32_t *)data : NULL;
#endif
}

// The frame's length in units of the stream's time base, 0 where unknown.
static inline int64_t narrate_av_frame_duration(const AVFrame *frame) {
#if LIBAVUTIL_VERSION_MAJOR >= 58
  return frame->duration;
#else
  return frame->pkt_duration;
#endif
}
