import Drawing
import Foundation
import Media
import Models
import Narration
import Tensors

/// Pictures without things in them.
extension SyntheticPictures {
  /// A picture by the colours of its pixels.
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
    var page = paper(Colour(0))
    page.show(Image(width: side, height: side, pixels: pixels), at: Point(0, 0))
    return page
  }

  mutating func noise() -> Drawing {
    let (isGrey, level, spread) = (chance(0.4), real(60, 200), real(40, 400))
    return shaded { _, _, random in
      let red = level + spread * (Double(random.uniform()) - 0.5)
      if isGrey { return (red, red, red) }
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
    }
  }

  mutating func gradient() -> Drawing {
    let (from, to, turn, isRound) = (colour(0...255), colour(0...255), real(0, 6.28), chance(0.4))
    let centre = point()
    return shaded { x, y, _ in
      let along: Double = ((x - 150) * cos(turn) + (y - 150) * sin(turn)) / 300 + 0.5
      let share = min(1, max(0, isRound ? hypot(x - centre.x, y - centre.y) / 250 : along))
      func mix(_ a: UInt8, _ b: UInt8) -> Double { Double(a) + share * (Double(b) - Double(a)) }
      return (mix(from.red, to.red), mix(from.green, to.green), mix(from.blue, to.blue))
    }
  }

  /// Squares in two or more colours: boards, codes, tiles.
  mutating func pattern() -> Drawing {
    let (cell, isBoard) = (number(5...50), chance(0.4))
    let colours =
      chance(0.5) ? [grey(0...40), grey(220...255)] : (0..<number(2...5)).map { _ in colour(0...255) }
    var page = paper(colours[0])
    for row in 0...side / cell {
      for column in 0...side / cell {
        let index = isBoard ? (row + column) % colours.count : number(0...colours.count - 1)
        page.fill(x: column * cell, y: row * cell, width: cell, height: cell, colour: colours[index])
      }
    }
    return page
  }
}
