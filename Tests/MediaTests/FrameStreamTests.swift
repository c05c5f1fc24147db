import Media
import TestSupport
import Testing

@Suite struct FrameStreamTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// Pictures of 16×16 pixels, each of another gray: 4 brighter than the one before.
  private func write(_ milliseconds: [Int]) throws -> String {
    let frames = try milliseconds.enumerated().map { index, time in
      let pixels = [UInt8](repeating: UInt8(4 * index), count: 16 * 16 * 3)
      return (milliseconds: time, jpeg: try Image(width: 16, height: 16, pixels: pixels).jpegData())
    }
    return try folder.write(ivf(frames, width: 16, height: 16), "stream.ivf").path
  }

  @Test func timesThatJumpBackGoOn() throws {
    let path = try write([0, 500, 1000, 1500, 0, 500, 1000])
    let stream = try FrameStream(contentsOf: path)
    var (times, grays) = ([Double](), [Int]())
    while let time = try stream.next() {
      times.append(time)
      grays.append(Int(try stream.image().pixels[0]))
    }
    #expect(times.count == 7 && times == times.sorted())
    #expect(Array(times[..<4]) == [0, 0.5, 1, 1.5])
    // The second recording begins when the first one's last frame ends, and keeps its own steps.
    #expect(times[4] > 1.5 && times[4] <= 2.001)
    #expect(abs(times[6] - times[4] - 1) < 1e-9 && stream.end >= times[6])
    for (index, gray) in grays.enumerated() { #expect(abs(gray - 4 * index) <= 2) }
  }

  @Test func noFrameComesTwiceAfterASkip() throws {
    let all = try FrameStream(contentsOf: fixture("video-vfr.mp4"))
    var times: [Double] = []
    while let time = try all.next() { times.append(time) }
    let stream = try FrameStream(contentsOf: fixture("video-vfr.mp4"))
    var seen = [try stream.first(), try #require(try stream.next())]
    stream.skip(to: 2)
    while let time = try stream.next() {
      seen.append(time)
      // Jumps that lead nowhere change nothing.
      stream.skip(to: time - 1)
    }
    #expect(seen == seen.sorted() && Set(seen).count == seen.count && seen.count < times.count)
    #expect(Array(times.suffix(seen.count - 2)) == Array(seen.dropFirst(2)))
    #expect(stream.end == all.end)
  }

  /// The index says that a key frame at 4 s stands where the one of 0.5 s does: the jump lands before where it began.
  @Test func framesBeforeALandingAreLeftOut() throws {
    let times = [0] + (1...32).map { 250 * $0 + 30 }
    let frames = times.enumerated().map { (milliseconds: $1, gray: UInt8(4 * $0)) }
    let path = try folder.write(
      flv(frames, index: [(0, 0), (1, 4), (4, 2), (6, 24)]), "lies.flv"
    ).path
    let video = try VideoFile(contentsOf: path)
    for _ in 0..<5 { _ = try video.advance() }
    #expect(video.skip(to: 4.01))
    #expect(try video.advance() == 0.53)

    let stream = try FrameStream(contentsOf: path)
    var (seen, grays) = ([Int](), [Int]())
    while let time = try stream.next() {
      seen.append(Int((1000 * time).rounded()))
      grays.append(Int(try stream.image().pixels[0]))
      // Tried again and again, it jumps but once.
      if time > 1 { stream.skip(to: 4.01) }
    }
    #expect(seen == times && grays == frames.map { Int($0.gray) })
  }

  @Test func progressIsToldAndStops() throws {
    struct Stop: Error {}
    var seconds: [Double] = []
    let video = try VideoFile(contentsOf: write([2000, 2500, 3000, 3500]))
    let stream = FrameStream(video) { done, _ in
      guard done < 1 else { throw Stop() }
      seconds.append(done)
    }
    #expect(try stream.first() == 2)
    #expect(try stream.next() == 2.5)
    #expect(throws: Stop.self) { try stream.next() }
    #expect(seconds == [0, 0.5])
  }

  @Test func aSingleFrameOfASecondRecordingIsFound() throws {
    let path = try write([0, 500, 1000, 1500, 0, 500, 1000])
    let images = try VideoFile.stills(of: path, at: [0.6, 3.1], coveringSide: 16)
    #expect(images.count == 2 && abs(Int(images[0].pixels[0]) - 4) <= 2 && images[1].pixels[0] >= 18)
  }

  @Test(arguments: [Int.min, -1, 0, 1, .max])
  func anyNumberOfThreadsDecodes(threads: Int) throws {
    var options = VideoOptions()
    options.threads = threads
    let stream = try FrameStream(contentsOf: write([0, 500, 1000]), options: options)
    for (time, gray) in [(0, 0), (0.5, 4), (1, 8)] {
      #expect(try stream.next() == time)
      #expect(abs(Int(try stream.image().pixels[0]) - gray) <= 2)
    }
    #expect(try stream.next() == nil)
  }

  @Test(arguments: [(Int.min, 1), (-1, 1), (0, 1), (1, 1), (7, 7), (16, 16), (.max, 16)])
  func anySideIsTaken(side: Int, expected: Int) throws {
    let stream = try FrameStream(contentsOf: write([0]), options: VideoOptions(coveringSide: side))
    _ = try stream.first()
    let image = try stream.image()
    #expect(image.width == expected && image.height == expected)
  }
}
