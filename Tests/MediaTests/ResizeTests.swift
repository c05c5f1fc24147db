import Media
import Testing

@Suite struct ResizeTests {
  /// The source is 37×29. Pillow: Lanczos on an axis that shrinks, bicubic on one that grows.
  @Test(arguments: [
    (11, 9), (61, 53), (20, 53), (61, 9), (37, 12), (20, 29), (74, 58), (1, 1), (3, 200), (36, 28),
  ])
  func equalsPillow(width: Int, height: Int) throws {
    let resized = try golden("resize").resized(width: width, height: height)
    let wanted = try golden("resize-\(width)x\(height)")
    expectClose(resized, wanted, tolerance: 1, "\(width)×\(height)")
    let different = zip(resized.pixels, wanted.pixels).count { $0 != $1 }
    #expect(different * 100 <= wanted.pixels.count, "\(different) of \(wanted.pixels.count) differ")
  }

  @Test func sameSizeIsTheSameImage() throws {
    let image = try golden("resize")
    #expect(image.resized(width: 37, height: 29) == image)
  }

  @Test(arguments: [0, 1, 127, 254, 255] as [UInt8])
  func oneColorStaysThatColor(level: UInt8) {
    let image = Image(width: 31, height: 23, pixels: [UInt8](repeating: level, count: 31 * 23 * 3))
    for (width, height) in [(7, 5), (100, 90), (31, 1), (1, 23), (7, 90)] {
      #expect(image.resized(width: width, height: height).pixels.allSatisfy { $0 == level })
    }
  }

  /// Lines of one pixel, black and white, are gray from afar; picking the nearest pixels would give one of
  /// both.
  @Test func shrinkingDoesNotAlias() {
    let pixels = (0..<120 * 120 * 3).map { (byte: Int) -> UInt8 in byte / 3 % 2 == 0 ? 0 : 255 }
    let small = Image(width: 120, height: 120, pixels: pixels).resized(width: 31, height: 31)
    for x in 3..<28 { #expect(abs(Int(small.pixels[(15 * 31 + x) * 3]) - 128) < 12) }
  }

  @Test func fromAndToOnePixel() {
    let dot = Image(width: 1, height: 1, pixels: [9, 200, 77])
    let grown = dot.resized(width: 5, height: 3)
    #expect(grown.pixels == (0..<15).flatMap { _ in [9, 200, 77] as [UInt8] })
    #expect(grown.resized(width: 1, height: 1) == dot)
  }
}
