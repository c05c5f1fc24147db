import Drawing
import Foundation
import Media
import Models
import Narration
import Tensors

/// Pictures without things in them.
extension SyntheticPictures {
  /// A picture by the colors of its pixels.
  mutating func shaded(
    _ pixel: (Double, Double, inout RandomGenerator) -> (Double, Double, Double)
  ) -> Drawing {
    var pixels: [UInt8] = []
    pixels.reserveCapacity(side * side * 3)
    for y in 0..<side {
      for x in 0..<side {
        let (red, green, blue) = pixel(Double(x), Double(y), &random)
        for value in [red, green, blue] { pixels.append(UInt8(min(255, max(0, value)))) }
      }
    }
    var page = paper(Color(0))
    page.show(Image(width: side, height: side, pixels: pixels), at: Point(0, 0))
    return page
  }

  mutating func noise() -> Drawing {
    let (isGray, level, spread) = (chance(0.4), real(60, 200), real(40, 400))
    return shaded { _, _, random in
      let red = level + spread * (Double(random.uniform()) - 0.5)
      if isGray { return (red, red, red) }
      return (
        red, level + spread * (Double(random.uniform()) - 0.5),
        level + spread * (Double(random.uniform()) - 0.5)
      )
    }
  }

  /// Sums of waves in random directions.
  mutating func texture() -> Drawing {
    let base = (0..<3).map { _ in real(40, 215) }
    let waves = (0..<number(3...12)).map { _ in
      (
        x: real(-0.4, 0.4), y: real(-0.4, 0.4), phase: real(0, 6.28),
        color: (0..<3).map { _ in real(-40, 40) }
      )
    }
    let grain = real(0, 40)
    return shaded { x, y, random in
      var color = base
      let rough = grain * (Double(random.uniform()) - 0.5)
      for wave in waves {
        let height = sin(wave.x * x + wave.y * y + wave.phase)
        for channel in 0..<3 { color[channel] += wave.color[channel] * height }
      }
      return (color[0] + rough, color[1] + rough, color[2] + rough)
    }
  }

  mutating func gradient() -> Drawing {
    let (from, to, turn, isRound) = (color(0...255), color(0...255), real(0, 6.28), chance(0.4))
    let center = point()
    return shaded { x, y, _ in
      let along: Double = ((x - 150) * cos(turn) + (y - 150) * sin(turn)) / 300 + 0.5
      let share = min(1, max(0, isRound ? hypot(x - center.x, y - center.y) / 250 : along))
      func mix(_ a: UInt8, _ b: UInt8) -> Double { Double(a) + share * (Double(b) - Double(a)) }
      return (mix(from.red, to.red), mix(from.green, to.green), mix(from.blue, to.blue))
    }
  }

  /// Squares in two or more colors: boards, codes, tiles.
  mutating func pattern() -> Drawing {
    let (cell, isBoard) = (number(5...50), chance(0.4))
    let colors =
      chance(0.5) ? [gray(0...40), gray(220...255)] : (0..<number(2...5)).map { _ in color(0...255) }
    var page = paper(colors[0])
    for row in 0...side / cell {
      for column in 0...side / cell {
        let index = isBoard ? (row + column) % colors.count : number(0...colors.count - 1)
        page.fill(x: column * cell, y: row * cell, width: cell, height: cell, color: colors[index])
      }
    }
    return page
  }
}
