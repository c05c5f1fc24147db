import Foundation
import Media
import Narration
import Tensors

/// Pictures that are no photographs of everyday life, drawn by rule: what a captioner has no right words for. The same seed
/// draws the same picture.
package struct SyntheticPictures {
  /// What a picture looks like.
  package enum Kind: String, CaseIterable, Sendable {
    case document, screenshot, chart, table, lineDrawing, cartoon, diagram, aerial, map, noise, texture,
      plain,
      gradient, pattern
  }

  private var random: RandomGenerator
  private let side = 300

  private init(_ random: RandomGenerator) { self.random = random }

  /// The picture of a number.
  package static func picture(_ kind: Kind, seed: UInt64) -> Image {
    let number = UInt64(Kind.allCases.firstIndex(of: kind) ?? 0)
    var pictures = SyntheticPictures(RandomGenerator(seed: seed, path: number))
    return pictures.draw(kind)
  }

  private mutating func draw(_ kind: Kind) -> Image {
    switch kind {
    case .document: document()
    case .screenshot: screenshot()
    case .chart: chart()
    case .table: table()
    case .lineDrawing: lineDrawing()
    case .cartoon: cartoon()
    case .diagram: diagram()
    case .aerial: aerial()
    case .map: map()
    case .noise: noise()
    case .texture: texture()
    case .plain: canvas(colour(0...255)).image
    case .gradient: gradient()
    case .pattern: pattern()
    }
  }

  // MARK: Draws

  private mutating func number(_ range: ClosedRange<Int>) -> Int {
    range.lowerBound + random.integer(below: range.count)
  }

  private mutating func real(_ low: Double, _ high: Double) -> Double {
    low + (high - low) * Double(random.uniform())
  }

  private mutating func chance(_ share: Float) -> Bool { random.uniform() < share }

  private mutating func colour(_ range: ClosedRange<Int>) -> Canvas.Colour {
    (UInt8(number(range)), UInt8(number(range)), UInt8(number(range)))
  }

  private mutating func grey(_ range: ClosedRange<Int>) -> Canvas.Colour {
    let level = UInt8(number(range))
    return (level, level, level)
  }

  private mutating func point(margin: Int = 0) -> Canvas.Point {
    (Double(number(margin...side - margin)), Double(number(margin...side - margin)))
  }

  private mutating func canvas(_ background: Canvas.Colour) -> Canvas {
    Canvas(width: side, height: side, background: background)
  }

  private mutating func word() -> String {
    let letters = Array("etaoinshrdlucmfwypvbgk")
    return String(
      (0..<number(1...9)).map { _ in
        letters[min(number(0...letters.count - 1), number(0...letters.count - 1))]
      })
  }

  private mutating func line(characters: Int) -> String {
    var text = chance(0.3) ? word().capitalized : word()
    while text.count < characters { text += (chance(0.1) ? ", " : " ") + word() }
    return String(text.prefix(characters))
  }

  // MARK: Text

  private mutating func document() -> Image {
    var page = canvas(chance(0.7) ? grey(240...255) : (250, 244, UInt8(number(200...235))))
    let (ink, scale) = (grey(0...60), number(1...2))
    let (margin, columns) = (number(8...40), scale == 1 ? number(1...2) : 1)
    let width = (side - 2 * margin - (columns - 1) * 12) / columns
    if chance(0.6) { page.write(line(characters: 12), x: margin, y: margin, scale: 3, colour: ink) }
    for column in 0..<columns {
      var y = margin + 40
      let left = margin + column * (width + 12)
      while y < side - margin {
        let characters = width / (6 * scale)
        let isLast = chance(0.15)
        page.write(
          line(characters: isLast ? max(1, characters / 2) : characters), x: left, y: y, scale: scale,
          colour: ink
        )
        y += (isLast ? 18 : 11) * scale + 1
      }
    }
    return page.image
  }

  private mutating func screenshot() -> Image {
    let isDark = chance(0.4)
    let (back, front) = isDark ? (grey(20...50), grey(180...240)) : (grey(235...255), grey(20...80))
    var screen = canvas(back)
    let accent = colour(30...230)
    screen.fill(
      x: 0, y: 0, width: side, height: number(14...28), colour: chance(0.5) ? accent : grey(70...200))
    screen.write(line(characters: 14), x: 8, y: 5, scale: 1, colour: front)
    let bar = chance(0.6) ? number(40...90) : 0
    screen.fill(x: 0, y: 28, width: bar, height: side, colour: isDark ? grey(40...70) : grey(205...235))
    var y = 36
    while y < side {
      if bar > 0 { screen.write(line(characters: bar / 8), x: 6, y: y, scale: 1, colour: front) }
      let left = bar + number(8...24)
      switch number(0...5) {
      case 0:
        screen.fill(x: left, y: y, width: number(40...90), height: 18, colour: accent)
        screen.write(word(), x: left + 6, y: y + 5, scale: 1, colour: back)
        y += 26
      case 1:
        let tall = number(30...70)
        screen.fill(x: left, y: y, width: number(60...180), height: tall, colour: colour(90...230))
        y += tall + 8
      default:
        screen.write(
          line(characters: number(5...max(6, (side - left) / 6))), x: left, y: y, scale: 1,
          colour: chance(0.2) ? accent : front)
        y += 13
      }
    }
    return screen.image
  }

  private mutating func table() -> Image {
    var page = canvas(grey(240...255))
    let (rows, columns, ink) = (number(4...16), number(2...7), grey(0...90))
    let (tall, wide) = ((side - 20) / rows, (side - 20) / columns)
    let header = colour(120...230)
    page.fill(x: 10, y: 10, width: wide * columns, height: tall, colour: header)
    for row in 0..<rows {
      for column in 0..<columns {
        let text = chance(0.5) ? String(number(0...9999)) : word()
        page.write(
          String(text.prefix(wide / 6)), x: 13 + column * wide, y: 12 + row * tall, scale: 1, colour: ink)
      }
      page.fill(x: 10, y: 10 + row * tall, width: wide * columns, height: 1, colour: ink)
    }
    for column in 0...columns where chance(0.8) {
      page.fill(x: 10 + column * wide, y: 10, width: 1, height: tall * rows, colour: ink)
    }
    return page.image
  }

  // MARK: Drawings

  private mutating func chart() -> Image {
    var page = canvas(chance(0.8) ? grey(240...255) : grey(10...50))
    let ink = chance(0.5) ? grey(100...150) : colour(60...160)
    page.write(line(characters: 18), x: 70, y: 8, scale: 1, colour: ink)
    let base = Double(side - 30)
    for tick in 0..<6 {
      page.fill(x: 34, y: 30 + tick * 45, width: side - 50, height: 1, colour: grey(170...210))
      page.write(String(number(0...900)), x: 8, y: 26 + tick * 45, scale: 1, colour: ink)
    }
    page.stroke([(35, 20), (35, base), (290, base)], width: 2, colour: ink)
    switch number(0...3) {
    case 0:
      let count = number(3...14)
      let (wide, bar) = (250 / count, colour(20...220))
      for index in 0..<count {
        let tall = number(5...220)
        page.fill(
          x: 40 + index * wide, y: Int(base) - tall, width: max(2, wide * 3 / 4), height: tall,
          colour: chance(0.8) ? bar : colour(20...220))
      }
    case 1:
      for _ in 0..<number(1...4) {
        var y = real(50, 240)
        let points: [Canvas.Point] = (0..<26).map { step in
          y = min(base, max(25, y + real(-25, 25)))
          return (40 + Double(step) * 10, y)
        }
        page.stroke(points, width: real(1, 3), colour: colour(0...210))
      }
    case 2:
      let (dot, slope) = (colour(20...220), real(-0.8, 0.8))
      for _ in 0..<number(20...150) {
        let x = real(40, 285)
        page.fill(Canvas.ellipse((x, 150 + slope * (x - 160) + real(-60, 60)), (3, 3)), colour: dot)
      }
    default:
      var angle = 0.0
      let (radius, centre) = (real(70, 110), (x: 155.0, y: 150.0))
      while angle < 2 * Double.pi {
        let end = min(2 * Double.pi, angle + real(0.3, 1.8))
        let edge: [Canvas.Point] = stride(from: angle, through: end + 0.05, by: 0.05).map {
          (155 + radius * cos($0), 150 + radius * sin($0))
        }
        page.fill([centre] + edge, colour: colour(30...230))
        angle = end
      }
    }
    return page.image
  }

  /// A wavering closed outline.
  private mutating func blob(_ centre: Canvas.Point, _ radius: Double, rough: Double = 0.25) -> [Canvas.Point]
  {
    let (second, third, phase) = (real(-rough, rough), real(-rough, rough), real(0, 6.28))
    let flat = real(0.5, 1.2)
    return (0..<60).map { step in
      let angle = 2 * Double.pi * Double(step) / 60
      let r = radius * (1 + second * sin(2 * angle + phase) + third * cos(3 * angle + phase))
      return (centre.x + r * cos(angle), centre.y + r * flat * sin(angle))
    }
  }

  private mutating func lineDrawing() -> Image {
    var page = canvas(grey(235...255))
    let (ink, width) = (chance(0.7) ? grey(0...90) : colour(0...140), real(1, 3.5))
    for _ in 0..<number(3...14) {
      if chance(0.6) {
        page.stroke(blob(point(margin: 40), real(8, 90)), width: width, closed: true, colour: ink)
      } else {
        var (place, heading) = (point(margin: 30), real(0, 6.28))
        let points: [Canvas.Point] = (0..<number(5...30)).map { _ in
          heading += real(-0.6, 0.6)
          place = (place.x + 9 * cos(heading), place.y + 9 * sin(heading))
          return place
        }
        page.stroke(points, width: width, colour: ink)
      }
    }
    return page.image
  }

  private mutating func cartoon() -> Image {
    var page = canvas(colour(120...250))
    let horizon = number(120...260)
    page.fill(x: 0, y: horizon, width: side, height: side, colour: colour(40...220))
    for _ in 0..<number(2...8) {
      let (centre, radius, fill) = (point(margin: 40), real(15, 70), colour(20...250))
      let outline = blob(centre, radius)
      page.fill(outline, colour: fill)
      if chance(0.7) { page.stroke(outline, width: real(1.5, 4), closed: true, colour: grey(0...40)) }
      if chance(0.5) {
        for offset in [-0.3, 0.3] {
          let eye = (x: centre.x + offset * radius, y: centre.y - 0.2 * radius)
          page.fill(Canvas.ellipse(eye, (radius * 0.18, radius * 0.22)), colour: (255, 255, 255))
          page.fill(Canvas.ellipse(eye, (radius * 0.08, radius * 0.1)), colour: (0, 0, 0))
        }
      }
    }
    return page.image
  }

  private mutating func diagram() -> Image {
    var page = canvas(grey(235...255))
    let (ink, shade) = (grey(0...80), colour(170...250))
    let boxes = (0..<number(3...9)).map { _ in point(margin: 40) }
    page.stroke(boxes, width: 1.5, colour: ink)
    for box in boxes {
      let (wide, tall) = (real(25, 40), real(10, 20))
      let corners: [Canvas.Point] =
        chance(0.7)
        ? [
          (box.x - wide, box.y - tall), (box.x + wide, box.y - tall), (box.x + wide, box.y + tall),
          (box.x - wide, box.y + tall),
        ] : Canvas.ellipse(box, (wide, tall))
      page.fill(corners, colour: chance(0.6) ? shade : (255, 255, 255))
      page.stroke(corners, width: 1.5, closed: true, colour: ink)
      page.write(String(word().prefix(8)), x: Int(box.x) - 20, y: Int(box.y) - 4, scale: 1, colour: ink)
    }
    return page.image
  }

  // MARK: From above

  /// Fields, roads and roofs.
  private mutating func aerial() -> Image {
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

  private mutating func map() -> Image {
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

  // MARK: Without things

  /// A picture by the colours of its pixels.
  private mutating func shaded(
    _ pixel: (Double, Double, inout RandomGenerator) -> (Double, Double, Double)
  ) -> Canvas {
    var pixels: [UInt8] = []
    pixels.reserveCapacity(side * side * 3)
    for y in 0..<side {
      for x in 0..<side {
        let (red, green, blue) = pixel(Double(x), Double(y), &random)
        for value in [red, green, blue] { pixels.append(UInt8(min(255, max(0, value)))) }
      }
    }
    var page = canvas((0, 0, 0))
    page.paste(Image(width: side, height: side, pixels: pixels), x: 0, y: 0)
    return page
  }

  private mutating func noise() -> Image {
    let (isGrey, level, spread) = (chance(0.4), real(60, 200), real(40, 400))
    return shaded { _, _, random in
      let red = level + spread * (Double(random.uniform()) - 0.5)
      if isGrey { return (red, red, red) }
      return (
        red, level + spread * (Double(random.uniform()) - 0.5),
        level + spread * (Double(random.uniform()) - 0.5)
      )
    }.image
  }

  /// Sums of waves in random directions.
  private mutating func texture() -> Image {
    let base = (0..<3).map { _ in real(40, 215) }
    let waves = (0..<number(3...12)).map { _ in
      (
        x: real(-0.4, 0.4), y: real(-0.4, 0.4), phase: real(0, 6.28),
        colour: (0..<3).map { _ in real(-40, 40) }
      )
    }
    let grain = real(0, 40)
    return shaded { x, y, random in
      var colour = base
      let rough = grain * (Double(random.uniform()) - 0.5)
      for wave in waves {
        let height = sin(wave.x * x + wave.y * y + wave.phase)
        for channel in 0..<3 { colour[channel] += wave.colour[channel] * height }
      }
      return (colour[0] + rough, colour[1] + rough, colour[2] + rough)
    }.image
  }

  private mutating func gradient() -> Image {
    let (from, to, turn, isRound) = (colour(0...255), colour(0...255), real(0, 6.28), chance(0.4))
    let centre = point()
    return shaded { x, y, _ in
      let along: Double = ((x - 150) * cos(turn) + (y - 150) * sin(turn)) / 300 + 0.5
      let share = min(1, max(0, isRound ? hypot(x - centre.x, y - centre.y) / 250 : along))
      func mix(_ a: UInt8, _ b: UInt8) -> Double { Double(a) + share * (Double(b) - Double(a)) }
      return (mix(from.red, to.red), mix(from.green, to.green), mix(from.blue, to.blue))
    }.image
  }

  /// Squares in two or more colours: boards, codes, tiles.
  private mutating func pattern() -> Image {
    let (cell, isBoard) = (number(5...50), chance(0.4))
    let colours =
      chance(0.5) ? [grey(0...40), grey(220...255)] : (0..<number(2...5)).map { _ in colour(0...255) }
    var page = canvas(colours[0])
    for row in 0...side / cell {
      for column in 0...side / cell {
        let index = isBoard ? (row + column) % colours.count : number(0...colours.count - 1)
        page.fill(x: column * cell, y: row * cell, width: cell, height: cell, colour: colours[index])
      }
    }
    return page.image
  }
}
