import Foundation
import Media

/// How much each second of a video matters, by what can be seen: what is unlike the rest, what changes, what moves, and how sharp it
/// is. No network has learned this from people; each is told in units of how it spreads over the video, and they are added up.
package struct ImportanceMeter {
  /// What a second shows.
  private struct Second {
    /// Of the network that looked at it, length 1, in 127ths of `Second.unit`: a float each would take too much for hours.
    let features: [Int8]
    let quality: Float
    /// Mean differences of luma from one frame to the next, of all its frames but the first.
    var motion: [Float] = []

    static let unit: Float = 0.25

    init(features: [Float], quality: Float) {
      self.features = features.map { Int8(min(max($0 / Self.unit, -1), 1) * 127) }
      self.quality = quality
    }

    /// The one in the middle: a cut is one among many.
    var usualMotion: Float { motion.isEmpty ? 0 : motion.sorted()[motion.count / 2] }
  }

  /// What each counts.
  private static let (unlike, change, motion, sharpness): (Float, Float, Float, Float) = (1, 0.5, 0.5, 0.5)

  private var start: Double?
  private var seconds: [Second] = []
  /// The second of each of them, counted from the first frame.
  private var numbers: [Int] = []
  private var last: Thumbnail?

  package init() {}

  /// Takes a frame.
  /// - Parameters:
  ///   - time: in seconds
  ///   - look: gives the features of the frame, length 1, and its quality, 0 to 1; called once a second
  package mutating func append(
    time: Double, _ thumbnail: Thumbnail, look: () throws -> (features: [Float], quality: Float)
  ) rethrows {
    let start = start ?? time
    self.start = start
    let number = Int(bounded: time - start)
    if number > numbers.last ?? -1 {
      let (features, quality) = try look()
      seconds.append(Second(features: features, quality: quality))
      numbers.append(number)
    }
    if let last { seconds[seconds.count - 1].motion.append(Self.difference(last, thumbnail)) }
    last = thumbnail
  }

  private static func difference(_ a: Thumbnail, _ b: Thumbnail) -> Float {
    var sum = 0
    for index in a.values.indices { sum += abs(Int(a.values[index]) - Int(b.values[index])) }
    return Float(sum) / Float(a.values.count)
  }

  /// One for each second, 0 to 1: a half is the usual. Seconds without a frame are as the one before.
  package var scores: [Double] {
    guard let end = numbers.last else { return [] }
    let total =
      zip(spread(unlikeness), spread(changes)).map { Self.unlike * $0 + Self.change * $1 }
    let more = zip(spread(seconds.map { log(1 + $0.usualMotion) }), spread(seconds.map(\.quality))).map {
      Self.motion * $0 + Self.sharpness * $1
    }
    let sums = zip(total, more).map(+)
    let smooth = sums.indices.map { index in
      let (before, after) = (sums[max(0, index - 1)], sums[min(sums.count - 1, index + 1)])
      return Double(before + 2 * sums[index] + after) / 4
    }
    var (scores, place) = ([Double](), 0)
    for number in 0...end {
      while place + 1 < numbers.count, numbers[place + 1] <= number { place += 1 }
      scores.append(1 / (1 + exp(-smooth[place])))
    }
    return scores
  }

  /// One less the cosine to what the whole video shows.
  private var unlikeness: [Float] {
    var sum = [Float](repeating: 0, count: seconds.first?.features.count ?? 0)
    for second in seconds { for index in sum.indices { sum[index] += Float(second.features[index]) } }
    let mean = Representatives.normalized(sum)
    return seconds.map { 1 - Representatives.similarity(Self.direction($0), mean) }
  }

  /// One less the cosine of the seconds around.
  private var changes: [Float] {
    seconds.indices.map { index in
      let (before, after) = (seconds[max(0, index - 1)], seconds[min(seconds.count - 1, index + 1)])
      return 1 - Representatives.similarity(Self.direction(before), Self.direction(after))
    }
  }

  private static func direction(_ second: Second) -> [Float] {
    Representatives.normalized(second.features.map(Float.init))
  }

  /// In units of the standard deviation from the mean; what does not differ is zero.
  private func spread(_ values: [Float]) -> [Float] {
    let mean = values.reduce(0, +) / Float(max(1, values.count))
    let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Float(max(1, values.count))
    let deviation = variance.squareRoot()
    return values.map { deviation > 1e-4 ? ($0 - mean) / deviation : 0 }
  }
}
