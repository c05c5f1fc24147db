/// The look of a text, in the system's own sans-serif font.
package struct TextStyle: Sendable, Equatable {
  package enum Weight: Int32, Sendable {
    case regular = 400
    case bold = 700
  }

  /// Of the em square, in pixels.
  package var size: Double
  package var weight: Weight
  package var color: Color

  package init(size: Double, weight: Weight = .regular, color: Color) {
    (self.size, self.weight, self.color) = (size, weight, color)
  }

  /// From the base line to half the height of a capital letter, in pixels: a text whose base line lies so far below a middle is
  /// centered on it.
  package var halfCapital: Double { size * 0.36 }

  /// How much room a text takes.
  /// - Throws: `DrawingError` where there is no Pango or no font.
  package func extent(of text: String, fit: TextFit = .free) throws(DrawingError) -> TextExtent {
    try Layout(text, style: self, fit: fit, context: Context(Surface(width: 1, height: 1))).extent
  }

  /// The width of a text on one line, in pixels.
  package func width(of text: String) throws(DrawingError) -> Double { try extent(of: text).width }
}

/// Where a text stands at its point.
package enum TextAnchor: Sendable {
  case start, middle, end
}

/// What is done where a text finds no room.
package enum TextFit: Sendable, Equatable {
  /// It goes on.
  case free
  /// It ends in an ellipsis within so many pixels.
  case ellipsized(Double)
  /// It goes on in the next line, between words where that can be, and the last line ends in an ellipsis.
  case wrapped(Double, lines: Int)
}

/// The room that a text takes, in pixels.
package struct TextExtent: Sendable, Equatable {
  package let width: Double
  /// Of all lines.
  package let height: Double
  package let lines: Int

  /// From one base line to the next.
  package var lineHeight: Double { height / Double(lines) }
}
