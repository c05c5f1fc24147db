import Narration
import Testing

@Suite struct LabelTimelineTests {
  /// Feeds frames at `rate` a second for `seconds`, one channel that holds the frame's time.
  private func windows(
    _ seconds: Double, rate: Double, window: Double = 4, stride: Double = 2, frames: Int = 8
  )
    -> [WindowSampler.Window]
  {
    var sampler = WindowSampler(window: window, stride: stride, frames: frames, channels: 1)
    var found: [WindowSampler.Window] = []
    for index in 0..<Int((seconds * rate).rounded()) {
      let time = 1 + Double(index) / rate
      let slots = sampler.slots(at: time)
      guard slots > 0 else { continue }
      sampler.append(time: time, slots: slots) { $0.pointee = Float(time) }
      while let next = sampler.next(atEnd: false) { found.append(next) }
    }
    while let next = sampler.next(atEnd: true) { found.append(next) }
    return found
  }

  @Test func windowsOverlapAndReachTheEnd() {
    let found = windows(11, rate: 25)
    #expect(found.map(\.firstSlot) == [0, 4, 8, 12, 14])
    #expect(found.allSatisfy { $0.slots == 8 && $0.features.count == 8 })
    #expect(
      found[0].times.first == 1 && found[4].times.last == 11.52 || abs(found[4].times[7] - 11.52) < 0.05)
    for window in found {
      #expect(zip(window.features, window.times).allSatisfy { abs(Double($0) - $1) < 1e-5 })
    }
  }

  @Test func aShortVideoRepeatsItsFrames() {
    let found = windows(1, rate: 25)
    #expect(found.count == 1 && found[0].slots == 2)
    #expect(found[0].times == [1, 1, 1, 1, 1.52, 1.52, 1.52, 1.52])
    let one = windows(0.04, rate: 25)
    #expect(one.count == 1 && one[0].slots == 1 && Set(one[0].times) == [1])
  }

  @Test func gapsBetweenWindowsAreNotLookedAt() {
    var sampler = WindowSampler(window: 4, stride: 10, frames: 8, channels: 1)
    var (found, seen) = ([WindowSampler.Window](), [Double]())
    for index in 0..<1500 {
      let time = 1 + Double(index) / 25
      if let goal = sampler.gapEnd, time < goal { continue }
      let slots = sampler.slots(at: time)
      guard slots > 0 else { continue }
      seen.append(time)
      sampler.append(time: time, slots: slots) { $0.pointee = Float(time) }
      while let next = sampler.next(atEnd: false) { found.append(next) }
    }
    #expect(found.map(\.firstSlot) == [0, 20, 40, 60, 80, 100])
    #expect(seen.count == 48)
    #expect(found.allSatisfy { $0.times[0] == 1 + Double($0.firstSlot) / 2 })
    #expect(found.allSatisfy { abs($0.times[7] - $0.times[0] - 3.5) < 0.05 })
  }

  @Test func exactlyOneWindowIsOneWindow() {
    #expect(windows(4, rate: 2).map(\.firstSlot) == [0])
    #expect(windows(4.5, rate: 2).map(\.firstSlot) == [0, 1])
  }

  @Test func slowFramesFillSeveralSlots() {
    // One frame a second, two slots a second.
    let found = windows(4, rate: 1)
    #expect(found.first?.times == [1, 2, 2, 3, 3, 4, 4] || found.first?.slots == 7)
  }

  private func window(_ slot: Int) -> WindowSampler.Window {
    WindowSampler.Window(
      firstSlot: slot, slots: 8, features: [], times: (0..<8).map { 5.003 + Double(slot + $0) / 2 })
  }

  @Test func neighboursWithTheSameLabelAreJoined() {
    var timeline = LabelTimeline(labels: ["run", "swim"], stride: 2)
    for (slot, run) in [(0, 0.9), (4, 0.8), (8, 0.1), (12, 0.1)] as [(Int, Float)] {
      timeline.add(([run, 1 - run], [Float](repeating: 1 / 8, count: 8)), window(slot), interval: 0.5)
    }
    let segments = timeline.segments(from: 5.003, to: 14.9, LabelOptions())
    // Stretches: .9, .85, .45 (so swim .55), .1, .1
    #expect(segments.map { $0.labels[0].label } == ["run", "swim"])
    #expect(segments.map(\.start) == [5.003, 9.003] && segments.map(\.end) == [9.003, 14.9])
    #expect(abs(segments[0].labels[0].probability - 0.875) < 1e-6)
    #expect(segments.allSatisfy { abs($0.attention.reduce(0) { $0 + $1.weight } - 1) < 1e-6 })
    var options = LabelOptions()
    (options.threshold, options.top) = (0.6, 1)
    let cautious = timeline.segments(from: 5.003, to: 14.9, options)
    #expect(cautious.map(\.isConfident) == [true, false, true])
    #expect(cautious.allSatisfy { $0.labels.count == 1 })
  }
}
