import Media
import Scenes

extension Summary {
  /// A part of the video, in seconds by the file's presentation times.
  public struct Stretch: Sendable, Hashable, Codable {
    /// When it begins.
    public let start: Double
    /// When it ends.
    public let end: Double
  }

  /// Seconds of a part that is chosen as a whole, at most, and at least where key frames say where it may end.
  private static let (longestPart, shortestPart) = (5.0, 1.0)

  /// What matters most, in order of time and no longer together than wanted: parts of shots, by the knapsack of their importance.
  /// - Parameters:
  ///   - length: in seconds
  ///   - borders: where parts may begin and end, ascending; nil is anywhere
  public func highlights(length: Double, borders: [Double]? = nil) -> [Stretch] {
    let parts = borders.map(parts(between:)) ?? shots.flatMap(parts(of:))
    let chosen = Digest.choose(parts.map { $0.end - $0.start }, worths: parts.map(worth), length: length)
    return chosen.reduce(into: [Stretch]()) { stretches, index in
      let part = parts[index]
      if let last = stretches.last, last.end == part.start {
        stretches[stretches.count - 1] = Stretch(start: last.start, end: part.end)
      } else {
        stretches.append(part)
      }
    }
  }

  /// A shot in equal parts that are short enough.
  private func parts(of shot: Shot) -> [Stretch] {
    let count = max(1, Int(bounded: ((shot.end - shot.start) / Self.longestPart).rounded(.up)))
    let borders = (0...count).map { shot.start + (shot.end - shot.start) * Double($0) / Double(count) }
    return zip(borders, borders.dropFirst()).map(Stretch.init(start:end:))
  }

  private func parts(between borders: [Double]) -> [Stretch] {
    var parts: [Stretch] = []
    for (start, end) in zip(borders, borders.dropFirst()) {
      if let last = parts.last, last.end - last.start < Self.shortestPart {
        parts[parts.count - 1] = Stretch(start: last.start, end: end)
      } else {
        parts.append(Stretch(start: start, end: end))
      }
    }
    return parts
  }

  /// The mean importance of its seconds.
  private func worth(_ part: Stretch) -> Double {
    guard let start = importance.first?.time else { return 0 }
    let first = min(max(0, Int(bounded: part.start - start)), importance.count - 1)
    let end = min(max(first + 1, Int(bounded: (part.end - start).rounded(.up))), importance.count)
    return importance[first..<end].reduce(0) { $0 + $1.score } / Double(end - first)
  }
}
