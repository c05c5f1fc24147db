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

/// Red of the pixel in the middle of a cell of a tile, of a grid of 3 x 4.
private func light(_ strip: Image, _ layout: AttentionStrip.Layout, tile: Int, cell: Int) -> UInt8 {
  let corner = layout.corner(of: tile)
  let x = corner.x + (2 * (cell % 4) + 1) * layout.tileWidth / 8
  let y = corner.y + (2 * (cell / 4) + 1) * layout.tileHeight / 6
  return strip.pixels[(y * strip.width + x) * 3]
}

/// Red of a row of pixels below a tile, between the left and the right end of its label.
private func ink(_ strip: Image, _ layout: AttentionStrip.Layout, tile: Int, row: Int) -> [UInt8] {
  let label = layout.label(of: tile)
  return (0..<Int(label.width)).map {
    strip.pixels[((Int(label.y) + row) * strip.width + Int(label.x) + $0) * 3]
  }
}

@Test func theStripIsBrightWhereTheWordLooked() throws {
  let cells = [0, 3, 5, 8, 11, 6, 2]
  let picture = gray(896, 448)
  let strip = try AttentionStrip.draw([picture], caption: caption(cells: cells), rows: 3, columns: 4)
  let layout = AttentionStrip.Layout(picture, frames: 1, tiles: cells.count + 1)
  #expect(strip.width == layout.width && strip.height == layout.height)
  #expect(layout.tileWidth == 2 * layout.tileHeight, "as the picture")
  #expect(layout.corner(of: 6).y > layout.corner(of: 5).y && layout.corner(of: 6).x == layout.corner(of: 0).x)
  for (index, cell) in cells.enumerated() {
    for other in 0..<12 where other != cell {
      #expect(
        light(strip, layout, tile: index + 1, cell: cell) > light(strip, layout, tile: index + 1, cell: other)
      )
    }
    #expect(light(strip, layout, tile: 0, cell: cell) == 160)
  }
}

@Test func evenAttentionIsNoChoice() throws {
  let word = Caption.Word(
    text: "dog", probability: 0.5, attention: (0..<12).map { $0 == 5 ? 0.0834 : 0.0833 })
  let strip = try AttentionStrip.draw(
    [gray(896, 448)], caption: Caption(words: [word], logProbability: 0), rows: 3, columns: 4)
  let layout = AttentionStrip.Layout(gray(896, 448), frames: 1, tiles: 2)
  let lights = [5, 11].map { Int(light(strip, layout, tile: 1, cell: $0)) }
  #expect(abs(lights[0] - lights[1]) < 3)
}

@Test func theWordIsWrittenUnderItsTileAndItsProbabilityBesideIt() throws {
  /// Rightmost column with ink of a word, and leftmost with the fainter ink of its note; nil where there is none.
  func inked(_ text: String) throws -> (word: Int?, note: Int?) {
    let word = Caption.Word(text: text, probability: 0.5, attention: [1])
    let strip = try AttentionStrip.draw(
      [gray(224, 224)], caption: Caption(words: [word], logProbability: 0), rows: 1, columns: 1)
    let layout = AttentionStrip.Layout(gray(224, 224), frames: 1, tiles: 2)
    let rows = (0..<Int(layout.label(of: 1).height)).map { ink(strip, layout, tile: 1, row: $0) }
    func columns(_ shades: ClosedRange<UInt8>) -> [Int] {
      rows[0].indices.filter { x in rows.contains { shades.contains($0[x]) } }
    }
    let right = rows[0].count * 2 / 3
    return (columns(200...255).max(), columns(110...140).filter { $0 > right }.min())
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
  let layout = AttentionStrip.Layout(gray(width, height), frames: 1, tiles: 2)
  #expect(strip.width == layout.width && strip.height == layout.height)
  #expect(strip.width < 1000 && strip.height < 1000, "however long it is")
  // The picture is shown, and the word has room under however narrow a tile.
  let corner = layout.corner(of: 0)
  let last = (corner.y + layout.tileHeight - 1) * strip.width + corner.x + layout.tileWidth - 1
  #expect(strip.pixels[(corner.y * strip.width + corner.x) * 3] == 160 && strip.pixels[last * 3] == 160)
  #expect((0..<20).contains { ink(strip, layout, tile: 1, row: $0).contains { $0 > 200 } })
}

@Test func whatIsNoNumberIsNoCrash() throws {
  let word = Caption.Word(text: "dog", probability: .nan, attention: [.nan, .infinity, 1, -.infinity])
  let strip = try AttentionStrip.draw(
    [gray(8, 8)], caption: Caption(words: [word], logProbability: .nan), rows: 2, columns: 2)
  let layout = AttentionStrip.Layout(gray(8, 8), frames: 1, tiles: 2)
  #expect(strip.width == layout.width && strip.height == layout.height)
  let corner = layout.corner(of: 0)
  #expect(strip.pixels[(corner.y * strip.width + corner.x) * 3] == 160)
}

@Test func aCaptionWithoutWordsIsThePictureAlone() throws {
  let strip = try AttentionStrip.draw(
    [gray(50, 50)], caption: Caption(words: [], logProbability: 0), rows: 1, columns: 1)
  let layout = AttentionStrip.Layout(gray(50, 50), frames: 1, tiles: 1)
  #expect(strip.width == layout.width && strip.height == layout.height)
  #expect(strip.pixels.count { $0 == 160 } >= 3 * layout.tileWidth * layout.tileHeight)
}
