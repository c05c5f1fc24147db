import Media
import Testing

@Suite struct PNGTests {
  static let interlacings = ["", "-interlaced"]

  @Test(arguments: ["gray1", "gray2", "gray4", "gray8", "gray16", "rgb8", "rgb16"], interlacings)
  func opaque(kind: String, interlacing: String) throws { try expectGolden(kind + interlacing) }

  @Test(arguments: ["gray1", "gray2", "gray4", "gray8", "gray16", "rgb8", "rgb16"], interlacings)
  func colorKey(kind: String, interlacing: String) throws { try expectGolden(kind + "-key" + interlacing) }

  @Test(arguments: [1, 2, 4, 8], interlacings)
  func palette(depth: Int, interlacing: String) throws {
    try expectGolden("palette\(depth)" + interlacing)
    try expectGolden("palette\(depth)-alpha" + interlacing)
  }

  @Test(arguments: ["gray-alpha8", "gray-alpha16", "rgba8", "rgba16"], interlacings)
  func alphaOverWhite(kind: String, interlacing: String) throws { try expectGolden(kind + interlacing) }

  @Test func onePixel() throws { try expectGolden("one-pixel") }

  /// As browsers and Pillow do, pixels are taken for sRGB.
  @Test func gammaChunkChangesNothing() throws { try expectGolden("gamma") }

  @Test func brokenProfileAndTextsAreNoErrors() throws { try expectGolden("odd-chunks") }

  @Test func animationGivesItsFirstFrame() throws { try expectGolden("animated") }

  @Test func bytesAndFileGiveTheSame() throws {
    let picture = try Picture(contentsOf: fixture("rgba8.png"))
    #expect(try Picture(bytes: fixtureBytes("rgba8.png"), path: "x") == picture)
    #expect(picture.width == 13 && picture.height == 9)
  }

  @Test func comesWholeWhateverNeedsCovering() throws {
    #expect(try Picture(contentsOf: fixture("rgb8.png"), options: .init(coveringSide: 1)).image.width == 13)
  }

  private func expectGolden(_ name: String) throws {
    let picture = try Picture(contentsOf: fixture(name + ".png"))
    try expectClose(picture.image, golden(name), tolerance: 0, name)
    #expect(picture.width == picture.image.width && picture.height == picture.image.height)
  }
}

@Suite struct PNGWriterTests {
  @Test(arguments: ["rgb8", "one-pixel", "oriented", "large"])
  func whatIsWrittenIsReadBack(name: String) throws {
    let image = try golden(name)
    #expect(try Picture(bytes: image.pngData(), path: "x").image == image)
  }

  @Test func noiseDoesNotOutgrowTheBuffer() throws {
    var numbers = SeededNumbers(seed: 3)
    for (width, height) in [(1, 1), (1, 500), (500, 1), (300, 200)] {
      let pixels = (0..<width * height * 3).map { _ in UInt8.random(in: 0...255, using: &numbers) }
      let image = Image(width: width, height: height, pixels: pixels)
      #expect(try Picture(bytes: image.pngData(), path: "x").image == image)
    }
  }

  @Test func refusesASideThatLibpngDoesNotWrite() {
    let image = Image(width: 1_000_001, height: 1, pixels: [UInt8](repeating: 0, count: 3_000_003))
    #expect(throws: MediaError.self) { try image.pngData() }
  }
}
