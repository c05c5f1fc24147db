#pragma once

#include <exempi-2.0/exempi/xmp.h>
#include <exempi-2.0/exempi/xmperrors.h>

// Why C: the library is loaded when first a sidecar is read or written, so that captions alone do not pay for it; and Swift cannot
// take a function's type without linking the function.

#pragma clang assume_nonnull begin

#define NARRATE_EXEMPI_FUNCTIONS(X) \
  X(xmp_append_array_item) \
  X(xmp_delete_property) \
  X(xmp_free) \
  X(xmp_get_array_item) \
  X(xmp_get_error) \
  X(xmp_get_property) \
  X(xmp_init) \
  X(xmp_iterator_free) \
  X(xmp_iterator_new) \
  X(xmp_iterator_next) \
  X(xmp_new_empty) \
  X(xmp_parse) \
  X(xmp_register_namespace) \
  X(xmp_serialize) \
  X(xmp_set_array_item) \
  X(xmp_set_property) \
  X(xmp_string_cstr) \
  X(xmp_string_free) \
  X(xmp_string_new)

// The functions, each under its own name.
#define NARRATE_FIELD(function) __typeof__(function) *_Nonnull function;
typedef struct {
  NARRATE_EXEMPI_FUNCTIONS(NARRATE_FIELD)
} narrate_exempi;
#undef NARRATE_FIELD

// Loads them, for as long as the process runs. NULL, or which library or function is missing, in the words of dlerror and valid as
// long as those; the functions are not to be used then.
const char *_Nullable narrate_exempi_load(narrate_exempi *functions);

#pragma clang assume_nonnull end
