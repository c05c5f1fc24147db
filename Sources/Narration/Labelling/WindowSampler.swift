import DequeModule
import Media
import Models

/// Where in a video a window lies.
package struct WindowLocation: Sendable {
  /// Its beginning, in slots since the first frame.
  package let firstSlot: Int
  /// Slots that it covers.
  package let slots: Int
  /// When its samples are shown, in seconds: as many as the network looks at. Where the window has fewer slots, some stand
  /// in it more than once.
  package let times: [Double]

  package init(firstSlot: Int, slots: Int, times: [Double]) {
    (self.firstSlot, self.slots, self.times) = (firstSlot, slots, times)
  }
}

/// Cuts a stream of frames into overlapping windows of evenly spaced samples. Keeps one window's samples, however long the
/// video is.
package struct WindowSampler<Sample> {
  /// What the network looks at once.
  package struct Window {
    package let location: WindowLocation
    /// One for each of the location's times.
    package let samples: [Sample]
  }

  private let frames: Int
  /// Seconds from one sampled frame to the next.
  package let interval: Double
  /// Slots between the beginnings of two windows.
  private let strideSlots: Int
  /// When the first frame is shown.
  private(set) var firstTime: Double?
  /// Where the frames since the last gap in time begin.
  private var runStart = 0
  /// Samples and times of the last slots, oldest first.
  private var recent: Deque<(sample: Sample, time: Double)> = []
  /// Slots filled so far.
  private var count = 0
  /// Where the next window begins.
  private var nextStart = 0
  private var isDone = false

  /// - Parameters:
  ///   - window: seconds of a window
  ///   - stride: seconds between the beginnings of two
  ///   - frames: samples of a window
  package init(window: Double, stride: Double, frames: Int) {
    precondition(window > 0 && window.isFinite && stride > 0 && frames > 0)
    self.frames = frames
    interval = window / Double(frames)
    // Down, so that planned windows do not run beyond the end.
    strideSlots = max(1, Int(bounded: min(stride / interval + 1e-6, 1e12)))
  }

  var strideSeconds: Double { Double(strideSlots) * interval }

  /// The slot that has begun last.
  private func slot(at time: Double) -> Int {
    // A file may claim a time in thousands of years.
    Int(bounded: min(max(0, (time - (firstTime ?? time)) / interval + 1e-6), 1e12))
  }

  /// Whether no frame was shown for longer than a window.
  package func isBeyondGap(_ time: Double) -> Bool {
    firstTime != nil && slot(at: time) - max(count, nextStart) > frames
  }

  /// Goes on after a gap in time, as in a video of its own.
  package mutating func resume(at time: Double) {
    count = max(count, slot(at: time))
    (nextStart, runStart, isDone) = (count, count, false)
    recent = []
  }

  /// How many slots a frame at `time` fills: those that have begun and have no frame yet, at most as many as a window has.
  package mutating func slots(at time: Double) -> Int {
    guard firstTime != nil else { return 1 }
    if nextStart > count, slot(at: time) >= nextStart {
      // Nothing before the next window is needed.
      count = nextStart
      recent = []
    }
    return max(0, min(slot(at: time), count + frames) + 1 - count)
  }

  /// Where the next window begins, if the frames before are in none: windows further apart than they are long leave gaps.
  package var gapEnd: Double? {
    guard let firstTime, nextStart > count else { return nil }
    return firstTime + Double(nextStart) * interval
  }

  /// Takes a frame for its slots.
  package mutating func append(_ sample: Sample, time: Double, slots: Int) {
    if firstTime == nil { firstTime = time }
    for _ in 0..<slots {
      recent.append((sample, time))
      count += 1
    }
  }

  /// The next window that is complete; at the end also a last one that reaches to the end, and for a video shorter than a
  /// window one whose frames are repeated.
  package mutating func next(atEnd: Bool) -> Window? {
    if count - nextStart >= frames {
      defer { nextStart += strideSlots }
      return window(from: nextStart, slots: frames)
    }
    guard atEnd, !isDone, count > 0 else { return nil }
    isDone = true
    // All frames are in windows already, unless some have come since the last.
    let covered = nextStart == runStart ? runStart : nextStart - strideSlots + frames
    guard covered < count else { return nil }
    guard strideSlots > frames, nextStart > runStart else {
      let start = max(runStart, count - frames)
      return window(from: start, slots: count - start)
    }
    // Between windows with gaps there is nothing to reach back to: the last one is shorter, or left out if it shows little.
    return count - nextStart < frames / 2 ? nil : window(from: nextStart, slots: count - nextStart)
  }

  private mutating func window(from start: Int, slots: Int) -> Window {
    let oldest = count - recent.count
    let chosen = recent[(start - oldest)..<(start - oldest + slots)]
    let indices = (0..<frames).map { chosen.startIndex + $0 * slots / frames }
    let location = WindowLocation(firstSlot: start, slots: slots, times: indices.map { chosen[$0].time })
    let window = Window(location: location, samples: indices.map { chosen[$0].sample })
    // What no later window needs is let go; a last one may reach back by a whole window.
    let keep = min(recent.count, max(frames, count - (start + strideSlots)))
    recent.removeFirst(recent.count - keep)
    return window
  }
}
