import Media
import Models
import Narration
import Reports
import Testing

private func gray(_ width: Int, _ height: Int) -> Image {
  Image(width: width, height: height, pixels: [UInt8](repeating: 160, count: width * height * 3))
}

/// A caption each of whose words looks at one cell of a grid of 3 x 4.
private func caption(cells: [Int]) -> Caption {
  let words = cells.map { cell in
    Caption.Word(text: "dog", probability: 0.5, attention: (0..<12).map { $0 == cell ? 1 : 0 })
  }
  return Caption(words: words, logProbability: -1)
}

/// Red of the pixel in the middle of a cell of a tile.
private func light(_ strip: Image, tile: Int, cell: Int) -> UInt8 {
  let (width, height) = (448, 224)
  let x = 12 + tile % 6 * (width + 12) + (2 * (cell % 4) + 1) * width / 8
  let y = 12 + tile / 6 * (height + 28 + 12) + (2 * (cell / 4) + 1) * height / 6
  return strip.pixels[(y * strip.width + x) * 3]
}

@Test func theStripIsBrightWhereTheWordLooked() throws {
  let cells = [0, 3, 5, 8, 11, 6, 2]
  let strip = try AttentionStrip.draw([gray(896, 448)], caption: caption(cells: cells), rows: 3, columns: 4)
  #expect(strip.width == 6 * (448 + 12) + 12)
  #expect(strip.height == 2 * (224 + 28 + 12) + 12)
  for (index, cell) in cells.enumerated() {
    for other in 0..<12 where other != cell {
      #expect(light(strip, tile: index + 1, cell: cell) > light(strip, tile: index + 1, cell: other))
    }
    #expect(light(strip, tile: 0, cell: cell) == 160)
  }
}

@Test func evenAttentionIsNoChoice() throws {
  let word = Caption.Word(
    text: "dog", probability: 0.5, attention: (0..<12).map { $0 == 5 ? 0.0834 : 0.0833 })
  let strip = try AttentionStrip.draw(
    [gray(896, 448)], caption: Caption(words: [word], logProbability: 0), rows: 3, columns: 4)
  #expect(abs(Int(light(strip, tile: 1, cell: 5)) - Int(light(strip, tile: 1, cell: 11))) < 3)
}

@Test func theWordIsWrittenUnderItsTileAndItsProbabilityBesideIt() throws {
  /// Rightmost column with ink of a word, and leftmost with the fainter ink of its note; nil where there is none.
  func inked(_ text: String) throws -> (word: Int?, note: Int?) {
    let word = Caption.Word(text: text, probability: 0.5, attention: [1])
    let strip = try AttentionStrip.draw(
      [gray(224, 224)], caption: Caption(words: [word], logProbability: 0), rows: 1, columns: 1)
    func columns(_ shades: ClosedRange<UInt8>) -> [Int] {
      (0..<224).filter { x in
        (12 + 224..<strip.height).contains {
          shades.contains(strip.pixels[($0 * strip.width + 12 + 224 + 12 + x) * 3])
        }
      }
    }
    return (columns(200...255).max(), columns(110...140).filter { $0 > 160 }.min())
  }
  let (short, long) = (try inked("dog"), try inked("dog on a lawn"))
  let right = try (#require(short.word), #require(long.word))
  #expect(right.0 > 20 && right.1 > 2 * right.0)
  #expect(try #require(short.note) > right.0 + 14)
  #expect(try inked("").word == nil)
  // A word that fills the room stands alone, and ends in it.
  let filling = try inked(String(repeating: "wide ", count: 40))
  #expect(try #require(filling.word) > 200)
}

@Test(arguments: [(1, 1), (1, 3000), (3000, 1), (5000, 20)])
func everyShapeOfPictureHasAStrip(width: Int, height: Int) throws {
  let long = Caption.Word(text: String(repeating: "wide", count: 40), probability: 1, attention: [1])
  let strip = try AttentionStrip.draw(
    [gray(width, height)], caption: Caption(words: [long], logProbability: 0), rows: 1, columns: 1)
  #expect(strip.width <= 2 * (448 + 12) + 12)
  #expect(strip.height <= 448 + 28 + 24)
}

@Test func whatIsNoNumberIsNoCrash() throws {
  let word = Caption.Word(text: "dog", probability: .nan, attention: [.nan, .infinity, 1, -.infinity])
  let strip = try AttentionStrip.draw(
    [gray(8, 8)], caption: Caption(words: [word], logProbability: .nan), rows: 2, columns: 2)
  #expect(strip.width == 2 * (224 + 12) + 12)
}

@Test func aCaptionWithoutWordsIsThePictureAlone() throws {
  let strip = try AttentionStrip.draw(
    [gray(50, 50)], caption: Caption(words: [], logProbability: 0), rows: 1, columns: 1)
  #expect(strip.width == 224 + 24)
}
