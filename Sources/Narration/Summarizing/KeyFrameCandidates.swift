import Media
import Models
import Scenes

/// A frame that may become a key frame.
struct KeyFrameCandidate {
  let frame: Int
  let time: Double
  let image: Image
  let quality: Float

  init(frame: Int, time: Double, _ image: Image) {
    (self.frame, self.time, self.image) = (frame, time, image)
    quality = PictureQuality.score(image)
  }
}

/// Candidates for key frames, gathered while it is not yet known where shots end: a bounded number, however long a shot is.
struct KeyFrameCandidates {
  /// Seconds between candidates.
  private static let interval = 0.25
  /// Candidates of a shot that are kept, at most, once it is known that it goes on.
  private static let kept = 32

  private var all: [KeyFrameCandidate] = []
  private var next = -Double.infinity
  /// Seconds between the candidates of the open shot that are kept.
  private var spacing = Self.interval

  /// Takes a frame if one is due.
  mutating func append(frame: Int, time: Double, _ image: () throws -> Image) throws {
    guard time >= next else { return }
    all.append(KeyFrameCandidate(frame: frame, time: time, try image()))
    next = time + Self.interval
  }

  subscript(frames: Range<Int>) -> [KeyFrameCandidate] { all.filter { frames.contains($0.frame) } }

  /// Lets go what lies in a transition.
  mutating func remove(_ frames: Range<Int>) { all.removeAll { frames.contains($0.frame) } }

  /// Lets go what lies before the shot that begins at `frame`.
  mutating func beginShot(at frame: Int) {
    all.removeAll { $0.frame < frame }
    spacing = Self.interval
  }

  /// Keeps fewer candidates the longer the shot, but all of those frames that may still be of the next one.
  /// - Parameter settled: frames of which it is known whether a transition begins there.
  mutating func thin(settled: Int) {
    while true {
      var (last, count) = (-Double.infinity, 0)
      all.removeAll { candidate in
        guard candidate.frame < settled else { return false }
        guard candidate.time >= last + spacing else { return true }
        (last, count) = (candidate.time, count + 1)
        return false
      }
      if count <= Self.kept { return }
      spacing *= 2
    }
  }
}

extension Collection where Index == Int {
  /// The best of each of as many equal parts.
  func best(of parts: Int, by quality: (Element) -> Float) -> [Element] {
    let parts = Swift.min(parts, count)
    return (0..<parts).compactMap { part in
      let range = startIndex + part * count / parts..<startIndex + (part + 1) * count / parts
      return self[range].max { quality($0) < quality($1) }
    }
  }
}
