import Drawing
import Foundation
import Media
import Models
import Narration

/// Charts and drawings.
extension SyntheticPictures {
  mutating func chart() -> Drawing {
    var page = paper(chance(0.8) ? gray(240...255) : gray(10...50))
    let ink = chance(0.5) ? gray(100...150) : color(60...160)
    page.write(line(characters: 18), x: 70, y: 8, scale: 1, color: ink)
    let base = Double(side - 30)
    for tick in 0..<6 {
      page.fill(x: 34, y: 30 + tick * 45, width: side - 50, height: 1, color: gray(170...210))
      page.write(String(number(0...900)), x: 8, y: 26 + tick * 45, scale: 1, color: ink)
    }
    page.stroke([Point(35, 20), Point(35, base), Point(290, base)], Stroke(ink, width: 2))
    switch number(0...3) {
    case 0:
      let count = number(3...14)
      let (wide, bar) = (250 / count, color(20...220))
      for index in 0..<count {
        let tall = number(5...220)
        page.fill(
          x: 40 + index * wide, y: Int(base) - tall, width: max(2, wide * 3 / 4), height: tall,
          color: chance(0.8) ? bar : color(20...220))
      }
    case 1:
      for _ in 0..<number(1...4) {
        var y = real(50, 240)
        let points: [Point] = (0..<26).map { step in
          y = min(base, max(25, y + real(-25, 25)))
          return Point(40 + Double(step) * 10, y)
        }
        page.stroke(points, Stroke(color(0...210), width: real(1, 3)))
      }
    case 2:
      let (dot, slope) = (color(20...220), real(-0.8, 0.8))
      for _ in 0..<number(20...150) {
        let x = real(40, 285)
        page.circle(Point(x, 150 + slope * (x - 160) + real(-60, 60)), radius: 3, fill: dot)
      }
    default:
      var angle = 0.0
      let (radius, center) = (real(70, 110), Point(155, 150))
      while angle < 2 * Double.pi {
        let end = min(2 * Double.pi, angle + real(0.3, 1.8))
        let edge: [Point] = stride(from: angle, through: end + 0.05, by: 0.05).map {
          Point(155 + radius * cos($0), 150 + radius * sin($0))
        }
        page.fill([center] + edge, color(30...230))
        angle = end
      }
    }
    return page
  }

  /// A wavering closed outline.
  mutating func blob(_ center: Point, _ radius: Double, rough: Double = 0.25) -> [Point] {
    let (second, third, phase) = (real(-rough, rough), real(-rough, rough), real(0, 6.28))
    let flat = real(0.5, 1.2)
    return (0..<60).map { step in
      let angle = 2 * Double.pi * Double(step) / 60
      let r = radius * (1 + second * sin(2 * angle + phase) + third * cos(3 * angle + phase))
      return Point(center.x + r * cos(angle), center.y + r * flat * sin(angle))
    }
  }

  mutating func lineDrawing() -> Drawing {
    var page = paper(gray(235...255))
    let (ink, width) = (chance(0.7) ? gray(0...90) : color(0...140), real(1, 3.5))
    for _ in 0..<number(3...14) {
      if chance(0.6) {
        page.stroke(blob(point(margin: 40), real(8, 90)), Stroke(ink, width: width), closed: true)
      } else {
        var (place, heading) = (point(margin: 30), real(0, 6.28))
        let points: [Point] = (0..<number(5...30)).map { _ in
          heading += real(-0.6, 0.6)
          place = Point(place.x + 9 * cos(heading), place.y + 9 * sin(heading))
          return place
        }
        page.stroke(points, Stroke(ink, width: width))
      }
    }
    return page
  }

  mutating func cartoon() -> Drawing {
    var page = paper(color(120...250))
    let horizon = number(120...260)
    page.fill(x: 0, y: horizon, width: side, height: side, color: color(40...220))
    for _ in 0..<number(2...8) {
      let (center, radius, fill) = (point(margin: 40), real(15, 70), color(20...250))
      let outline = blob(center, radius)
      page.fill(outline, fill)
      if chance(0.7) { page.stroke(outline, Stroke(gray(0...40), width: real(1.5, 4)), closed: true) }
      if chance(0.5) {
        for offset in [-0.3, 0.3] {
          let eye = Point(center.x + offset * radius, center.y - 0.2 * radius)
          page.fill(Drawing.ellipse(eye, Point(radius * 0.18, radius * 0.22)), Color(0xFFFFFF))
          page.fill(Drawing.ellipse(eye, Point(radius * 0.08, radius * 0.1)), Color(0))
        }
      }
    }
    return page
  }

  mutating func diagram() -> Drawing {
    var page = paper(gray(235...255))
    let (ink, shade) = (gray(0...80), color(170...250))
    let boxes = (0..<number(3...9)).map { _ in point(margin: 40) }
    page.stroke(boxes, Stroke(ink, width: 1.5))
    for box in boxes {
      let (wide, tall) = (real(25, 40), real(10, 20))
      let corners: [Point] =
        chance(0.7)
        ? [
          Point(box.x - wide, box.y - tall), Point(box.x + wide, box.y - tall),
          Point(box.x + wide, box.y + tall), Point(box.x - wide, box.y + tall),
        ] : Drawing.ellipse(box, Point(wide, tall))
      page.fill(corners, chance(0.6) ? shade : Color(0xFFFFFF))
      page.stroke(corners, Stroke(ink, width: 1.5), closed: true)
      page.write(String(word().prefix(8)), x: Int(box.x) - 20, y: Int(box.y) - 4, scale: 1, color: ink)
    }
    return page
  }
}
