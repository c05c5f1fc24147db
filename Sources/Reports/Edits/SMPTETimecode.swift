import Media

/// The number of a frame as editing programs write it (SMPTE ST 12-1): `01:00:00:00`, or `01:00:00;00` where numbers are left out
/// so that it keeps up with the clock, the first two of each minute but every tenth at 29.97 frames a second. It begins anew
/// after a day.
package struct SMPTETimecode: Hashable, Sendable, CustomStringConvertible {
  package let rate: FrameRate
  /// Whether numbers are left out. No frame is.
  package let dropsFrames: Bool
  /// Since `00:00:00:00`, less than a day's.
  package let frames: Int

  /// - Parameters:
  ///   - frames: may be below zero, and more than a day's
  ///   - dropsFrames: has no effect where the rate has no such timecodes
  package init(frames: Int, rate: FrameRate, dropsFrames: Bool) {
    self.rate = rate
    self.dropsFrames = dropsFrames && rate.mayDropFrames
    let day = 144 * Self.tenMinutes(rate, drops: self.dropsFrames)
    self.frames = (frames % day + day) % day
  }

  /// - Returns: nil for what is no timecode of this rate, as `00:01:00;00` at 29.97
  package init?(_ text: String, rate: FrameRate) {
    let fields = text.split(omittingEmptySubsequences: false) { ":;.,".contains($0) }
    let digits = fields.map { $0.utf8.allSatisfy { (0x30...0x39).contains($0) } ? Int($0) : nil }
    let separators = text.filter { ":;.,".contains($0) }
    guard fields.count == 4, separators.hasPrefix("::"), let mark = separators.last,
      let hours = digits[0], let minutes = digits[1], let seconds = digits[2], let frame = digits[3],
      hours < 24, minutes < 60, seconds < 60, frame < rate.nominal
    else { return nil }
    let drops = mark != ":" && rate.mayDropFrames
    let left = drops ? Self.dropped(rate) : 0
    guard left == 0 || minutes % 10 == 0 || seconds > 0 || frame >= left else { return nil }
    let whole = hours * 60 + minutes
    self.init(
      frames: (whole * 60 + seconds) * rate.nominal + frame - left * (whole - whole / 10), rate: rate,
      dropsFrames: drops)
  }

  /// Numbers that a minute leaves out.
  private static func dropped(_ rate: FrameRate) -> Int { rate.nominal / 15 }

  private static func tenMinutes(_ rate: FrameRate, drops: Bool) -> Int {
    600 * rate.nominal - (drops ? 9 * dropped(rate) : 0)
  }

  package static func + (timecode: SMPTETimecode, frames: Int) -> SMPTETimecode {
    SMPTETimecode(
      frames: timecode.frames + frames, rate: timecode.rate, dropsFrames: timecode.dropsFrames)
  }

  /// An hour, as finished programs begin with.
  package static func hour(_ rate: FrameRate, dropsFrames: Bool) -> SMPTETimecode {
    SMPTETimecode(
      frames: 6 * tenMinutes(rate, drops: dropsFrames && rate.mayDropFrames), rate: rate,
      dropsFrames: dropsFrames)
  }

  package var description: String {
    var number = frames
    if dropsFrames {
      let (left, ten) = (Self.dropped(rate), Self.tenMinutes(rate, drops: true))
      let minute = 60 * rate.nominal - left
      number += left * (9 * (frames / ten) + (frames % ten - left) / minute)
    }
    let seconds = number / rate.nominal
    let fields = [seconds / 3600, seconds / 60 % 60, seconds % 60, number % rate.nominal].map {
      $0 < 10 ? "0\($0)" : "\($0)"
    }
    return fields[..<3].joined(separator: ":") + (dropsFrames ? ";" : ":") + fields[3]
  }
}
