import Foundation
import Media
import Testing

/// Stills that libraries decode which are loaded when first one comes: `Fixtures/stills`, made by `make_stills.py`.
@Suite struct StillFormatTests {
  /// Names, and how far a level may be from the picture that all of them show: their own loss, and rounding.
  static let formats: [(name: String, tolerance: Int)] = [
    ("tiled.tif", 0), ("jpeg.tif", 40), ("12-bit.tif", 1), ("lab.tif", 9), ("float.tif", 0),
    ("half-tiled.tif", 1),
    ("planes.tif", 0), ("32-bit.tif", 0), ("16-bit.tif", 0), ("big.tif", 0), ("zstd.tif", 0),
    ("turned.tif", 0),
    ("turned.webp", 0), ("plain.webp", 0), ("moving.webp", 0), ("plain.avif", 8),
    ("turned.avif", 8),
    ("cropped.avif", 8), ("plain.heic", 10), ("plain.tga", 0), ("plain.ico", 0), ("bitmap.ico", 0),
    ("plain.pcx", 0),
    ("plain.sgi", 0), ("plain.psd", 0), ("plain.pam", 0), ("plain.jp2", 3), ("fourth-byte.bmp", 0),
    ("linear.png", 2), ("swapped.png", 3), ("swapped.webp", 3), ("swapped.tif", 3), ("swapped.jpg", 12),
    ("srgb.jpg", 12),
    ("raw-profile.png", 0),
  ]

  @Test(arguments: formats)
  func showsThePicture(name: String, tolerance: Int) throws {
    let picture = try Picture(contentsOf: fixture("stills/" + name))
    expectClose(picture.image, try golden("stills/picture"), tolerance: tolerance, name)
    #expect(picture.width == 64 && picture.height == 48 && !picture.isDamaged)
  }

  @Test(arguments: ["associated.tif", "unassociated.tif", "alpha.avif", "alpha.webp"])
  func halfTransparentIsOverWhite(name: String) throws {
    let opaque = try golden("stills/picture")
    let wanted = Image(
      width: 64, height: 48, pixels: opaque.pixels.map { UInt8((Int($0) * 128 + 255 * 127) / 255) })
    let tolerance = name.hasSuffix("avif") ? 8 : 2
    expectClose(try Picture(contentsOf: fixture("stills/" + name)).image, wanted, tolerance: tolerance, name)
  }

  /// The size is the sensor's.
  @Test func previewStandsForARaw() throws {
    let picture = try Picture(contentsOf: fixture("stills/preview.dng"))
    expectClose(picture.image, try golden("stills/picture"), tolerance: 0, "preview.dng")
    #expect(picture.width == 128 && picture.height == 96)
  }

  @Test func inkIsDarkened() throws {
    let picture = try Picture(contentsOf: fixture("stills/cmyk.tif"))
    expectClose(picture.image, try golden("stills/picture"), tolerance: 3, "cmyk.tif")
  }

  @Test func tilesAreJoined() throws {
    expectClose(
      try Picture(contentsOf: fixture("stills/grid.avif")).image, try golden("stills/large"), tolerance: 12,
      "grid.avif")
  }

  /// Light above 0.8 of white is pressed together, so only what is darker is as it was.
  @Test(arguments: ["pq.png", "pq.avif"])
  func highDynamicRangeIsMapped(name: String) throws {
    let (image, wanted) = (
      try Picture(contentsOf: fixture("stills/" + name)).image, try golden("stills/picture")
    )
    let apart = zip(image.pixels, wanted.pixels).filter { $1 < 200 }.map { abs(Int($0) - Int($1)) }
    #expect(apart.reduce(0, +) / apart.count <= 4 && apart.max() ?? 0 <= 30, "\(apart.max() ?? 0)")
  }

