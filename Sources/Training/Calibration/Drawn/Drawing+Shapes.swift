import Drawing
import Foundation

/// Shapes that synthetic pictures are made of.
extension Drawing {
  /// The corners of an ellipse's outline.
  static func ellipse(_ center: Point, _ radii: Point) -> [Point] {
    (0..<40).map { step in
      let angle = 2 * Double.pi * Double(step) / 40
      return Point(center.x + radii.x * cos(angle), center.y + radii.y * sin(angle))
    }
  }

  mutating func fill(x: Int, y: Int, width: Int, height: Int, color: Color) {
    fill(Rectangle(x: Double(x), y: Double(y), width: Double(width), height: Double(height)), color)
  }

  /// Writes one line of text with its top left corner at `(x, y)`.
  /// - Parameter scale: 1 for small print, 3 for a heading
  mutating func write(_ text: String, x: Int, y: Int, scale: Int, color: Color) {
    let size = Double(scale) * 9.5
    write(text, at: Point(Double(x), Double(y) + size * 0.8), TextStyle(size: size, color: color))
  }
}
