import Drawing
import Foundation
import Media
import Models
import Narration

/// The ground from above.
extension SyntheticPictures {
  /// Fields, roads and roofs.
  mutating func aerial() -> Drawing {
    let centers = (0..<number(5...40)).map { _ in point() }
    let muted: [Color] = centers.map { _ in
      let level = number(50...150)
      return Color(
        red: UInt8(level + number(-20...30)), green: UInt8(level + number(0...40)),
        blue: UInt8(max(0, level - number(10...50))))
    }
    let (grain, furrow) = (real(5, 30), real(0, 14))
    let turns = centers.map { _ in real(0, 3.14) }
    var page = shaded { x, y, random in
      func distance(_ index: Int) -> Double { abs(centers[index].x - x) + abs(centers[index].y - y) }
      let nearest = centers.indices.min { distance($0) < distance($1) }
      let field = nearest ?? 0
      let along: Double = x * cos(turns[field]) + y * sin(turns[field])
      let wave = furrow * sin(along * 0.9)
      let shift = wave + grain * (Double(random.uniform()) - 0.5)
      let base = muted[field]
      return (Double(base.red) + shift, Double(base.green) + shift, Double(base.blue) + shift)
    }
    for _ in 0..<number(1...4) {
      let (a, b) = (point(), point())
      let (across, down) = ((b.x - a.x) * 3, (b.y - a.y) * 3)
      page.stroke(
        [Point(a.x - across, a.y - down), Point(a.x + across, a.y + down)],
        Stroke(gray(110...190), width: real(2, 9)))
    }
    let turn = real(0, 1.57)
    for _ in 0..<number(0...70) {
      let (place, wide, tall) = (point(), real(4, 12), real(4, 10))
      let (cosine, sine) = (cos(turn), sin(turn))
      let offsets = [Point(-wide, -tall), Point(wide, -tall), Point(wide, tall), Point(-wide, tall)]
      let corners: [Point] = offsets.map {
        Point(place.x + $0.x * cosine - $0.y * sine, place.y + $0.x * sine + $0.y * cosine)
      }
      page.fill(corners.map { Point($0.x + 2, $0.y + 2) }, Color(0x282D28))
      let tiles = Color(red: UInt8(number(110...190)), green: 90, blue: 75)
      page.fill(corners, chance(0.5) ? gray(120...220) : tiles)
    }
    return page
  }

  mutating func map() -> Drawing {
    var page = paper(
      Color(
        red: UInt8(number(225...245)), green: UInt8(number(225...240)), blue: UInt8(number(205...235))))
    for _ in 0..<number(1...5) {
      let tint = Color(chance(0.5) ? 0xAAD2EB : 0xBEE1AF)
      page.fill(blob(point(), real(30, 110)), tint)
    }
    for _ in 0..<number(5...25) {
      let (a, b) = (point(), point())
      let points: [Point] = [Point(2 * a.x - b.x, 2 * a.y - b.y), a, Point(2 * b.x - a.x, 2 * b.y - a.y)]
      page.stroke(points, Stroke(Color(chance(0.6) ? 0xFFFFFF : 0xFACD6E), width: real(1, 6)))
    }
    for _ in 0..<number(3...12) {
      let place = point(margin: 20)
      page.write(word().capitalized, x: Int(place.x), y: Int(place.y), scale: 1, color: gray(50...110))
    }
    return page
  }
}
