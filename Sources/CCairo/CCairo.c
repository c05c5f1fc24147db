#include "CCairo.h"

#include <dlfcn.h>
#include <stddef.h>

narrate_cairo_names narrate_cairo_sonames(void) {
#define SONAME(library, file) .library = file,
  return (narrate_cairo_names){NARRATE_CAIRO_LIBRARIES(SONAME)};
}

static const char *reason(void) {
  const char *message = dlerror();
  return message ? message : "a function has no address";
}

const char *narrate_cairo_load(narrate_cairo_names names, narrate_cairo_functions *functions) {
  // Local, so that a program which has other versions of these can use this one as a library.
#define OPEN(library, file) \
  void *library = dlopen(names.library, RTLD_LAZY | RTLD_LOCAL); \
  if (!library) return reason();
  NARRATE_CAIRO_LIBRARIES(OPEN)

#define RESOLVE(library, function) \
  void *found_##function = dlsym(library, #function); \
  if (!found_##function) return reason(); \
  functions->function = (__typeof__(function) *)found_##function;
  NARRATE_CAIRO_FUNCTIONS(RESOLVE)
  return NULL;
}
