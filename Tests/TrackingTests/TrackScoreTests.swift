import Testing
import Tracking

struct TrackScoreTests {
  private let box = Box(x: 10, y: 20, width: 40, height: 30)

  @Test func overlaps() {
    #expect(box.overlap(box) == 1)
    #expect(box.overlap(Box(x: 30, y: 20, width: 40, height: 30)) == 1.0 / 3)
    #expect(box.overlap(Box(x: 50, y: 20, width: 40, height: 30)) == 0)
    #expect(box.distance(Box(x: 13, y: 24, width: 40, height: 30)) == 5)
  }

  @Test(
    "Success is the mean over 21 thresholds, precision the share within 20 pixels; what has no truth does not count"
  )
  func score() {
    let away = Box(x: 200, y: 20, width: 40, height: 30)
    let score = TrackScore([box, box, away, away], truth: [box, box, box, nil])
    // An overlap of 1 exceeds all thresholds but the last; none exceeds nothing.
    #expect(abs(score.success - 2.0 / 3 * 20 / 21) < 1e-12)
    #expect(abs(score.precision - 2.0 / 3) < 1e-12)
    #expect(score.frames == 3)
  }

  @Test("Sequences count the same, however long they are")
  func mean() {
    let away = Box(x: 200, y: 20, width: 40, height: 30)
    let good = TrackScore([box], truth: [box])
    let bad = TrackScore([away, away, away], truth: [box, box, box])
    #expect(TrackScore(meanOf: [good, bad]).precision == 0.5)
    #expect(TrackScore(meanOf: [good, bad]).frames == 4)
  }

  @Test(
    "Boxes in which nothing can be followed",
    arguments: [
      (Box(x: -1, y: 0, width: 20, height: 20), "not within the picture of 100×80"),
      (Box(x: 90, y: 0, width: 20, height: 20), "not within"),
      (Box(x: 0, y: 70, width: 20, height: 20), "not within"),
      (Box(x: 5, y: 5, width: 0, height: 20), "has an area"),
      (Box(x: 5, y: 5, width: 20, height: -3), "has an area"),
      (Box(x: 5, y: 5, width: 1, height: 1), "too small"),
      (Box(x: .nan, y: 5, width: 10, height: 10), "four numbers"),
    ])
  func problems(box: Box, reason: String) throws {
    #expect(try #require(box.problem(inWidth: 100, height: 80)).contains(reason))
  }

  @Test func soundBoxes() {
    #expect(Box(x: 0, y: 0, width: 100, height: 80).problem(inWidth: 100, height: 80) == nil)
    #expect(Box(x: 1, y: 1, width: 4, height: 4).problem(inWidth: 100, height: 80) == nil)
  }
}
