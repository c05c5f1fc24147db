import Media
import Models
import Narration
import Testing

@Suite struct ActionTimelineTests {
  /// Feeds frames at `rate` a second for `seconds`, one channel that holds the frame's time.
  private func windows(
    _ seconds: Double, rate: Double, window: Double = 4, stride: Double = 2, frames: Int = 8
  )
    -> [WindowSampler<Double>.Window]
  {
    var sampler = WindowSampler<Double>(window: window, stride: stride, frames: frames)
    var found: [WindowSampler<Double>.Window] = []
    for index in 0..<Int((seconds * rate).rounded()) {
      let time = 1 + Double(index) / rate
      let slots = sampler.slots(at: time)
      guard slots > 0 else { continue }
      sampler.append(time, time: time, slots: slots)
      while let next = sampler.next(atEnd: false) { found.append(next) }
    }
    while let next = sampler.next(atEnd: true) { found.append(next) }
    return found
  }

  @Test func windowsOverlapAndReachTheEnd() {
    let found = windows(11, rate: 25)
    #expect(found.map(\.location.firstSlot) == [0, 4, 8, 12, 14])
    #expect(found.allSatisfy { $0.location.slots == 8 && $0.samples.count == 8 })
    // The first frame of all, and the first that is shown in the last half second.
    #expect(found[0].location.times[0] == 1 && abs(found[4].location.times[7] - 11.52) < 1e-9)
    for window in found {
      #expect(window.samples == window.location.times)
    }
  }

  @Test func aShortVideoRepeatsItsFrames() {
    let found = windows(1, rate: 25)
    #expect(found.count == 1 && found[0].location.slots == 2)
    #expect(found[0].location.times == [1, 1, 1, 1, 1.52, 1.52, 1.52, 1.52])
    let one = windows(0.04, rate: 25)
    #expect(one.count == 1 && one[0].location.slots == 1 && Set(one[0].location.times) == [1])
  }

  @Test func gapsBetweenWindowsAreNotLookedAt() {
    var sampler = WindowSampler<Double>(window: 4, stride: 10, frames: 8)
    var (found, seen) = ([WindowSampler<Double>.Window](), [Double]())
    for index in 0..<1500 {
      let time = 1 + Double(index) / 25
      if let goal = sampler.gapEnd, time < goal { continue }
      let slots = sampler.slots(at: time)
      guard slots > 0 else { continue }
      seen.append(time)
      sampler.append(time, time: time, slots: slots)
      while let next = sampler.next(atEnd: false) { found.append(next) }
    }
    #expect(found.map(\.location.firstSlot) == [0, 20, 40, 60, 80, 100])
    #expect(seen.count == 48)
    #expect(found.allSatisfy { $0.location.times[0] == 1 + Double($0.location.firstSlot) / 2 })
    #expect(found.allSatisfy { abs($0.location.times[7] - $0.location.times[0] - 3.5) < 0.05 })
  }

  @Test func afterAGapTheLastWindowIsShorterOrLeftOut() {
    // Windows of 8 slots at 0, 20, 40: the last has 6 slots, 3 slots, none.
    for (seconds, slots) in [(23, [8, 8, 6]), (21.5, [8, 8]), (18, [8, 8]), (2, [4])] as [(Double, [Int])] {
      let found = windows(seconds, rate: 2, stride: 10)
      #expect(found.map(\.location.slots) == slots, "\(seconds) s")
      #expect(found.allSatisfy { $0.samples.count == 8 && $0.samples == $0.samples.sorted() })
    }
  }

