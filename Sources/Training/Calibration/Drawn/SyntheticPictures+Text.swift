import Drawing
import Media
import Models
import Narration

/// Pictures of text.
extension SyntheticPictures {
  mutating func document() -> Drawing {
    var page = paper(
      chance(0.7) ? gray(240...255) : Color(red: 250, green: 244, blue: UInt8(number(200...235))))
    let (ink, scale) = (gray(0...60), number(1...2))
    let (margin, columns) = (number(8...40), scale == 1 ? number(1...2) : 1)
    let width = (side - 2 * margin - (columns - 1) * 12) / columns
    if chance(0.6) { page.write(line(characters: 12), x: margin, y: margin, scale: 3, color: ink) }
    for column in 0..<columns {
      var y = margin + 40
      let left = margin + column * (width + 12)
      while y < side - margin {
        let characters = width / (6 * scale)
        let isLast = chance(0.15)
        page.write(
          line(characters: isLast ? max(1, characters / 2) : characters), x: left, y: y, scale: scale,
          color: ink
        )
        y += (isLast ? 18 : 11) * scale + 1
      }
    }
    return page
  }

  mutating func screenshot() -> Drawing {
    let isDark = chance(0.4)
    let (back, front) = isDark ? (gray(20...50), gray(180...240)) : (gray(235...255), gray(20...80))
    var screen = paper(back)
    let accent = color(30...230)
    screen.fill(
      x: 0, y: 0, width: side, height: number(14...28), color: chance(0.5) ? accent : gray(70...200))
    screen.write(line(characters: 14), x: 8, y: 5, scale: 1, color: front)
    let bar = chance(0.6) ? number(40...90) : 0
    screen.fill(x: 0, y: 28, width: bar, height: side, color: isDark ? gray(40...70) : gray(205...235))
    var y = 36
    while y < side {
      if bar > 0 { screen.write(line(characters: bar / 8), x: 6, y: y, scale: 1, color: front) }
      let left = bar + number(8...24)
      switch number(0...5) {
      case 0:
        screen.fill(x: left, y: y, width: number(40...90), height: 18, color: accent)
        screen.write(word(), x: left + 6, y: y + 5, scale: 1, color: back)
        y += 26
      case 1:
        let tall = number(30...70)
        screen.fill(x: left, y: y, width: number(60...180), height: tall, color: color(90...230))
        y += tall + 8
      default:
        screen.write(
          line(characters: number(5...max(6, (side - left) / 6))), x: left, y: y, scale: 1,
          color: chance(0.2) ? accent : front)
        y += 13
      }
    }
    return screen
  }

  mutating func table() -> Drawing {
    var page = paper(gray(240...255))
    let (rows, columns, ink) = (number(4...16), number(2...7), gray(0...90))
    let (tall, wide) = ((side - 20) / rows, (side - 20) / columns)
    let header = color(120...230)
    page.fill(x: 10, y: 10, width: wide * columns, height: tall, color: header)
    for row in 0..<rows {
      for column in 0..<columns {
        let text = chance(0.5) ? String(number(0...9999)) : word()
        page.write(
          String(text.prefix(wide / 6)), x: 13 + column * wide, y: 12 + row * tall, scale: 1, color: ink)
      }
      page.fill(x: 10, y: 10 + row * tall, width: wide * columns, height: 1, color: ink)
    }
    for column in 0...columns where chance(0.8) {
      page.fill(x: 10 + column * wide, y: 10, width: 1, height: tall * rows, color: ink)
    }
    return page
  }
}
