import CCairo
import Media

/// Paints a drawing on any surface.
extension Context {
  /// - Parameters:
  ///   - top: the drawing's row that is the surface's first
  ///   - keepsJPEG: whether pictures are handed over as JPEG too, for a surface that is a file
  func paint(_ drawing: Drawing, from top: Int = 0, keepsJPEG: Bool) throws(DrawingError) {
    cairo.cairo_translate(handle, 0, -Double(top))
    setSource(drawing.background)
    cairo.cairo_paint(handle)
    cairo.cairo_set_line_cap(handle, CAIRO_LINE_CAP_ROUND)
    cairo.cairo_set_line_join(handle, CAIRO_LINE_JOIN_ROUND)
    cairo.cairo_set_fill_rule(handle, CAIRO_FILL_RULE_EVEN_ODD)
    for mark in drawing.marks { try paint(mark, keepsJPEG: keepsJPEG) }
    try verify("drawing")
  }

  private func paint(_ mark: Drawing.Mark, keepsJPEG: Bool) throws(DrawingError) {
    switch mark {
    case .rectangle(let area, let radius, let color):
      trace(area, radius: radius)
      fill(color)
    case .polygon(let corners, let color):
      trace(corners, isClosed: true)
      fill(color)
    case .line(let points, let stroke, let isClosed):
      trace(points, isClosed: isClosed)
      self.stroke(stroke)
    case .circle(let center, let radius, let color, let stroke):
      cairo.cairo_new_path(handle)
      cairo.cairo_arc(handle, center.x, center.y, max(0, radius), 0, 2 * .pi)
      cairo.cairo_close_path(handle)
      switch (color, stroke) {
      case (let color?, let stroke?):
        setSource(color)
        cairo.cairo_fill_preserve(handle)
        self.stroke(stroke)
      case (let color?, nil): fill(color)
      case (nil, let stroke?): self.stroke(stroke)
      case (nil, nil): cairo.cairo_new_path(handle)
      }
    case .text(let text, let point, let style, let anchor, let fit, let turn):
      try write(text, at: point, style, anchor, fit, turn: turn)
    case .picture(let picture, let corner): try show(picture, at: corner, keepsJPEG: keepsJPEG)
    }
  }

  private func trace(_ area: Rectangle, radius: Double) {
    cairo.cairo_new_path(handle)
    let radius = min(radius, area.width / 2, area.height / 2)
    guard radius > 0 else {
      cairo.cairo_rectangle(handle, area.x, area.y, max(0, area.width), max(0, area.height))
      return
    }
    let (left, right) = (area.x + radius, area.right - radius)
    let (top, bottom) = (area.y + radius, area.bottom - radius)
    // Clockwise, from the upper right corner.
    for (quarter, corner) in [
      Point(right, top), Point(right, bottom), Point(left, bottom), Point(left, top),
    ].enumerated() {
      let start = Double(quarter - 1) * .pi / 2
      cairo.cairo_arc(handle, corner.x, corner.y, radius, start, start + .pi / 2)
    }
    cairo.cairo_close_path(handle)
  }

  private func trace(_ points: [Point], isClosed: Bool) {
    cairo.cairo_new_path(handle)
    for point in points { cairo.cairo_line_to(handle, point.x, point.y) }
    if isClosed, !points.isEmpty { cairo.cairo_close_path(handle) }
  }

  private func fill(_ color: Color) {
    setSource(color)
    cairo.cairo_fill(handle)
  }

  private func stroke(_ stroke: Stroke) {
    setSource(stroke.color)
    cairo.cairo_set_line_width(handle, max(0, stroke.width))
    cairo.cairo_set_dash(handle, stroke.dashes, Int32(stroke.dashes.count), 0)
    cairo.cairo_stroke(handle)
  }

  private func setSource(_ color: Color) {
    cairo.cairo_set_source_rgba(
      handle, Double(color.red) / 255, Double(color.green) / 255, Double(color.blue) / 255, color.opacity)
  }

  private func write(
    _ text: String, at point: Point, _ style: TextStyle, _ anchor: TextAnchor, _ fit: TextFit, turn: Double
  ) throws(DrawingError) {
    // Bytes follow from the drawing alone: a turned text must not leave its turn to the next.
    cairo.cairo_save(handle)
    defer { cairo.cairo_restore(handle) }
    cairo.cairo_translate(handle, point.x, point.y)
    if turn != 0 { cairo.cairo_rotate(handle, turn * .pi / 180) }
    let layout = try Layout(text, style: style, fit: fit, context: self)
    let share =
      switch anchor {
      case .start: 0.0
      case .middle: 0.5
      case .end: 1.0
      }
    let origin = layout.origin
    cairo.cairo_move_to(handle, -origin.x - share * layout.extent.width, -origin.y)
    setSource(style.color)
    cairo.pango_cairo_show_layout(handle, layout.handle)
    try verify("text")
  }

  private func show(_ picture: Image, at corner: Point, keepsJPEG: Bool) throws(DrawingError) {
    let surface = try Surface(picture)
    if keepsJPEG { try surface.keep(jpeg: jpeg(picture)) }
    cairo.cairo_set_source_surface(handle, surface.handle, corner.x, corner.y)
    cairo.cairo_paint(handle)
    try verify("picture")
  }

  private func jpeg(_ picture: Image) throws(DrawingError) -> [UInt8] {
    do {
      return try picture.jpegData()
    } catch {
      throw .failed(operation: "picture", reason: error.reason)
    }
  }
}
