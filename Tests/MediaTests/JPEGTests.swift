import Media
import Testing

@Suite struct JPEGTests {
  /// Against another build of libjpeg-turbo: the inverse cosine transform and the upsampling of color may
  /// differ a little.
  @Test(arguments: [
    "sampling-1x1", "sampling-2x2", "sampling-2x1", "sampling-1x2", "sampling-4x1", "progressive", "gray",
    "gray-progressive", "rgb", "restarts", "arithmetic", "scans", "pixel", "large",
  ])
  func kinds(name: String) throws {
    let picture = try Picture(contentsOf: fixture(name + ".jpg"))
    try expectClose(picture.image, golden(name), tolerance: 2, name)
    #expect(picture.width == picture.image.width && picture.height == picture.image.height)
  }

  /// Stored inverted, with Adobe's marker and without.
  @Test(arguments: ["cmyk", "cmyk-unmarked", "ycck"])
  func fourInks(name: String) throws {
    try expectClose(Picture(contentsOf: fixture(name + ".jpg")).image, golden(name), tolerance: 2, name)
  }

  @Test func junkBetweenMarkersIsNoError() throws {
    let name = "junk-between-markers"
    try expectClose(Picture(contentsOf: fixture(name + ".jpg")).image, golden(name), tolerance: 2)
  }

  /// The file is 200×120.
  @Test(arguments: [1, 15, 16, 17, 30, 31, 45, 46, 60, 61, 75, 76, 90, 91, 105, 106, 119, 120, 121, 5000])
  func smallestScaleThatCovers(side: Int) throws {
    let picture = try Picture(contentsOf: fixture("large.jpg"), options: .init(coveringSide: side))
    let image = picture.image
    #expect(picture.width == 200 && picture.height == 120)
    let scale = try #require((1...8).first { image.width == 25 * $0 && image.height == 15 * $0 })
    if side <= 120 { #expect(image.height >= side) } else { #expect(scale == 8) }
    if scale > 1 { #expect(15 * (scale - 1) < side) }
  }

  /// What is decoded smaller looks like what is decoded whole and made smaller.
  @Test(arguments: 1...8)
  func scaledLooksTheSame(eighths: Int) throws {
    let options = DecodeOptions(coveringSide: 15 * eighths)
    let scaled = try Picture(contentsOf: fixture("large.jpg"), options: options).image
    let whole = try golden("large").resized(width: 25 * eighths, height: 15 * eighths)
    #expect(scaled.width == 25 * eighths)
    let distances = zip(scaled.pixels, whole.pixels).map { abs(Int($0) - Int($1)) }
    #expect(Double(distances.reduce(0, +)) / Double(distances.count) < 4)
  }

  /// 45×31 at 5/8 is 28.125×19.375: rounded up.
  @Test(arguments: ["sampling-2x2", "progressive", "gray", "cmyk"])
  func scaledSizesAreRoundedUp(name: String) throws {
    let image = try Picture(contentsOf: fixture(name + ".jpg"), options: .init(coveringSide: 20)).image
    #expect(image.width == 29 && image.height == 20)
  }

  @Test(arguments: [(Int.min, 1), (-1, 1), (0, 1), (101, 100), (.max, 100)])
  func qualityEndsAtItsLimits(quality: Int, limit: Int) throws {
    let image = try golden("large")
    #expect(try image.jpegData(quality: quality) == image.jpegData(quality: limit))
    let again = try Picture(bytes: image.jpegData(quality: quality), path: "x")
    #expect(again.width == 200 && again.height == 120)
    #expect(try image.jpegData(quality: 1).count < image.jpegData(quality: 100).count / 4)
  }
}
