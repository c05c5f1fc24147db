import CCairo

/// A text whose lines and glyphs are found.
struct Layout: ~Copyable {
  let handle: OpaquePointer

  /// - Parameter context: on which it may be shown.
  init(_ text: String, style: TextStyle, fit: TextFit, context: borrowing Context) throws(DrawingError) {
    try requireFont()
    try self.init(unchecked: text, style: style, fit: fit, context: context)
  }

  fileprivate init(unchecked text: String, style: TextStyle, fit: TextFit, context: borrowing Context)
    throws(DrawingError)
  {
    let layout = cairo.pango_cairo_create_layout(context.handle)
    handle = layout
    let pango = cairo.pango_layout_get_context(layout)
    let options = try FontOptions()
    cairo.pango_cairo_context_set_font_options(pango, options.handle)
    cairo.pango_context_set_round_glyph_positions(pango, 0)
    let font = FontDescription(style)
    cairo.pango_layout_set_font_description(layout, font.handle)
    var clean = text.asParagraph
    clean.withUTF8 { utf8 in
      utf8.withMemoryRebound(to: CChar.self) { bytes in
        // A buffer of no bytes may have no address.
        if let base = bytes.baseAddress { cairo.pango_layout_set_text(layout, base, Int32(bytes.count)) }
      }
    }
    switch fit {
    case .free: break
    case .ellipsized(let width):
      setWidth(width)
      cairo.pango_layout_set_ellipsize(layout, Int32(NARRATE_PANGO_ELLIPSIZE_END))
    case .wrapped(let width, let lines):
      setWidth(width)
      cairo.pango_layout_set_wrap(layout, Int32(NARRATE_PANGO_WRAP_WORD_CHAR))
      cairo.pango_layout_set_height(layout, Int32(-max(1, lines)))
      cairo.pango_layout_set_ellipsize(layout, Int32(NARRATE_PANGO_ELLIPSIZE_END))
    }
  }

  deinit { cairo.g_object_unref(UnsafeMutableRawPointer(handle)) }

  private func setWidth(_ width: Double) {
    cairo.pango_layout_set_width(handle, Int32(max(0, min(width, 1e6)) * Self.scale))
  }

  /// Pango's units a pixel.
  private static let scale = Double(NARRATE_PANGO_SCALE)

  private var logical: PangoRectangle {
    var logical = PangoRectangle()
    cairo.pango_layout_get_extents(handle, nil, &logical)
    return logical
  }

  var extent: TextExtent {
    let logical = logical
    return TextExtent(
      width: Double(logical.width) / Self.scale, height: Double(logical.height) / Self.scale,
      lines: Int(cairo.pango_layout_get_line_count(handle)))
  }

  /// From the point where the layout is shown to the left end of its text, and down to its first base line, in pixels.
  var origin: Point {
    // A text that is written from right to left stands at the right of the room that it is given.
    Point(
      Double(logical.x) / Self.scale, Double(cairo.pango_layout_get_baseline(handle)) / Self.scale)
  }

  fileprivate var unknownGlyphs: Int { Int(cairo.pango_layout_get_unknown_glyphs_count(handle)) }
}

/// Whether there is a font that has an A.
private let font = Result { () throws(DrawingError) in
  let style = TextStyle(size: 10, color: Color(0))
  let layout = try Layout(
    unchecked: "A", style: style, fit: .free, context: Context(Surface(width: 1, height: 1)))
  guard layout.unknownGlyphs == 0 else {
    throw .unavailable(reason: "no font is installed (Debian's fonts-dejavu-core has one)")
  }
}

/// - Throws: `DrawingError.unavailable` where no font is installed: Pango would draw boxes.
private func requireFont() throws(DrawingError) { try font.get() }

/// The same glyphs on every surface: smooth in grays, in their true widths.
private struct FontOptions: ~Copyable {
  let handle: OpaquePointer

  init() throws(DrawingError) {
    // Never NULL: without memory they are options with that error.
    let options = cairo.cairo_font_options_create()!
    handle = options
    try check(cairo.cairo_font_options_status(options), "font options")
    cairo.cairo_font_options_set_antialias(options, CAIRO_ANTIALIAS_GRAY)
    cairo.cairo_font_options_set_hint_style(options, CAIRO_HINT_STYLE_NONE)
    cairo.cairo_font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_OFF)
  }

  deinit { cairo.cairo_font_options_destroy(handle) }
}

/// Which font is wanted.
private struct FontDescription: ~Copyable {
  let handle: OpaquePointer

  init(_ style: TextStyle) {
    let font = cairo.pango_font_description_new()
    handle = font
    cairo.pango_font_description_set_family(font, "sans-serif")
    cairo.pango_font_description_set_absolute_size(font, style.size * Double(NARRATE_PANGO_SCALE))
    cairo.pango_font_description_set_weight(font, style.weight.rawValue)
  }

  deinit { cairo.pango_font_description_free(handle) }
}