  @Test func aGapInTimeBeginsARunOfItsOwn() {
    var sampler = WindowSampler<Double>(window: 4, stride: 2, frames: 8)
    var found: [WindowSampler<Double>.Window] = []
    // 5 s, a gap of 55 s, 1 s; and after more years than there can be, 1 s.
    var times: [Double] = []
    for (start, count) in [(1.0, 50), (61.0, 10), (1e300, 10)] {
      for index in 0..<count { times.append(start + Double(index) / 10) }
    }
    for time in times {
      if sampler.isBeyondGap(time) {
        while let next = sampler.next(atEnd: true) { found.append(next) }
        sampler.resume(at: time)
      }
      let slots = sampler.slots(at: time)
      #expect(slots <= 9)
      if slots > 0 { sampler.append(time, time: time, slots: slots) }
      while let next = sampler.next(atEnd: false) { found.append(next) }
    }
    while let next = sampler.next(atEnd: true) { found.append(next) }
    #expect(found.map(\.location.firstSlot) == [0, 2, 120, 1_000_000_000_000])
    #expect(found.map(\.location.slots) == [8, 8, 2, 1])
    #expect(found[2].samples.allSatisfy { (61...62).contains($0) })
  }

  @Test func windowsArePlannedFromTheVideosLength() {
    func plan(_ length: Double?, stride: Double = 6.4) -> WindowPlan {
      WindowPlan(window: 2.56, stride: stride, length: length)
    }
    #expect(plan(nil).offset == 0 && plan(nil).stride == 6.4)
    #expect(plan(2).offset == 0 && plan(1e9).stride == 6.4)
    // Overlapping windows stay as they are.
    #expect(plan(30, stride: 1.28).stride == 1.28)
    // One alone stands in the middle; two or more end with the video.
    #expect(abs(plan(4.61).offset - 1) < 1e-9)
    #expect(plan(7.61).offset == 0 && abs(plan(7.61).stride - 5) < 1e-9)
    #expect(abs(plan(30).stride - 27.39 / 4) < 1e-9)
  }

  @Test func exactlyOneWindowIsOneWindow() {
    #expect(windows(4, rate: 2).map(\.location.firstSlot) == [0])
    #expect(windows(4.5, rate: 2).map(\.location.firstSlot) == [0, 1])
  }

  @Test func slowFramesFillSeveralSlots() {
    // One frame a second, two slots a second.
    let found = windows(4, rate: 1)
    #expect(found.map(\.location.slots) == [7])
    // Eight samples of seven slots.
    #expect(found.map(\.location.times) == [[1, 1, 2, 2, 3, 3, 4, 4]])
  }

  private func location(_ slot: Int, slots: Int = 8) -> WindowLocation {
    WindowLocation(firstSlot: slot, slots: slots, times: (0..<slots).map { 5.003 + Double(slot + $0) / 2 })
  }

  /// Windows of 4 s every 2 s, each with the labels' probabilities; nil where nothing moves.
  private func decoded(
    _ labels: [String], _ windows: [[Float]?], stride: Double = 2, threshold: Double = 0.5
  ) -> DecodedTimeline {
    var timeline = ActionTimeline(labels: labels, interval: 0.5, stride: stride, window: 4)
    for (index, probabilities) in windows.enumerated() {
      let location = location(index * Int(stride * 2))
      timeline.add(
        probabilities.map {
          WindowScores(probabilities: $0, attention: location.times.map { (time: $0, weight: 0.125) })
        }, location)
    }
    let end = 5.003 + Double(windows.count - 1) * stride + 4
    return timeline.decoded(from: 5.003, to: end, threshold: threshold)
  }

  @Test func neighborsWithTheSameLabelAreJoined() {
    let windows: [[Float]?] = [[0.9, 0.1], [0.8, 0.2], [0.1, 0.9], [0.1, 0.9]]
    let found = decoded(["run", "swim"], windows)
    let segments = found.segments(top: 3)
    // Stretches of run: .9, .85, .45, .1, .1; of swim: .1, .15, .55, .9, .9.
    #expect(segments.map { $0.labels[0].label } == ["run", "swim"])
    #expect(segments.map(\.start) == [5.003, 9.003] && segments.map(\.end) == [9.003, 15.003])
    #expect(abs(segments[0].labels[0].probability - 0.875) < 1e-6)
    #expect(segments.allSatisfy { abs($0.attention.reduce(0) { $0 + $1.weight } - 1) < 1e-6 })
    #expect(found.intervals.map(\.label) == ["run", "swim"] && found.intervals[1].end == 15.003)
    let cautious = decoded(["run", "swim"], windows, threshold: 0.7).segments(top: 1)
    #expect(cautious.map(\.isConfident) == [true, false, true])
    #expect(cautious.allSatisfy { $0.labels.count == 1 })
  }

