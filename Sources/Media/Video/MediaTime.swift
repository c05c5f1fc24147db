import CFFmpeg

/// Times of media files in seconds, from whatever numbers a file holds. The one place where these become times: a file may
/// say anything, and nothing that is calculated from what comes of it overflows or is not a number.
package enum MediaTime {
  /// Seconds before or after zero, at most: thirty years. What a file says beyond that means nothing.
  package static let limit = 1e9

  /// - Returns: nil for what is beyond the limit, or no number
  package static func checked(_ seconds: Double) -> Double? { abs(seconds) <= limit ? seconds : nil }

  /// - Returns: not beyond the limit; 0 for what is no number
  package static func bounded(_ seconds: Double) -> Double {
    seconds.isNaN ? 0 : min(max(-limit, seconds), limit)
  }

  /// A time stamp or a length in ticks.
  /// - Parameters:
  ///   - length: ticks that it is later by; a length that makes no sense is none.
  ///   - secondsPerTick: a stream's time base, which a file may have of any size, too
  /// - Returns: nil where the file has no stamp, or none that makes sense
  static func seconds(ticks: Int64, later length: Int64 = 0, _ secondsPerTick: Double) -> Double? {
    guard ticks != narrate_av_no_time() else { return nil }
    // Sums and products are taken in Double: in Int64 they could overflow.
    return checked((Double(ticks) + Double(length)) * secondsPerTick)
      ?? checked(Double(ticks) * secondsPerTick)
  }

  /// A time of a whole file in microseconds, 0 where it has none.
  /// - Parameter length: microseconds that it is later by
  static func seconds(microseconds: Int64, later length: Int64 = 0) -> Double? {
    let start = microseconds == narrate_av_no_time() ? 0 : microseconds
    return checked((Double(start) + Double(length)) / Double(AV_TIME_BASE))
  }
}

extension Int {
  /// The whole part of a number that something outside had a hand in, such as a time: never a trap. 0 for what is no number, at
  /// most 10^15 up or down, so that sums and small products of such numbers do not overflow.
  @inlinable
  package init(bounded value: Double) {
    // A number within these bounds, which is one.
    self = value.isNaN ? 0 : Int(Swift.min(Swift.max(-1e15, value), 1e15))
  }
}

extension AVRational {
  /// The quotient.
  var seconds: Double { Double(num) / Double(den) }
}
