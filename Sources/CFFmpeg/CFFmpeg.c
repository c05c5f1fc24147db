#include "CFFmpeg.h"

#include <dlfcn.h>
#include <errno.h>
#include <stdint.h>
#include <sys/stat.h>
#include <unistd.h>

narrate_av_names narrate_av_sonames(void) {
#define SONAME(library, version) .library = "lib" #library ".so." AV_STRINGIFY(version),
  return (narrate_av_names){NARRATE_AV_LIBRARIES(SONAME)};
}

static const char *reason(void) {
  const char *message = dlerror();
  return message ? message : "a function has no address";
}

const char *narrate_av_load(narrate_av_names names, narrate_av_functions *functions) {
  // Local, so that a program which has another version of FFmpeg can use this one as a library.
#define OPEN(library, version) \
  void *library = dlopen(names.library, RTLD_LAZY | RTLD_LOCAL); \
  if (!library) return reason();
  NARRATE_AV_LIBRARIES(OPEN)

#define RESOLVE(library, function) \
  void *found_##function = dlsym(library, #function); \
  if (!found_##function) return reason(); \
  functions->function = (__typeof__(function) *)found_##function;
  NARRATE_AV_FUNCTIONS(RESOLVE)
  return NULL;
}

#if LIBAVFORMAT_VERSION_MAJOR >= 61
typedef const uint8_t written_bytes;
#else
typedef uint8_t written_bytes;
#endif

static int descriptor_of(void *opaque) { return (int)(intptr_t)opaque; }

static int write_bytes(void *opaque, written_bytes *bytes, int count) {
  int done = 0;
  while (done < count) {
    ssize_t written = write(descriptor_of(opaque), bytes + done, count - done);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return AVERROR(errno);
    done += (int)written;
  }
  return count;
}

static int64_t seek_to(void *opaque, int64_t offset, int whence) {
  if (whence & AVSEEK_SIZE) {
    struct stat status;
    return fstat(descriptor_of(opaque), &status) ? AVERROR(errno) : status.st_size;
  }
  off_t position = lseek(descriptor_of(opaque), offset, whence & ~AVSEEK_FORCE);
  return position < 0 ? AVERROR(errno) : position;
}

AVIOContext *narrate_av_output(narrate_av_functions ffmpeg, int descriptor) {
  int size = 1 << 16;
  uint8_t *buffer = ffmpeg.av_malloc(size);
  if (!buffer) return NULL;
  AVIOContext *context =
      ffmpeg.avio_alloc_context(buffer, size, 1, (void *)(intptr_t)descriptor, NULL, write_bytes, seek_to);
  if (!context) ffmpeg.av_free(buffer);
  return context;
}
