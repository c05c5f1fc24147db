import Foundation
import Media
import Models
import Narration
import Reports
import TestSupport
import Testing

@Suite struct ActionChartTests {
  private let folder: TemporaryFolder
  private var video: String { folder.path("v.y4m") }

  /// Ten minutes at one frame a second, each frame a shade of its own.
  init() throws {
    folder = try TemporaryFolder()
    var video = RawVideo(width: 32, height: 16, rate: 1)
    for frame in 0..<600 { video.append { _, _ in UInt8(16 + frame / 3) } }
    try folder.write(video.bytes, "v.y4m")
  }

  @Test func stillsAreTheFramesShownThen() throws {
    let times = [0, 0.9, 100.5, 599.2, 599.9, 2000]
    let images = try VideoFile.stills(of: video, at: times, coveringSide: 16)
    #expect(images.count == times.count)
    let expected = [0, 0, 100, 599, 599, 599].map { frame in
      // Limited range: 16 is black.
      Int((Double(frame / 3) * 255 / 219).rounded())
    }
    for (image, shade) in zip(images, expected) { #expect(abs(Int(image.pixels[0]) - shade) <= 2) }
    #expect(try VideoFile.stills(of: video, at: [], coveringSide: 16).isEmpty)
    #expect(throws: MediaError.self) {
      try VideoFile.stills(of: folder.path("none"), at: [1], coveringSide: 16)
    }
  }

  private func labeling(_ intervals: [Labeling.Interval], seconds: Double) -> Labeling {
    Labeling(
      start: 0, duration: seconds, segments: [], intervals: intervals, damagedFrames: 0, repeatedFrames: 0)
  }

  @Test func eachIntervalHasABandWithItsProbability() throws {
    let labeling = labeling(
      [
        Labeling.Interval(label: "surfing <water>", probability: 0.93, start: 0, end: 50),
        Labeling.Interval(label: "playing piano & singing along", probability: 0.41, start: 30, end: 200),
      ], seconds: 600)
    let chart = try ActionChart(labeling, of: video, title: "a \u{600}<b> & \u{1}c")
    let svg = try chart.svg()
    #expect(!svg.contains("<b>") && !svg.contains("\u{1}") && !svg.contains(" & "))
    #expect(svg.contains("<title>a \u{600}&lt;b&gt; &amp; \u{FFFD}c</title>"))
    #expect(svg.contains("surfing &lt;water&gt;") && svg.contains("93%") && svg.contains("41%"))
    #expect(svg.contains("nothing recognised"))
    // Of the second label a band on each of four lines, each with a frame.
    #expect(svg.components(separatedBy: "41%").count == 5)
    #expect(svg.components(separatedBy: "data:image/jpeg").count == 6)
    try expectFirstBand(Picture(bytes: chart.png(), path: "chart").image)
  }

  /// The first label's band, from 0 to 50 s of the 60 of the first line, with its frame above and the ground beside it.
  private func expectFirstBand(_ image: Image) throws {
    func color(_ x: Int, _ y: Int) -> [UInt8] {
      let first = (y * image.width + x) * 3
      return Array(image.pixels[first..<first + 3])
    }
    func columns(_ wanted: [UInt8], _ row: Int) -> [Int] {
      (0..<image.width).filter { color($0, row) == wanted }
    }
    let (band, ground): ([UInt8], [UInt8]) = ([0x78, 0xBE, 0xFF], [0x26, 0x2A, 0x32])
    let rows = (0..<image.height).filter { !columns(band, $0).isEmpty }
    let (top, bottom) = (try #require(rows.first), try #require(rows.last))
    #expect(rows == Array(top...bottom), "one line has it")
    let (bands, grounds) = (columns(band, (top + bottom) / 2), columns(ground, (top + bottom) / 2))
    let (left, end) = (try #require(bands.first), try #require(bands.last))
    #expect(try #require(grounds.first) > end)
    let share = Double(end - left) / Double(try #require(grounds.last) - left)
    #expect(abs(share - 50.0 / 60) < 0.01)
    let above = color((left + end) / 2, top - 10)
    #expect(above[0] == above[2], "a frame is grey")
  }

  /// Times of years, and more labels than fit: a picture of some thousand rows, in no time.
  @Test func absurdTimesAndManyLabelsMakeABoundedChart() throws {
    let labels = (0..<2000).map { number in
      let start = Double(number) * 1e6
      return Labeling.Interval(
        label: "label \(number % 400)", probability: 0.9, start: start, end: start + 3e6)
    }
    for seconds in [1e5, 1e9, 2e9, 1e17] {
      let chart = try ActionChart(labeling(labels, seconds: seconds), of: video, title: "")
      let svg = try chart.svg()
      #expect(svg.utf8.count < 20_000_000 && svg.components(separatedBy: "<text").count < 10_000)
      let picture = try Picture(bytes: chart.png(), path: "chart")
      #expect(picture.height > 500 && picture.height <= 32_767)
    }
  }

  @Test func aVideoInWhichNothingIsDoneHasAChartToo() throws {
    for seconds in [0, 0.04, 90] {
      let svg = try ActionChart(labeling([], seconds: seconds), of: video, title: "").svg()
      #expect(svg.contains("nothing recognised"))
    }
  }
}
