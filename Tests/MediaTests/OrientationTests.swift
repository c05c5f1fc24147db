import Media
import Testing

@Suite struct OrientationTests {
  /// Odd ones have their Exif data big-endian; every third PNG has it after the picture.
  @Test(arguments: 1...8)
  func allEightAreTheSamePictureUpright(orientation: Int) throws {
    let upright = try golden("oriented")
    let png = try Picture(contentsOf: fixture("oriented\(orientation).png"))
    expectClose(png.image, upright, tolerance: 0, "PNG \(orientation)")
    #expect(png.width == 24 && png.height == 16)
    let jpeg = try Picture(contentsOf: fixture("oriented\(orientation).jpg"))
    expectClose(jpeg.image, upright, tolerance: 24, "JPEG \(orientation)")
    #expect(jpeg.width == 24 && jpeg.height == 16)
  }

  @Test(arguments: 1...8, ["png", "jpg"])
  func canBeIgnored(orientation: Int, kind: String) throws {
    let path = fixture("oriented\(orientation).\(kind)")
    let stored = try Picture(contentsOf: path, options: .init(ignoresOrientation: true))
    #expect(stored.width == (orientation < 5 ? 24 : 16) && stored.height == (orientation < 5 ? 16 : 24))
    #expect(stored.image.width == stored.width && stored.image.height == stored.height)
    if orientation > 1 { #expect(try stored.image != Picture(contentsOf: path).image) }
  }

  @Test func sizeIsThatOfTheFileWhenScaled() throws {
    let picture = try Picture(contentsOf: fixture("oriented6.jpg"), options: .init(coveringSide: 4))
    #expect(picture.width == 24 && picture.height == 16)
    #expect(picture.image.width == 6 && picture.image.height == 4)
  }

  /// Exif that makes no sense is as none. `oriented6.jpg` has big-endian or little-endian data at a known
  /// place.
  @Test func malformedExifIsIgnored() throws {
    let bytes = try fixtureBytes("oriented6.jpg")
    let exif = try #require(firstRange(of: Array("Exif\0\0".utf8), in: bytes)) + 6
    let stored = try Picture(bytes: bytes, path: "x", options: .init(ignoresOrientation: true))
    #expect(try Picture(bytes: bytes, path: "x").width == 24)
    let changes: [(String, [Int: UInt8])] = [
      ("no byte order", [0: 0x58]), ("mixed byte order", [1: 0x4D]), ("wrong magic", [2: 43]),
      ("directory far away", [4: 0xFF, 5: 0xFF, 6: 0xFF, 7: 0xFF]), ("directory past the end", [4: 60]),
      ("no entries", [8: 0, 9: 0]), ("value of 0", [30: 0]), ("value of 9", [30: 9]), ("text", [24: 2]),
    ]
    for (name, change) in changes {
      var broken = bytes
      for (offset, value) in change { broken[exif + offset] = value }
      let picture = try Picture(bytes: broken, path: "x")
      #expect(picture.image == stored.image, "\(name)")
    }
    var manyEntries = bytes
    (manyEntries[exif + 8], manyEntries[exif + 9]) = (0xFF, 0xFF)
    // The tag comes before the entries that are missing.
    #expect(try Picture(bytes: manyEntries, path: "x").width == 24)
  }

  @Test func longValueIsUnderstood() throws {
    var bytes = try fixtureBytes("oriented6.jpg")
    let exif = try #require(firstRange(of: Array("Exif\0\0".utf8), in: bytes)) + 6
    bytes[exif + 24] = 4
    #expect(try Picture(bytes: bytes, path: "x").width == 24)
  }

  private func firstRange(of pattern: [UInt8], in bytes: [UInt8]) -> Int? {
    bytes.indices.first { bytes[$0...].starts(with: pattern) }
  }
}
