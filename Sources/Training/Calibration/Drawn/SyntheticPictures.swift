import Drawing
import Foundation
import Media
import Models
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

  var random: RandomGenerator
  let side = 300

  private init(_ random: RandomGenerator) { self.random = random }

  /// The picture of a number.
  /// - Throws: `DrawingError` where Cairo, Pango or a font is missing.
  package static func picture(_ kind: Kind, seed: UInt64) throws(DrawingError) -> Image {
    let number = UInt64(Kind.allCases.firstIndex(of: kind) ?? 0)
    var pictures = SyntheticPictures(RandomGenerator(seed: seed, path: number))
    return try pictures.draw(kind).image()
  }

  private mutating func draw(_ kind: Kind) -> Drawing {
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
    case .plain: paper(color(0...255))
    case .gradient: gradient()
    case .pattern: pattern()
    }
  }

  // MARK: Draws

  mutating func number(_ range: ClosedRange<Int>) -> Int {
    range.lowerBound + random.integer(below: range.count)
  }

  mutating func real(_ low: Double, _ high: Double) -> Double {
    low + (high - low) * Double(random.uniform())
  }

  mutating func chance(_ share: Float) -> Bool { random.uniform() < share }

  mutating func color(_ range: ClosedRange<Int>) -> Color {
    Color(red: UInt8(number(range)), green: UInt8(number(range)), blue: UInt8(number(range)))
  }

  mutating func gray(_ range: ClosedRange<Int>) -> Color {
    let level = UInt8(number(range))
    return Color(red: level, green: level, blue: level)
  }

  mutating func point(margin: Int = 0) -> Point {
    Point(Double(number(margin...side - margin)), Double(number(margin...side - margin)))
  }

  mutating func paper(_ background: Color) -> Drawing {
    Drawing(width: side, height: side, background: background)
  }

  mutating func word() -> String {
    let letters = Array("etaoinshrdlucmfwypvbgk")
    return String(
      (0..<number(1...9)).map { _ in
        letters[min(number(0...letters.count - 1), number(0...letters.count - 1))]
      })
  }

  mutating func line(characters: Int) -> String {
    var text = chance(0.3) ? word().capitalized : word()
    while text.count < characters { text += (chance(0.1) ? ", " : " ") + word() }
    return String(text.prefix(characters))
  }
}