  /// What a review found: each is an error, or comes as it should.
  @Test func fieldsThatLie() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/picture"
      func write(_ bytes: [UInt8]) throws { try Data(bytes).write(to: URL(fileURLWithPath: path)) }
      // A bitmap in an icon, of a height beyond any.
      var icon = try fixtureBytes("stills/bitmap.ico")
      let bitmap = icon[18...21].reversed().reduce(0) { $0 << 8 | Int($1) }
      for place in 8..<12 { icon[bitmap + place] = 0xFF }
      try write(icon)
      #expect(failure(at: path)?.kind == .tooLarge)
      // A size that is not the coded picture's.
      var file = try fixtureBytes("stills/plain.avif")
      let name = Array("ispe".utf8)
      let box = try #require((0..<file.count - 16).first { file[$0..<$0 + 4].elementsEqual(name) })
      file[box + 11] *= 2
      try write(file)
      #expect(failure(at: path)?.kind == .undecodable)
    }
  }

  @Test func aFourthSampleThatIsNoAlphaIsLeftOut() throws {
    try withTemporaryFolder { folder in
      var bytes = try fixtureBytes("stills/unassociated.tif")
      // Tag 338, of one SHORT: 2 is unassociated alpha, 0 unspecified.
      let entry: [UInt8] = [0x52, 0x01, 3, 0, 1, 0, 0, 0, 2, 0]
      let place = try #require((0..<bytes.count - 10).first { bytes[$0..<$0 + 10].elementsEqual(entry) })
      bytes[place + 8] = 0
      try Data(bytes).write(to: URL(fileURLWithPath: folder + "/four.tif"))
      expectClose(
        try Picture(contentsOf: folder + "/four.tif").image, try golden("stills/picture"), tolerance: 0)
    }
  }

  @Test func orientationCanBeIgnored() throws {
    for name in ["turned.tif", "turned.webp", "raw-profile.png"] {
      let picture = try Picture(
        contentsOf: fixture("stills/" + name), options: .init(ignoresOrientation: true))
      #expect(picture.width == 48 && picture.height == 64, "\(name)")
    }
  }

  /// What is decoded row by row or at a smaller scale comes with at least twice the pixels wanted, and looks the same.
  @Test func largeOnesAreShrunkOnTheWay() throws {
    try withTemporaryFolder { folder in
      let small = try golden("stills/picture")
      let large = small.resized(width: 6400, height: 4800)
      let path = folder + "/large.png"
      try Data(large.pngData()).write(to: URL(fileURLWithPath: path))
      let picture = try Picture(contentsOf: path, options: .init(coveringSide: 48, byteLimit: 64 << 20))
      #expect(picture.width == 6400 && picture.height == 4800)
      #expect(picture.image.height >= 96 && picture.image.height < 300)
      expectClose(picture.image.resized(width: 64, height: 48), small, tolerance: 40)
      #expect(failure(at: path, options: .init(byteLimit: 64 << 20))?.kind == .tooLarge, "as a whole")
    }
  }

  @Test func longSidesAreRefused() throws {
    var bytes = try fixtureBytes("huge.png")
    for (width, height) in [(1, 100_001), (10_000_000, 1)] {
      for (place, value) in [(16, width), (20, height)] {
        for index in 0..<4 { bytes[place + index] = UInt8(truncatingIfNeeded: value >> (24 - 8 * index)) }
      }
      fixChecksum(of: &bytes, chunkAt: 8)
      let error = try #require(failure(of: bytes))
      #expect(error.kind == .tooLarge && error.reason.contains("side"))
    }
  }

  @Test(arguments: [("%PDF-1.7\n", "PDF"), ("<?xml version=\"1.0\"?>\n<svg xmlns=\"\"/>", "SVG")])
  func documentsAreNamed(content: String, name: String) throws {
    try withTemporaryFolder { folder in
      let path = folder + "/document.png"
      try Data(content.utf8).write(to: URL(fileURLWithPath: path))
      let error = try #require(failure(at: path))
      #expect(error.kind == .unsupported && error.reason.contains(name))
    }
  }

  /// Every format with bytes changed at random: it decodes or throws, and nothing crashes.
  @Test(arguments: formats.map(\.name) + ["pq.avif", "grid.avif", "cmyk.tif", "associated.tif"])
  func mutations(name: String) throws {
    try withTemporaryFolder { folder in
      let bytes = try fixtureBytes("stills/" + name)
      for seed in 0..<20 {
        var numbers = SeededNumbers(seed: UInt64(3000 + seed))
        let path = folder + "/\(seed)"
        try Data(mutated(bytes, using: &numbers)).write(to: URL(fileURLWithPath: path))
        for acceptsDamage in [false, true] {
          let options = DecodeOptions(coveringSide: 12, pixelLimit: 4_000_000, acceptsDamage: acceptsDamage)
          do throws(MediaError) {
            let picture = try Picture(contentsOf: path, options: options)
            #expect(picture.image.pixels.count == picture.image.width * picture.image.height * 3)
          } catch {
            #expect([.undecodable, .unsupported, .tooLarge].contains(error.kind), "\(error)")
          }
        }
      }
    }
  }
}
