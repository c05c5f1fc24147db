import Foundation
import Media
import Models
import Narration
import Reports

/// The ground from above.
extension SyntheticPictures {
  /// Fields, roads and roofs.
  mutating func aerial() -> Image {
    let centres = (0..<number(5...40)).map { _ in point() }
    let muted: [Canvas.Colour] = centres.map { _ in
      let level = number(50...150)
      return (
        UInt8(level + number(-20...30)), UInt8(level + number(0...40)), UInt8(max(0, level - number(10...50)))
      )
    }
    let (grain, furrow) = (real(5, 30), real(0, 14))
    let turns = centres.map { _ in real(0, 3.14) }
    var page = shaded { x, y, random in
      func distance(_ index: Int) -> Double { abs(centres[index].x - x) + abs(centres[index].y - y) }
      let nearest = centres.indices.min { distance($0) < distance($1) }
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
        [(a.x - across, a.y - down), (a.x + across, a.y + down)], width: real(2, 9), colour: grey(110...190))
    }
    let turn = real(0, 1.57)
    for _ in 0..<number(0...70) {
      let (place, wide, tall) = (point(), real(4, 12), real(4, 10))
      let (cosine, sine) = (cos(turn), sin(turn))
      let offsets: [Canvas.Point] = [(-wide, -tall), (wide, -tall), (wide, tall), (-wide, tall)]
      let corners: [Canvas.Point] = offsets.map {
        (place.x + $0.x * cosine - $0.y * sine, place.y + $0.x * sine + $0.y * cosine)
      }
      page.fill(corners.map { ($0.x + 2, $0.y + 2) }, colour: (40, 45, 40))
      page.fill(corners, colour: chance(0.5) ? grey(120...220) : (UInt8(number(110...190)), 90, 75))
    }
    return page.image
  }

  mutating func map() -> Image {
    var page = canvas((UInt8(number(225...245)), UInt8(number(225...240)), UInt8(number(205...235))))
    for _ in 0..<number(1...5) {
      let tint: Canvas.Colour = chance(0.5) ? (170, 210, 235) : (190, 225, 175)
      page.fill(blob(point(), real(30, 110)), colour: tint)
    }
    for _ in 0..<number(5...25) {
      let (a, b) = (point(), point())
      let points: [Canvas.Point] = [(2 * a.x - b.x, 2 * a.y - b.y), a, (2 * b.x - a.x, 2 * b.y - a.y)]
      page.stroke(points, width: real(1, 6), colour: chance(0.6) ? (255, 255, 255) : (250, 205, 110))
    }
    for _ in 0..<number(3...12) {
      let place = point(margin: 20)
      page.write(word().capitalized, x: Int(place.x), y: Int(place.y), scale: 1, colour: grey(50...110))
    }
    return page.image
  }
}
