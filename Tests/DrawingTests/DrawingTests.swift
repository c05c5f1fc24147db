import Drawing
import Foundation
import Media
import Testing

@Suite struct DrawingTests {
  private let red = Color(0xE01020)
  private var empty: Drawing { Drawing(width: 40, height: 30, background: Color(0x121418)) }

  /// The pixels as a PNG file has them.
  private func decoded(_ drawing: Drawing) throws -> Image {
    try Picture(bytes: drawing.png(), path: "drawing").image
  }

  private func color(_ image: Image, _ x: Int, _ y: Int) -> [UInt8] {
    let first = (y * image.width + x) * 3
    return Array(image.pixels[first..<first + 3])
  }

  @Test func rectanglesCoverTheirPixelsAndNoOthers() throws {
    var drawing = empty
    drawing.fill(Rectangle(x: 5, y: 4, width: 10, height: 20), red)
    let image = try decoded(drawing)
    #expect(image.width == 40 && image.height == 30)
    for y in 0..<30 {
      for x in 0..<40 {
        let isInside = (5..<15).contains(x) && (4..<24).contains(y)
        #expect(color(image, x, y) == (isInside ? [0xE0, 0x10, 0x20] : [0x12, 0x14, 0x18]))
      }
    }
  }

  @Test func whatComesLaterHidesWhatCameBefore() throws {
    var drawing = empty
    drawing.fill(Rectangle(x: 0, y: 0, width: 40, height: 30), radius: 10, red)
    drawing.circle(Point(20, 15), radius: 6, fill: Color(0xFFFFFF))
    drawing.fill([Point(18, 13), Point(22, 13), Point(22, 17), Point(18, 17)], Color(0, opacity: 0.5))
    let image = try decoded(drawing)
    #expect(color(image, 0, 0) == [0x12, 0x14, 0x18], "round corners")
    #expect(color(image, 39, 29) == [0x12, 0x14, 0x18])
    #expect(color(image, 0, 15) == [0xE0, 0x10, 0x20])
    #expect(color(image, 20, 11) == [255, 255, 255])
    #expect((126...129).contains(color(image, 20, 15)[0]))
  }

  @Test func linesAreBrokenWhereTheyAreDashed() throws {
    var drawing = Drawing(width: 40, height: 10, background: Color(0))
    drawing.stroke([Point(0, 5), Point(40, 5)], Stroke(Color(0xFFFFFF), width: 2, dashes: [4, 8]))
    let dashed = try decoded(drawing)
    #expect(color(dashed, 2, 5) == [255, 255, 255] && color(dashed, 8, 5) == [0, 0, 0])
    drawing.stroke([Point(0, 5), Point(40, 5)], Stroke(Color(0xFFFFFF), width: 2))
    #expect(try color(decoded(drawing), 8, 5) == [255, 255, 255], "dashes end with their line")
  }

  @Test func picturesAreShownPixelForPixel() throws {
    let pixels = (0..<7 * 5 * 3).map { UInt8($0 * 37 & 255) }
    let picture = Image(width: 7, height: 5, pixels: pixels)
    var drawing = empty
    drawing.show(picture, at: Point(11, 9))
    drawing.show(picture, at: Point(36, 28))
    let image = try decoded(drawing)
    for y in 0..<5 {
      for x in 0..<7 { #expect(color(image, 11 + x, 9 + y) == color(picture, x, y)) }
    }
    #expect(color(image, 39, 29) == color(picture, 3, 1), "cut off at the edge")
    #expect(color(image, 10, 9) == [0x12, 0x14, 0x18])
  }

  @Test func onlyAPictureThatCanBeIsDrawn() throws {
    for (width, height) in [(0, 10), (10, -1), (40_000, 10), (10_000, .max)] {
      let drawing = Drawing(width: width, height: height, background: red)
      #expect(throws: DrawingError.tooLarge(width: width, height: height)) { try drawing.png() }
    }
    #expect(throws: DrawingError.tooLarge(width: 5, height: 0)) {
      try Drawing(width: 5, height: 0, background: red).svg(title: "")
    }
  }

  @Test func highDrawingsAreDrawnWhole() throws {
    var drawing = Drawing(width: 30, height: 70_000, background: Color(0))
    let style = TextStyle(size: 20, color: Color(0xFFFFFF))
    // One of them across the border between two bands.
    for y in [50.0, 4100, 69_900] { drawing.write("x", at: Point(5, y), style) }
    let image = try decoded(drawing)
    #expect(image.height == 70_000)
    func rows(_ first: Int) -> ArraySlice<UInt8> { image.pixels[first * 90..<(first + 40) * 90] }
    #expect(rows(20).contains { $0 > 200 })
    #expect(rows(20).elementsEqual(rows(4070)) && rows(20).elementsEqual(rows(69_870)))
  }

  @Test func theSameDrawingGivesTheSameBytesOnEveryThread() async throws {
    var drawing = empty
    drawing.show(Image(width: 3, height: 3, pixels: [UInt8](repeating: 90, count: 27)), at: Point(1, 1))
    drawing.write("word", at: Point(2, 20), TextStyle(size: 12, color: red))
    let (png, svg) = (try drawing.png(), try drawing.svg(title: "x"))
    try await withThrowingTaskGroup(of: (png: [UInt8], svg: String).self) { group in
      for _ in 0..<32 { group.addTask { [drawing] in (try drawing.png(), try drawing.svg(title: "x")) } }
      for try await other in group {
        #expect(other.png == png)
        #expect(other.svg == svg)
      }
    }
  }
}
