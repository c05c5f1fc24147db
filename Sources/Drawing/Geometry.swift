/// A point of a drawing, in pixels from its top left corner.
package struct Point: Sendable, Equatable {
  package var x: Double
  package var y: Double

  package init(_ x: Double, _ y: Double) { (self.x, self.y) = (x, y) }
}

/// An upright rectangle, in pixels.
package struct Rectangle: Sendable, Equatable {
  /// The top left corner.
  package var x: Double
  package var y: Double
  package var width: Double
  package var height: Double

  package init(x: Double, y: Double, width: Double, height: Double) {
    (self.x, self.y, self.width, self.height) = (x, y, width, height)
  }

  package var right: Double { x + width }
  package var bottom: Double { y + height }
  package var middle: Point { Point(x + width / 2, y + height / 2) }
}

/// A color of sRGB.
package struct Color: Sendable, Equatable {
  package var red: UInt8
  package var green: UInt8
  package var blue: UInt8
  /// 0 is not seen, 1 hides what lies below.
  package var opacity: Double

  package init(red: UInt8, green: UInt8, blue: UInt8, opacity: Double = 1) {
    (self.red, self.green, self.blue, self.opacity) = (red, green, blue, opacity)
  }

  /// - Parameter hex: as the web writes it, `0xRRGGBB`.
  package init(_ hex: UInt32, opacity: Double = 1) {
    precondition(hex <= 0xFF_FFFF, "a colour has three bytes")
    self.init(
      red: UInt8(hex >> 16), green: UInt8(hex >> 8 & 0xFF), blue: UInt8(hex & 0xFF), opacity: opacity)
  }
}

/// How a line is drawn: with round ends and corners.
package struct Stroke: Sendable, Equatable {
  package var color: Color
  /// In pixels.
  package var width: Double
  /// Lengths of dashes and gaps by turns, in pixels; empty for an unbroken line.
  package var dashes: [Double]

  package init(_ color: Color, width: Double = 1, dashes: [Double] = []) {
    (self.color, self.width, self.dashes) = (color, width, dashes)
  }
}
