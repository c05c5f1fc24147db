import Media
import TestSupport
import Testing

/// Files that claim times beyond all bounds, as they were once sent to make programs trap.
@Suite struct MediaTimeTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  @Test func wholeNumbersAreNeverATrap() {
    #expect(Int(bounded: 12.9) == 12 && Int(bounded: -12.9) == -12 && Int(bounded: .nan) == 0)
    for huge in [1e300, .infinity, Double(Int.max)] {
      #expect(Int(bounded: huge) == 1_000_000_000_000_000 && Int(bounded: -huge) == -1_000_000_000_000_000)
    }
    #expect(MediaTime.checked(.nan) == nil && MediaTime.checked(1e10) == nil && MediaTime.checked(-5) == -5)
    #expect(MediaTime.bounded(.nan) == 0 && MediaTime.bounded(-.infinity) == -MediaTime.limit)
  }

  private func expectBoundedTimes(_ bytes: [UInt8], frames: Int, _ name: String) throws {
    let stream = try FrameStream(contentsOf: folder.write(bytes, name).path)
    var times: [Double] = []
    while let time = try stream.next() {
      times.append(time)
      stream.skip(to: time + 1e12)
    }
    #expect(times.count <= frames && !times.isEmpty && times == times.sorted(), "\(name): \(times)")
    for time in times + [stream.end, stream.currentEnd, stream.video.lastEnd, stream.video.end ?? 0] {
      #expect(abs(time) <= 2 * MediaTime.limit, "\(name): \(time)")
    }
    #expect(try VideoFile.stills(of: folder.path(name), at: [0, 1e8, 1e9], coveringSide: 16).count == 3)
  }

  private func jpeg() throws -> [UInt8] {
    try Image(width: 16, height: 16, pixels: [UInt8](repeating: 90, count: 16 * 16 * 3)).jpegData()
  }

  @Test(arguments: [(1, 0x7FFF_FFFF), (0x7FFF_FFFF, 1), (1, 10), (1, 1), (0, 1), (1, 0), (-1, -1)])
  func timeBasesOfAnySize(rate: Int, scale: Int) throws {
    let jpeg = try jpeg()
    for last in [Int.max, 1 << 62, .min, .min + 1, -(1 << 62), 3] {
      let frames = [0, 1, 2, last, 3, last, 4].map { (milliseconds: $0, jpeg: jpeg) }
      let file = ivf(frames, width: 16, height: 16, rate: rate, scale: scale)
      // FFmpeg refuses some.
      do { try expectBoundedTimes(file, frames: frames.count, "base.ivf") } catch let error as MediaError {
        #expect(error.kind == .undecodable)
      }
    }
  }

  @Test(arguments: [1_000_000, 500_000_000, 1 << 40])
  func lengthsOfAnySize(scale: Int) throws {
    let jpeg = try jpeg()
    for start in [0, 1 << 40, 1 << 61] {
      for length in [1 << 62, Int.max, 1 << 53, 40] {
        let frames = [0, 40].map { (start: start + $0, length: length, jpeg: jpeg) }
        for duration in [nil, 1e18, -1e300, .infinity, .nan] {
          let file = matroska(frames, width: 16, height: 16, scale: scale, duration: duration)
          // FFmpeg refuses some.
          do { try expectBoundedTimes(file, frames: 2, "length.mkv") } catch let error as MediaError {
            #expect(error.kind == .undecodable && scale > 1 << 32)
          }
        }
      }
    }
  }
}
