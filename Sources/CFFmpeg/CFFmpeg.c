#include "CFFmpeg.h"

#include <dlfcn.h>

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