  @Test func oneWindowAloneDoesNotMakeALabelFlicker() {
    let calm = [[Float]?](repeating: [0.3, 0.05], count: 6)
    var windows = calm
    windows[3] = [0.6, 0.05]
    #expect(decoded(["run", "swim"], windows, stride: 4).segments(top: 1).count == 1)
    windows[3] = [0.95, 0.05]
    let said = decoded(["run", "swim"], windows, stride: 4).segments(top: 1)
    #expect(said.map(\.isConfident) == [false, true, false])
    // And a weak window between strong ones does not end it.
    let strong: [[Float]?] = [[0.9, 0], [0.9, 0], [0.4, 0], [0.9, 0]]
    #expect(decoded(["run", "swim"], strong, stride: 4).segments(top: 1).map(\.isConfident) == [true])
  }

  @Test func labelsMayOverlap() {
    let windows: [[Float]?] = [[0.8, 0.1], [0.45, 0.5], [0.45, 0.5], [0.05, 0.9]]
    let found = decoded(["dunk", "shoot"], windows, stride: 4, threshold: 0.3)
    #expect(found.intervals.map(\.label) == ["dunk", "shoot"])
    #expect(found.intervals[0].end > found.intervals[1].start)
    let segments = found.segments(top: 3)
    #expect(
      segments.map { $0.labels.filter(\.isConfident).map(\.label) } == [
        ["dunk"], ["shoot", "dunk"], ["shoot"],
      ])
  }

  @Test func stillWindowsAreNotLabelled() {
    let windows: [[Float]?] = [[0.9, 0.1], nil, nil, [0.2, 0.3]]
    let segments = decoded(["run", "swim"], windows, stride: 4).segments(top: 1)
    #expect(segments.map(\.isStill) == [false, true, false])
    #expect(segments.map(\.isConfident) == [true, false, false])
    #expect(segments[1].labels.isEmpty && segments[1].attention.isEmpty)
    // A stretch of which one window moves is not still.
    let mixed = decoded(["run", "swim"], [[0.9, 0.1], nil, [0.9, 0.1]]).segments(top: 1)
    #expect(mixed.map(\.isStill) == [false] && mixed[0].isConfident)
  }

  @Test func gapsBetweenWindowsArePartedInTheirMiddle() {
    let found = decoded(["run", "swim"], [[0.9, 0.1], [0.1, 0.9]], stride: 10).segments(top: 1)
    // The first window's last sample is shown at 8.503, the second's first at 15.003.
    #expect(found.map(\.start) == [5.003, 11.753])
  }

  @Test func gapsInTimeArePartedInTheirMiddleToo() {
    var timeline = ActionTimeline(labels: ["run", "swim"], interval: 0.5, stride: 2, window: 4)
    timeline.add(WindowScores(probabilities: [0.9, 0.1]), location(0))
    timeline.add(WindowScores(probabilities: [0.1, 0.9]), location(1_000_000_000))
    let segments = timeline.decoded(from: 5.003, to: 5e8 + 9.003, threshold: 0.5).segments(top: 1)
    #expect(segments.map(\.start) == [5.003, (8.503 + 5e8 + 5.003) / 2])
    #expect(segments.map(\.end) == [segments[1].start, 5e8 + 9.003])
  }

  @Test func aPictureThatNothingMovesInIsStill() {
    func frame(_ value: UInt8, spot: UInt8 = 0) -> Image {
      var pixels = [UInt8](repeating: value, count: 64 * 48 * 3)
      for y in 16..<32 { for x in 16..<32 { pixels[(y * 64 + x) * 3] = value + spot } }
      return Image(width: 64, height: 48, pixels: pixels)
    }
    #expect(Stillness.holds([frame(100), frame(101), frame(99)]))
    #expect(!Stillness.holds([frame(100), frame(100, spot: 30), frame(100)]))
    #expect(!Stillness.holds([frame(100), frame(104)]))
    #expect(Stillness.holds([Image(width: 1, height: 1, pixels: [1, 2, 3])]))
  }
}
