import Foundation
import Media
import TestSupport
import Testing

/// The videos come from `Fixtures/make_videos.sh`, their frames' times from ffprobe.
@Suite struct VideoTests {
  private static let timed = [
    "video-vfr.mp4", "video-vfr.mkv", "video.webm", "video.avi", "video-two-sizes.ts",
  ]

  private func times(of name: String) throws -> [Double] {
    let all = try JSONDecoder().decode([String: [Double]].self, from: Data(fixtureBytes("times.json")))
    return try #require(all[name])
  }

  private func frames(_ path: String, _ options: VideoOptions = .init()) throws -> [(
    time: Double, image: Image
  )] {
    let video = try VideoFile(contentsOf: path, options: options)
    var frames: [(Double, Image)] = []
    while let time = try video.advance() { frames.append((time, try video.image())) }
    return frames
  }

  @Test(arguments: timed, [1, 3])
  func timesAreThoseOfTheFile(name: String, threads: Int) throws {
    var options = VideoOptions()
    options.threads = threads
    let found = try frames(fixture(name), options).map(\.time)
    let expected = try times(of: name)
    #expect(found.count == expected.count)
    for (found, expected) in zip(found, expected) { #expect(abs(found - expected) < 0.0005) }
  }

  @Test func theEndOfAFrameFollowsFromItsLength() throws {
    let video = try VideoFile(contentsOf: fixture("video-vfr.mp4"))
    while try video.advance() != nil {}
    #expect(video.currentEnd > 2.9 && video.currentEnd < 3.05)
    #expect(abs(try #require(video.duration) - 3) < 0.1)
    #expect(abs(try #require(video.end) - video.lastEnd) < 0.1)
    #expect(video.frameLength > 0 && video.frameLength < 0.2)
  }

  @Test func framesThatNoneNeedsCanBeLeftOut() throws {
    let expected = try times(of: "video-vfr.mp4")
    var options = VideoOptions()
    options.skipsUnreferenced = true
    let video = try VideoFile(contentsOf: fixture("video-vfr.mp4"), options: options)
    var found: [Double] = []
    while let time = try video.advance() { found.append(time) }
    #expect(found.count > 5 && found.count < expected.count)
    #expect(found.allSatisfy { time in expected.contains { abs($0 - time) < 0.0005 } })
    // The end is that of the whole video nevertheless.
    #expect(video.lastEnd > 2.9 && video.lastEnd < 3.05)
    #expect(video.damagedFrames == 0)
  }

  @Test func skippingComesOutBeforeItsGoal() throws {
    let expected = try times(of: "video-vfr.mp4")
    let video = try VideoFile(contentsOf: fixture("video-vfr.mp4"))
    _ = try video.advance()
    video.skip(to: 2)
    let first = try #require(try video.advance())
    #expect(first > 0.2 && first <= 2)
    var rest = [first]
    while let time = try video.advance() { rest.append(time) }
    #expect(zip(rest, expected.suffix(rest.count)).allSatisfy { abs($0 - $1) < 0.0005 })
    // Nothing is gained by a jump over a few frames, or back.
    let near = try VideoFile(contentsOf: fixture("video-vfr.mp4"))
    _ = try near.advance()
    near.skip(to: 0.1)
    near.skip(to: -5)
    #expect(abs(try #require(try near.advance()) - expected[1]) < 0.0005)
  }

  private func expectColor(
    _ image: Image, _ x: Int, _ y: Int, _ color: [Int], tolerance: Int = 12,
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let start = (y * image.width + x) * 3
    for channel in 0..<3 {
      #expect(
        abs(Int(image.pixels[start + channel]) - color[channel]) <= tolerance,
        "\(image.pixels[start..<start + 3])",
        sourceLocation: sourceLocation)
    }
  }

  @Test func aTurnedVideoStandsUpright() throws {
    let video = try VideoFile(contentsOf: fixture("video-rotated.mp4"))
    #expect(video.width == 32 && video.height == 64)
    _ = try video.advance()
    let image = try video.image()
    #expect(image.width == 32 && image.height == 64)
    // Turned by a quarter to the left, what was on the left is below; FFmpeg's own program agrees.
    expectColor(image, 16, 8, [0, 0, 254])
    expectColor(image, 16, 56, [254, 0, 0])
    var stored = VideoOptions()
    stored.ignoresOrientation = true
    let lying = try frames(fixture("video-rotated.mp4"), stored)[0].image
    #expect(lying.width == 64 && lying.height == 32)
    expectColor(lying, 8, 16, [254, 0, 0])
  }

  @Test func pixelsBecomeSquare() throws {
    let video = try VideoFile(contentsOf: fixture("video-wide-pixels.mp4"))
    #expect(video.width == 128 && video.height == 32)
    _ = try video.advance()
    let image = try video.image()
    #expect(image.width == 128 && image.height == 32)
    expectColor(image, 30, 16, [254, 0, 0])
    expectColor(image, 98, 16, [0, 0, 254])
  }

  @Test(arguments: ["bt709-tv", "smpte170m-tv", "bt709-pc"])
  func colorsFollowMatrixAndRange(coding: String) throws {
    let image = try frames(fixture("video-green-\(coding).mp4"))[0].image
    expectColor(image, 16, 16, [0x20, 0xC0, 0x40], tolerance: 4)
  }

