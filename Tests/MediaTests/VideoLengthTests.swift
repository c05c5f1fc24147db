import Foundation
import Media
import TestSupport
import Testing

/// Videos that are shorter than they claim, and recordings put one after the other.
@Suite struct VideoLengthTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func times(_ path: String) throws -> (times: [Double], end: Double) {
    let stream = try FrameStream(contentsOf: path)
    var times: [Double] = []
    while let time = try stream.next() {
      times.append(time)
      // Wherever it may lead.
      stream.skip(to: time + 0.3)
    }
    return (times, stream.end)
  }

  @Test func anIndexKnowsBetterThanTheHeader() throws {
    var file = try fixtureBytes("video-vfr.mp4")
    let type = try #require(file.indices.first { file[$0...].starts(with: "mvhd".utf8) })
    let milliseconds = 400_000
    file.replaceSubrange(
      type + 20..<type + 24, with: [24, 16, 8, 0].map { UInt8(milliseconds >> $0 & 0xFF) })
    let video = try VideoFile(contentsOf: folder.write(file, "long.mp4").path)
    while try video.advance() != nil {}
    #expect(abs(try #require(video.end) - video.lastEnd) < 0.2)
    #expect(abs(try #require(video.duration) - 3) < 0.2)
    // A little is let pass, as sound seldom ends with the pictures.
    #expect(VideoLength.exceeds(12.5, 12) && !VideoLength.exceeds(12.25, 12) && !VideoLength.exceeds(10, 12))
  }

  @Test func whatAMatroskaFileNotesIsNotNeeded() throws {
    let jpeg = try Image(width: 16, height: 16, pixels: [UInt8](repeating: 90, count: 16 * 16 * 3)).jpegData()
    let frames = (0..<10).map { (start: $0 * 100, length: 100, jpeg: jpeg) }
    let path = try folder.write(matroska(frames, width: 16, height: 16, duration: 400_000), "long.mkv").path
    let stream = try FrameStream(contentsOf: path)
    while try stream.next() != nil {}
    #expect(stream.video.end == 400 && abs(stream.end - 1) < 0.01)
  }

  /// Each 3 s and beginning at 1.4 s; the second by another clock.
  @Test(arguments: [0, 30, 4999, 90_000, -1, -5])
  func recordingsPutOneAfterTheOtherAreOne(seconds: Int) throws {
    let one = try fixtureBytes("video-vfr.ts")
    let first = try times(folder.write(one, "one.ts").path)
    let second = transportStream(one, laterBy: seconds * 90_000)
    let found = try times(folder.write(one + second, "two.ts").path)
    // Less than a minute is a pause in one recording.
    let pause = seconds == 30 ? 30.0 - (first.end - first.times[0]) : 0
    let length = 2 * (first.end - first.times[0]) + pause
    #expect(found.times.count == 2 * first.times.count && found.times == found.times.sorted())
    #expect(abs(found.end - found.times[0] - length) < 0.5, "\(found)")
  }

  /// Across the end of the clock's 33 bits, 95,443.7 s after its beginning.
  @Test func aClockThatBeginsAgainIsOneRecording() throws {
    let one = try fixtureBytes("video-vfr.ts")
    let usual = try times(folder.write(one, "usual.ts").path)
    let late = transportStream(one, laterBy: 1 << 33 - 90_000 * 3)
    let found = try times(folder.write(late, "late.ts").path)
    #expect(found.times.count == usual.times.count)
    let (start, usualStart) = (found.times[0], usual.times[0])
    for (time, usual) in zip(found.times, usual.times) {
      #expect(abs(time - start - (usual - usualStart)) < 0.001)
    }
  }
}
