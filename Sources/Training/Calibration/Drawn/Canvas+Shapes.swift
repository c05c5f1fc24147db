import Foundation
import Models
import Narration
import Reports

/// Shapes that synthetic pictures are made of, in spans of `Canvas.fill`.
extension Canvas {
  typealias Point = (x: Double, y: Double)

  /// Fills a polygon by the even-odd rule, at the centres of pixels.
  mutating func fill(_ corners: [Point], colour: Colour) {
    guard let top = corners.map(\.y).min(), let bottom = corners.map(\.y).max() else { return }
    let rows = Int(top.rounded(.down))..<Int(bottom.rounded(.down)) + 1
    for row in rows.clamped(to: 0..<height) {
      let y = Double(row) + 0.5
      var crossings: [Double] = []
      for (index, a) in corners.enumerated() {
        let b = corners[(index + 1) % corners.count]
        if (a.y <= y) != (b.y <= y) { crossings.append(a.x + (y - a.y) / (b.y - a.y) * (b.x - a.x)) }
      }
      crossings.sort()
      for pair in stride(from: 0, to: crossings.count - 1, by: 2) {
        let (first, end) = (Int((crossings[pair]).rounded()), Int((crossings[pair + 1]).rounded()))
        fill(x: first, y: row, width: max(0, end - first), height: 1, colour: colour)
      }
    }
  }

  /// The corners of an ellipse's outline.
  static func ellipse(_ centre: Point, _ radii: Point, turn: Double = 0) -> [Point] {
    (0..<40).map { step in
      let angle = 2 * Double.pi * Double(step) / 40
      let (x, y) = (radii.x * cos(angle), radii.y * sin(angle))
      return (centre.x + x * cos(turn) - y * sin(turn), centre.y + x * sin(turn) + y * cos(turn))
    }
  }

  /// Draws a line through points, back to the first one if it is closed.
  mutating func stroke(_ points: [Point], width: Double, closed: Bool = false, colour: Colour) {
    guard let first = points.first else { return }
    let ends = closed ? Array(points.dropFirst()) + [first] : Array(points.dropFirst())
    for (a, b) in zip(points, ends) {
      let length = max(hypot(b.x - a.x, b.y - a.y), 1e-6)
      let (across, down) = ((b.y - a.y) / length * width / 2, (a.x - b.x) / length * width / 2)
      fill(
        [
          (a.x + across, a.y + down), (b.x + across, b.y + down), (b.x - across, b.y - down),
          (a.x - across, a.y - down),
        ], colour: colour)
      if width > 2 { fill(Self.ellipse(b, (width / 2, width / 2)), colour: colour) }
    }
  }
}