  @Test func framesShrinkToTheSideAsked() throws {
    let image = try frames(fixture("video-vfr.mp4"), VideoOptions(coveringSide: 24))[0].image
    #expect(image.width == 32 && image.height == 24)
    let larger = try frames(fixture("video-vfr.mp4"), VideoOptions(coveringSide: 500))[0].image
    #expect(larger.width == 64 && larger.height == 48)
  }

  @Test func theSizeMayChangeInMidStream() throws {
    let images = try frames(fixture("video-two-sizes.ts")).map(\.image)
    #expect(images.first?.width == 64 && images.last?.width == 96 && images.last?.height == 80)
  }

  @Test func oneFrameIsAVideo() throws { #expect(try frames(fixture("video-one-frame.mp4")).count == 1) }

  @Test(arguments: ["bmp", "tiff", "gif", "webp"])
  func otherStillsArePictures(kind: String) throws {
    let picture = try Picture(contentsOf: fixture("still.\(kind)"))
    #expect(picture.width == 16 && picture.height == 8)
    expectColor(picture.image, 2, 1, [254, 0, 0])
    expectColor(picture.image, 13, 1, [0, 0, 254])
    // The lower half of the WebP is transparent: over white.
    expectColor(picture.image, 2, 6, kind == "webp" ? [255, 255, 255] : [254, 0, 0])
  }

  @Test func aVideosPictureIsItsFirstFrame() throws {
    let picture = try Picture(contentsOf: fixture("video-rotated.mp4"))
    #expect(picture.width == 32 && picture.height == 64)
  }

  // MARK: Bad files

  private func failure(_ path: String, _ options: VideoOptions = .init()) -> MediaError? {
    #expect(throws: MediaError.self) { try frames(path, options) }
  }

  @Test func filesWithoutVideoAreRefused() throws {
    let folder = try TemporaryFolder()
    try folder.write([], "empty.mp4")
    #expect(failure(folder.path("empty.mp4")) == .empty(path: folder.path("empty.mp4")))
    try folder.write("hello\n", "text.mp4")
    #expect(failure(folder.path("text.mp4"))?.kind == .unsupported)
    // A playlist names other files, and is not followed.
    try folder.write("#EXTM3U\n#EXTINF:1,\n\(fixture("video-vfr.mp4"))\n", "list.m3u8")
    #expect(failure(folder.path("list.m3u8"))?.kind == .unsupported)
    #expect(failure(folder.path("none.mp4"))?.kind == .missing)
    #expect(failure(folder.path)?.kind == .unsupported)
    #expect(
      failure(fixture("sound.mp4")) == .unsupported(path: fixture("sound.mp4"), reason: "no video in it"))
    mkfifo(folder.path("pipe"), 0o600)
    #expect(failure(folder.path("pipe"))?.kind == .unsupported)
    var small = VideoOptions()
    small.pixelLimit = 64 * 48 - 1
    #expect(failure(fixture("video-vfr.mp4"), small)?.kind == .tooLarge)
  }

  @Test func aCutFileIsRefusedOrEndsEarly() throws {
    let folder = try TemporaryFolder()
    for name in [
      "video-vfr.mp4", "video-vfr.mkv", "video.webm", "video.avi", "video-two-sizes.ts", "still.webp",
      "still.gif",
    ] {
      let bytes = try fixtureBytes(name)
      let whole = try frames(fixture(name)).count
      var counts: [Int] = []
      for tenth in 1..<10 {
        let path = try folder.write(bytes.prefix(bytes.count * tenth / 10), "cut").path
        // No more than an error, or fewer frames: above all, no crash.
        do { counts.append(try frames(path).count) } catch { #expect(error is MediaError) }
      }
      #expect(counts == counts.sorted() && counts.allSatisfy { $0 <= whole }, "\(name): \(counts)")
      // These are read from their beginning on.
      if ["video-vfr.mkv", "video.avi", "video-two-sizes.ts"].contains(name) {
        #expect(counts.contains { 0 < $0 && $0 < whole }, "\(name): \(counts)")
      }
    }
    // The table of contents stands at the end of this file.
    let bytes = try fixtureBytes("video-vfr.mp4")
    let table = try #require(bytes.indices.last { bytes[$0...].starts(with: "moov".utf8) })
    let path = try folder.write(bytes.prefix(table), "no-moov.mp4").path
    #expect(failure(path)?.kind == .undecodable)
  }

  @Test func damageInTheMiddleIsSkippedAndCounted() throws {
    let folder = try TemporaryFolder()
    var bytes = try fixtureBytes("video-vfr.mp4")
    // A part of the frames' data, their beginning and end excepted.
    let data = try #require(bytes.indices.first { bytes[$0...].starts(with: "mdat".utf8) })
    let table = try #require(bytes.indices.last { bytes[$0...].starts(with: "moov".utf8) })
    let tenth = (table - data) / 10
    for index in data + tenth..<data + 5 * tenth { bytes[index] = 0xFF }
    let path = try folder.write(bytes, "damaged.mp4").path
    let video = try VideoFile(contentsOf: path)
    var count = 0
    while try video.advance() != nil { count += 1 }
    #expect(count > 0 && count < 31)
    #expect(video.damagedFrames > 0)
  }
}
