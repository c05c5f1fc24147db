import Media

/// Rectangles, lines, circles, text and pictures, painted in their order, as PNG or SVG by the same code (Cairo and Pango, which
/// are loaded when first something is drawn). The same fonts give the same bytes.
package struct Drawing: Sendable {
  enum Mark: Sendable {
    case rectangle(Rectangle, radius: Double, fill: Color)
    case polygon([Point], fill: Color)
    case line([Point], Stroke, isClosed: Bool)
    case circle(Point, radius: Double, fill: Color?, Stroke?)
    case text(String, at: Point, TextStyle, TextAnchor, TextFit, turn: Double)
    case picture(Image, at: Point)
  }

  /// In pixels.
  package var width: Int
  package var height: Int
  package var background: Color
  private(set) var marks: [Mark] = []

  package init(width: Int, height: Int, background: Color) {
    (self.width, self.height, self.background) = (width, height, background)
  }

  /// For those who draw only after long work: whether anything could be drawn.
  /// - Throws: `DrawingError.unavailable` where Cairo, Pango or a font is missing.
  package static func prepare() throws(DrawingError) {
    _ = try TextStyle(size: 10, color: Color(0)).width(of: "A")
  }

  /// Fills a rectangle, its corners rounded where there is a radius.
  package mutating func fill(_ area: Rectangle, radius: Double = 0, _ color: Color) {
    marks.append(.rectangle(area, radius: radius, fill: color))
  }

  /// Fills a polygon, by the even-odd rule where it crosses itself.
  package mutating func fill(_ corners: [Point], _ color: Color) {
    marks.append(.polygon(corners, fill: color))
  }

  /// Draws a line through points, back to the first one if it is closed.
  package mutating func stroke(_ points: [Point], _ stroke: Stroke, closed: Bool = false) {
    marks.append(.line(points, stroke, isClosed: closed))
  }

  package mutating func circle(_ center: Point, radius: Double, fill: Color? = nil, stroke: Stroke? = nil) {
    marks.append(.circle(center, radius: radius, fill: fill, stroke))
  }

  /// Writes a text; of several lines all begin, end or are centered at the point.
  /// - Parameters:
  ///   - point: on the base line, of the first line if there are several
  ///   - turn: about the point, in degrees clockwise
  package mutating func write(
    _ text: String, at point: Point, _ style: TextStyle, anchor: TextAnchor = .start, fit: TextFit = .free,
    turn: Double = 0
  ) {
    marks.append(.text(text, at: point, style, anchor, fit, turn: turn))
  }

  /// Shows a picture in its own size.
  /// - Parameter corner: its top left one
  package mutating func show(_ picture: Image, at corner: Point) {
    marks.append(.picture(picture, at: corner))
  }

  /// The drawing as pixels.
  package func image() throws(DrawingError) -> Image {
    guard (1...32_767).contains(width), height > 0, height <= Self.mostPixels / width else {
      throw .tooLarge(width: width, height: height)
    }
    var pixels: [UInt8] = []
    pixels.reserveCapacity(width * height * 3)
    for top in stride(from: 0, to: height, by: Self.bandHeight) {
      let rows = min(Self.bandHeight, height - top)
      let context = try Context(Surface(width: width, height: rows))
      try context.paint(self, from: top, keepsJPEG: false)
      context.surface.appendPixels(to: &pixels, width: width, height: rows)
    }
    return Image(width: width, height: height, pixels: pixels)
  }

  /// Rows that are drawn at once: Cairo's pictures have at most 32,767, and the timeline of a day has more.
  private static let bandHeight = 4096
  private static let mostPixels = 1 << 29

  /// The bytes of a PNG file.
  package func png() throws(DrawingError) -> [UInt8] {
    let image = try image()
    do {
      return try image.pngData()
    } catch {
      throw .failed(operation: "PNG", reason: error.reason)
    }
  }

  /// The text of an SVG file (SVG 1.1), its pictures inside, as JPEG. Letters are shapes in it, so that they look the same
  /// everywhere; for search and for those who cannot see it, its description has all that is written in it.
  /// - Parameter title: its accessible name
  package func svg(title: String) throws(DrawingError) -> String {
    guard width > 0, height > 0 else { throw .tooLarge(width: width, height: height) }
    let file = SVGFile()
    let context = try Context(Surface(file: file, width: width, height: height))
    try context.paint(self, keepsJPEG: true)
    try context.surface.finish()
    let texts = marks.compactMap { mark -> String? in
      if case .text(let text, _, _, _, _, _) = mark { text } else { nil }
    }
    return file.text(title: title, description: texts.joined(separator: "\n"))
  }
}
