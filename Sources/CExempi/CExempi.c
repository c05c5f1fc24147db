#include "CExempi.h"

#include <dlfcn.h>

static const char *reason(void) {
  const char *message = dlerror();
  return message ? message : "a function has no address";
}

const char *narrate_exempi_load(narrate_exempi *functions) {
  // Local, so that a program which has another version of it can use this one as a library.
  void *library = dlopen("libexempi.so.8", RTLD_LAZY | RTLD_LOCAL);
  if (!library) return reason();
#define RESOLVE(function) \
  void *found_##function = dlsym(library, #function); \
  if (!found_##function) return reason(); \
  functions->function = (__typeof__(function) *)found_##function;
  NARRATE_EXEMPI_FUNCTIONS(RESOLVE)
  return NULL;
}
