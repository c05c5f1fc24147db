/// What a file says of its clock, for those who write times for other programs.
package struct ClockFacts: Sendable, Hashable {
  /// Seconds in a tick of its time stamps; nil where it makes no sense.
  package var tick: Fraction?
  /// As the container says, on the average; nil where it does not.
  package var frameRate: Fraction?
  /// Of the first frame, `01:00:00;00`, as the camera or the last program wrote it; nil where there is none.
  package var timecode: String?
  /// Of its sound; nil where there is none.
  package var sound: Sound?

  package struct Sound: Sendable, Hashable, Codable {
    package let channels: Int
    /// Samples a second.
    package let rate: Int

    package init(channels: Int, rate: Int) { (self.channels, self.rate) = (channels, rate) }
  }

  package init(
    tick: Fraction? = nil, frameRate: Fraction? = nil, timecode: String? = nil, sound: Sound? = nil
  ) {
    (self.tick, self.frameRate, self.timecode, self.sound) = (tick, frameRate, timecode, sound)
  }
}

/// By what the frames of a video come, after all have been seen.
package struct FrameTiming: Sendable, Hashable, Codable {
  /// Seconds in a tick of the file's time stamps.
  package let tick: Fraction
  /// Frames a second, where each frame lasts as long as the others; nil where the rate varies.
  package let rate: FrameRate?
  /// What a timeline counts: `rate`, or a standard rate by which it can be told.
  package let counted: FrameRate
  /// When the first frame is shown and the last one ends, in seconds by the file's presentation times.
  package let start: Double
  package let end: Double
  /// Of the first frame, as the file has it.
  package let timecode: String?
  package let sound: ClockFacts.Sound?

  /// Share of the frames that may be missing, where a recorder has lost some.
  private static let lost = 0.01

  /// - Parameters:
  ///   - times: of all frames, ascending, at least one
  ///   - end: of the last one
  package init(times: [Double], end: Double, _ clock: ClockFacts) {
    precondition(!times.isEmpty)
    // A file whose clock makes no sense was read all the same; a 90,000th is MPEG's.
    tick = clock.tick ?? Fraction(1, 90_000) ?? FrameRate(1).fraction
    let written = clock.frameRate.map { FrameRate($0).standardized }
    let measured = Self.measured(times)
    let candidates = [written, measured].compactMap { $0 }
    let tick = tick.value
    rate = candidates.first { Self.fits(times, $0, tick: tick) }
    // Of some variable files a program has written how many ticks there are.
    let plausible = candidates.first { $0.nominal <= 120 }
    counted = (rate ?? plausible ?? FrameRate(60)).counted
    (start, self.end) = (times[0], max(end, times[times.count - 1]))
    (timecode, sound) = (clock.timecode, clock.sound)
  }

  /// By the mean distance of the frames.
  private static func measured(_ times: [Double]) -> FrameRate? {
    let seconds = times[times.count - 1] - times[0]
    guard times.count > 1, seconds > 0 else { return nil }
    let milliframes = Int(bounded: (Double(times.count - 1) / seconds * 1000).rounded())
    return Fraction(milliframes, 1000).map { FrameRate($0).standardized }
  }

  /// Whether every frame stands where the rate has one, as exactly as the ticks allow, and next to none is missing.
  private static func fits(_ times: [Double], _ rate: FrameRate, tick: Double) -> Bool {
    let length = rate.seconds(1)
    // Two rounded stamps, and programs that add rounded lengths.
    let tolerance = min(2 * tick + 1e-6, length / 4)
    var last = -1
    for time in times {
      let frame = rate.frame(at: time - times[0])
      guard frame > last, abs(time - times[0] - rate.seconds(frame)) <= tolerance else { return false }
      last = frame
    }
    return Double(last + 1 - times.count) <= lost * Double(times.count)
  }

  /// Whether each frame of the video is one of the timeline's.
  package var isExact: Bool {
    guard let rate else { return false }
    let times = counted.fraction.value / rate.fraction.value
    return abs(times - times.rounded()) < 1e-6
  }

  /// The timeline's frame that is nearest to a time, counted from the first one shown.
  /// - Parameter time: in seconds by the file's presentation times
  package func frame(at time: Double) -> Int { counted.frame(at: MediaTime.bounded(time) - start) }

  /// A time in ticks since the first frame, exact.
  package func ticks(at time: Double) -> Int {
    Int(bounded: ((MediaTime.bounded(time) - start) / tick.value).rounded())
  }
}
