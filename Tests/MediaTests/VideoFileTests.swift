import Foundation
import Media
import TestSupport
import Testing

/// Names, limits, messages and kinds of pictures; the files come from `Fixtures/make_videos.sh`.
@Suite struct VideoFileTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func firstImage(_ name: String, _ options: VideoOptions = .init()) throws -> Image {
    let video = try VideoFile(contentsOf: name, options: options)
    _ = try #require(try video.advance())
    return try video.image()
  }

  private func failure(_ path: String, _ options: VideoOptions = .init()) -> MediaError? {
    #expect(throws: MediaError.self) {
      let video = try VideoFile(contentsOf: path, options: options)
      while try video.advance() != nil { _ = try video.image() }
    }
  }

  private func color(_ image: Image, _ x: Int, _ y: Int) -> [Int] {
    let start = (y * image.width + x) * 3
    return image.pixels[start..<start + 3].map(Int.init)
  }

  @Test(arguments: [
    "my%20dog", "%d", "is this a video?", "*", "dog {1}", "[a-z]", "http:x", "pipe:0", "concat:a|b", "-",
    "a\nb",
    "subfile,,start,0,end,9,,:x",
  ])
  func anyNameIsTaken(name: String) throws {
    for kind in ["video.webm", "still.webp", "still.bmp", "still.tiff"] {
      let path = folder.path("\(name).\(kind.suffix(4))")
      try FileManager.default.copyItem(atPath: fixture(kind), toPath: path)
      #expect(try firstImage(path).width > 0)
      try FileManager.default.removeItem(atPath: path)
    }
  }

  @Test(arguments: ["smpte2084", "arib-std-b67"])
  func highDynamicRangeLooksAsItShould(transfer: String) throws {
    let image = try firstImage(fixture("video-\(transfer).mp4"))
    for (x, expected) in [(8, 0), (24, 108), (40, 250)] {
      for level in color(image, x, 8) { #expect(abs(level - expected) <= 6, "\(x): \(color(image, x, 8))") }
    }
    let red = color(image, 56, 8)
    #expect(red[0] > 215 && red[1] < 75 && red[2] < 75, "\(red)")
    // Shrunk, too.
    let small = try firstImage(fixture("video-\(transfer).mp4"), VideoOptions(coveringSide: 4))
    #expect(small.width == 16 && small.height == 4 && color(small, 10, 2).allSatisfy { $0 > 225 })
  }

  @Test func interlacedFramesHaveNoTeeth() throws {
    for side in [nil, 16, 31, 8] {
      let image = try firstImage(fixture("video-interlaced.mp4"), VideoOptions(coveringSide: side))
      let expected = side ?? 32
      #expect(image.width == expected && image.height == expected)
      for y in 0..<image.height { #expect(color(image, image.width / 2, y).allSatisfy { $0 > 200 }) }
    }
  }

  @Test(arguments: ["libvpx", "libvpx-vp9"])
  func clearPartsOfVideosAreWhite(codec: String) throws {
    let image = try firstImage(fixture("video-clear-\(codec).webm"))
    #expect(color(image, 4, 16).allSatisfy { $0 > 245 }, "\(color(image, 4, 16))")
    let red = color(image, 26, 16)
    #expect(red[0] > 240 && red[1] < 16 && red[2] < 16, "\(red)")
  }

  @Test func aTurnThatIsOffByAHairIsOne() throws {
    let whole = try fixtureBytes("video-rotated.mp4")
    let type = try #require(whole.indices.first { whole[$0...].starts(with: "tkhd".utf8) })
    let matrix = type + 4 + 40
    let upright = try firstImage(fixture("video-rotated.mp4"))
    for (index, value) in [(0, 11), (0, -11), (4, 3), (4, -700)] {
      var file = whole
      let bytes = (0..<4).map { UInt8(truncatingIfNeeded: value >> (24 - 8 * $0)) }
      file.replaceSubrange(matrix + index * 4..<matrix + index * 4 + 4, with: bytes)
      let image = try firstImage(folder.write(file, "hair.mp4").path)
      #expect(image == upright)
    }
  }

  @Test func framesHaveLimits() throws {
    var long = RawVideo(width: 100_002, height: 2, rate: 5)
    long.append { _, _ in 100 }
    let error = try failure(folder.write(long.bytes, "long.y4m").path)
    #expect(error?.kind == .tooLarge && error?.reason.contains("100002×2") == true)
    var options = VideoOptions()
    options.pixelLimit = 64 * 48
    #expect(throws: Never.self) { try firstImage(fixture("video-vfr.mp4"), options) }
    // The second size of this file is larger.
    #expect(try firstImage(fixture("video-two-sizes.ts"), options).width == 64)
    options.pixelLimit -= 1
    #expect(failure(fixture("video-vfr.mp4"), options)?.kind == .tooLarge)
  }

  @Test func framesTakeNoMoreThanTheirMemory() throws {
    var options = VideoOptions()
    options.frameMemory = 20_000
    for threads in [1, 3] {
      options.threads = threads
      let error = failure(fixture("video-vfr.mp4"), options)
      #expect(error?.kind == .tooLarge && error?.reason.contains("together") == true)
    }
    options.frameMemory = 1 << 20
    let video = try VideoFile(contentsOf: fixture("video-vfr.mp4"), options: options)
    var count = 0
    while try video.advance() != nil { count += 1 }
    #expect(count == 31)
  }

  /// Of a frame far longer than wide, no more pixels than of a usual one's.
  @Test func longFramesAreSmall() throws {
    var long = RawVideo(width: 4000, height: 20, rate: 5)
    long.append { _, _ in 100 }
    let image = try firstImage(folder.write(long.bytes, "long.y4m").path, VideoOptions(coveringSide: 16))
    #expect(image.width * image.height <= 10 * 16 * 16 && image.width > 20 * image.height)
  }

  @Test func messagesSayWhatIsWrong() throws {
    let bytes = try fixtureBytes("video-vfr.mp4")
    let table = try #require(bytes.indices.last { bytes[$0...].starts(with: "moov".utf8) })
    let cut = try folder.write(bytes.prefix(table - 4), "cut.mp4").path
    #expect(
      failure(cut)
        == .undecodable(path: cut, reason: "its index (moov) is missing: the recording was cut off"))
    #expect(try VideoFile(contentsOf: fixture("still.webp")).isPicture)
    #expect(try !VideoFile(contentsOf: fixture("still.gif")).isPicture)
    let text = try folder.write("1A45 no video\n", "text").path
    #expect(failure(text) == .unsupported(path: text, reason: "neither a picture nor a video"))
  }
}
