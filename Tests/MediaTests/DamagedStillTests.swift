import Media
import Testing

/// Pictures that are cut off or damaged: what every decoder knows of them is taken where that is wanted.
@Suite struct DamagedStillTests {
  private let lenient = DecodeOptions(acceptsDamage: true)

  /// Every pixel is known: an end is missing, something follows, or a number is odd.
  @Test(arguments: [
    "sampling-2x2.jpg", "progressive.jpg", "gray.jpg", "cmyk.jpg", "restarts.jpg", "large.jpg",
  ])
  func oddJPEGsAreWhole(name: String) throws {
    let bytes = try fixtureBytes(name)
    let whole = try Picture(bytes: bytes, path: "whole")
    let withoutEnd = Array(bytes.dropLast(2))
    var odd = [
      withoutEnd, withoutEnd + [UInt8](repeating: 0, count: 4096),
      withoutEnd + [0, 0, 1, 10] + Array("Motion_Panorama".utf8) + [0xFF, 0xAA] + Array("SEFT".utf8),
      bytes + Array("a trailer".utf8),
    ]
    if bytes[6...9].elementsEqual("JFIF".utf8) {
      for version: UInt8 in [0, 2] { odd.append(bytes.enumerated().map { $0 == 11 ? version : $1 }) }
    }
    for bytes in odd { #expect(try Picture(bytes: bytes, path: "odd") == whole) }
  }

  @Test(arguments: ["rgb8.png", "rgba8.png", "rgb16-interlaced.png"])
  func oddPNGsAreWhole(name: String) throws {
    let bytes = try fixtureBytes(name)
    let whole = try Picture(bytes: bytes, path: "whole")
    for odd in [Array(bytes.dropLast(12)), Array(bytes.dropLast(3)), bytes + [1, 2, 3]] {
      #expect(try Picture(bytes: odd, path: "odd") == whole)
    }
  }

  @Test(arguments: ["large.jpg", "rgb16.png"])
  func mostOfAPictureIsShown(name: String) throws {
    let bytes = try fixtureBytes(name)
    let whole = try Picture(bytes: bytes, path: "whole").image
    let cut = Array(bytes.prefix(bytes.count * 8 / 10))
    #expect(failure(of: cut)?.kind == .undecodable)
    let picture = try Picture(bytes: cut, path: "cut", options: lenient)
    #expect(picture.isDamaged && picture.width == whole.width && picture.height == whole.height)
    let half = whole.width * 3 * (whole.height / 2)
    #expect(picture.image.pixels.prefix(half) == whole.pixels.prefix(half))
    #expect(picture.image.pixels != whole.pixels)
    // Too little of it.
    let head = Array(bytes.prefix(bytes.count * 4 / 10))
    #expect(failure(of: head, options: lenient)?.kind == .undecodable)
  }

  /// The first scans show all of it, if coarsely; a marker that makes no sense ends it.
  @Test func progressiveOnesAreCoarse() throws {
    let bytes = try fixtureBytes("progressive.jpg")
    let whole = try Picture(bytes: bytes, path: "whole").image
    let marker = try #require((400..<bytes.count - 1).last { bytes[$0] == 0xFF && bytes[$0 + 1] == 0xDA })
    var broken = bytes
    broken[marker + 1] = 0x02
    for odd in [Array(bytes[..<marker]), broken] {
      #expect(failure(of: odd)?.kind == .undecodable)
      let picture = try Picture(bytes: odd, path: "odd", options: lenient)
      #expect(picture.isDamaged && picture.image.pixels != whole.pixels)
      let apart = zip(picture.image.pixels, whole.pixels).map { abs(Int($0) - Int($1)) }
      #expect(apart.reduce(0, +) / apart.count < 12)
    }
  }

  /// What the picture does not need may be damaged.
  @Test func brokenTextIsNoDamage() throws {
    let bytes = try fixtureBytes("odd-chunks.png")
    let whole = try Picture(bytes: bytes, path: "whole")
    var position = 8
    while position < bytes.count {
      let length = bytes[position..<position + 4].reduce(0) { $0 << 8 | Int($1) }
      var broken = bytes
      broken[position + 8 + length] ^= 1
      if (0x61...0x7A).contains(bytes[position + 4]) {
        #expect(try Picture(bytes: broken, path: "broken", options: lenient) == whole)
      }
      position += 12 + length
    }
  }
}
