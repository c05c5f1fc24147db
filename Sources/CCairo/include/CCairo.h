#pragma once

#include <cairo/cairo-svg.h>
#include <cairo/cairo.h>

// Why C: Cairo and Pango are loaded when first something is drawn, since linking them would make every start pay for
// some thirty shared libraries; and Swift cannot take a function's type without linking the function.

#pragma clang assume_nonnull begin

// What is used of Pango and GObject, as their headers declare it (the same since Pango 1.44): those include each other by
// directories that the package manager would only put on the search path together with linking the libraries.
typedef struct _PangoLayout PangoLayout;
typedef struct _PangoContext PangoContext;
typedef struct _PangoFontDescription PangoFontDescription;
typedef struct {
  int x, y, width, height;
} PangoRectangle;
enum { NARRATE_PANGO_SCALE = 1024 };
enum { NARRATE_PANGO_ELLIPSIZE_END = 3 };
enum { NARRATE_PANGO_WRAP_WORD_CHAR = 2 };

void g_object_unref(void *object);
PangoContext *pango_layout_get_context(PangoLayout *layout);
void pango_context_set_round_glyph_positions(PangoContext *context, int round);
PangoFontDescription *pango_font_description_new(void);
void pango_font_description_free(PangoFontDescription *font);
void pango_font_description_set_absolute_size(PangoFontDescription *font, double size);
void pango_font_description_set_family(PangoFontDescription *font, const char *family);
void pango_font_description_set_weight(PangoFontDescription *font, int weight);
int pango_layout_get_baseline(PangoLayout *layout);
void pango_layout_get_extents(
    PangoLayout *layout, PangoRectangle *_Nullable ink, PangoRectangle *_Nullable logical);
int pango_layout_get_line_count(PangoLayout *layout);
int pango_layout_get_unknown_glyphs_count(PangoLayout *layout);
void pango_layout_set_ellipsize(PangoLayout *layout, int mode);
void pango_layout_set_font_description(PangoLayout *layout, const PangoFontDescription *font);
void pango_layout_set_height(PangoLayout *layout, int height);
void pango_layout_set_text(PangoLayout *layout, const char *text, int length);
void pango_layout_set_width(PangoLayout *layout, int width);
void pango_layout_set_wrap(PangoLayout *layout, int mode);
void pango_cairo_context_set_font_options(PangoContext *context, const cairo_font_options_t *options);
PangoLayout *pango_cairo_create_layout(cairo_t *context);
void pango_cairo_show_layout(cairo_t *context, PangoLayout *layout);

// The libraries that are loaded, and their sonames, which have not changed since their first stable versions.
#define NARRATE_CAIRO_LIBRARIES(X) \
  X(cairo, "libcairo.so.2") \
  X(pangocairo, "libpangocairo-1.0.so.0") \
  X(pango, "libpango-1.0.so.0") \
  X(gobject, "libgobject-2.0.so.0")

// Every function of theirs that is called, and the library that has it.
#define NARRATE_CAIRO_FUNCTIONS(X) \
  X(cairo, cairo_arc) \
  X(cairo, cairo_close_path) \
  X(cairo, cairo_create) \
  X(cairo, cairo_destroy) \
  X(cairo, cairo_fill) \
  X(cairo, cairo_fill_preserve) \
  X(cairo, cairo_font_options_create) \
  X(cairo, cairo_font_options_destroy) \
  X(cairo, cairo_font_options_set_antialias) \
  X(cairo, cairo_font_options_set_hint_metrics) \
  X(cairo, cairo_font_options_set_hint_style) \
  X(cairo, cairo_font_options_status) \
  X(cairo, cairo_image_surface_create) \
  X(cairo, cairo_image_surface_get_data) \
  X(cairo, cairo_image_surface_get_stride) \
  X(cairo, cairo_line_to) \
  X(cairo, cairo_move_to) \
  X(cairo, cairo_new_path) \
  X(cairo, cairo_new_sub_path) \
  X(cairo, cairo_paint) \
  X(cairo, cairo_rectangle) \
  X(cairo, cairo_restore) \
  X(cairo, cairo_rotate) \
  X(cairo, cairo_save) \
  X(cairo, cairo_set_dash) \
  X(cairo, cairo_set_fill_rule) \
  X(cairo, cairo_set_line_cap) \
  X(cairo, cairo_set_line_join) \
  X(cairo, cairo_set_line_width) \
  X(cairo, cairo_set_source_rgba) \
  X(cairo, cairo_set_source_surface) \
  X(cairo, cairo_status) \
  X(cairo, cairo_status_to_string) \
  X(cairo, cairo_stroke) \
  X(cairo, cairo_surface_destroy) \
  X(cairo, cairo_surface_finish) \
  X(cairo, cairo_surface_flush) \
  X(cairo, cairo_surface_mark_dirty) \
  X(cairo, cairo_surface_set_mime_data) \
  X(cairo, cairo_surface_status) \
  X(cairo, cairo_svg_surface_create_for_stream) \
  X(cairo, cairo_svg_surface_set_document_unit) \
  X(cairo, cairo_translate) \
  X(pangocairo, pango_cairo_context_set_font_options) \
  X(pangocairo, pango_cairo_create_layout) \
  X(pangocairo, pango_cairo_show_layout) \
  X(pango, pango_context_set_round_glyph_positions) \
  X(pango, pango_font_description_free) \
  X(pango, pango_font_description_new) \
  X(pango, pango_font_description_set_absolute_size) \
  X(pango, pango_font_description_set_family) \
  X(pango, pango_font_description_set_weight) \
  X(pango, pango_layout_get_baseline) \
  X(pango, pango_layout_get_context) \
  X(pango, pango_layout_get_extents) \
  X(pango, pango_layout_get_line_count) \
  X(pango, pango_layout_get_unknown_glyphs_count) \
  X(pango, pango_layout_set_ellipsize) \
  X(pango, pango_layout_set_font_description) \
  X(pango, pango_layout_set_height) \
  X(pango, pango_layout_set_text) \
  X(pango, pango_layout_set_width) \
  X(pango, pango_layout_set_wrap) \
  X(gobject, g_object_unref)

// The functions, each under its own name.
typedef struct {
#define NARRATE_CAIRO_FIELD(library, function) __typeof__(function) *_Nonnull function;
  NARRATE_CAIRO_FUNCTIONS(NARRATE_CAIRO_FIELD)
#undef NARRATE_CAIRO_FIELD
} narrate_cairo_functions;

// The files that the libraries are looked for in, as dlopen takes them.
typedef struct {
#define NARRATE_CAIRO_FIELD(library, file) const char *library;
  NARRATE_CAIRO_LIBRARIES(NARRATE_CAIRO_FIELD)
#undef NARRATE_CAIRO_FIELD
} narrate_cairo_names;

narrate_cairo_names narrate_cairo_sonames(void);

// Loads the libraries, for as long as the process runs, and fills in all functions. Returns NULL, or which library
// or function is missing, in the words of dlerror and valid as long as those; `functions` is not to be used then.
const char *_Nullable narrate_cairo_load(narrate_cairo_names names, narrate_cairo_functions *functions);

#pragma clang assume_nonnull end
