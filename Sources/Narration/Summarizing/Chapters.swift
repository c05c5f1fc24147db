import Language
import Models
import Scenes

/// Neighboring shots that look or read alike, in one.
enum Chapters {
  /// Cosine of the features of two shots from which on they belong together.
  private static let alikeFeatures = Float(0.8)

  /// - Parameters:
  ///   - features: of each shot, mean features, length 1
  ///   - end: of the video, in seconds
  static func of(_ shots: [Summary.Shot], features: [[Float]], end: Double) -> [Summary.Chapter] {
    var chapters: [Range<Int>] = []
    for (index, shot) in shots.enumerated() {
      let alike = chapters.last.map { chapter in
        shot.repeats.map { chapter.contains($0) } ?? false
          || Representatives.similarity(features[index - 1], features[index]) >= alikeFeatures
          || words(shots[index - 1].caption).isAlike(words(shot.caption))
      }
      if alike == true, let last = chapters.last {
        chapters[chapters.count - 1] = last.lowerBound..<index + 1
      } else {
        chapters.append(index..<index + 1)
      }
    }
    return chapters.enumerated().map { number, range in
      let title = shots[range].max {
        $0.confidence * ($0.end - $0.start) < $1.confidence * ($1.end - $1.start)
      }
      return Summary.Chapter(
        start: shots[range.lowerBound].start,
        end: number + 1 < chapters.count ? shots[chapters[number + 1].lowerBound].start : end,
        title: title?.caption ?? "",
        translation: title?.translation, confidence: title?.confidence ?? 0, shots: range)
    }
  }

  /// The most important chapters, which take in the others: a chapter is as important as its title is sure and it is long.
  static func atMost(_ count: Int, of chapters: [Summary.Chapter]) -> [Summary.Chapter] {
    let weights = chapters.map { max(0, $0.end - $0.start) * (0.1 + $0.confidence) }
    return Joining.groups(of: weights, atMost: count).map { group in
      let heaviest = group.max { weights[$0] < weights[$1] } ?? group.lowerBound
      let (first, last) = (chapters[group.lowerBound], chapters[group.upperBound - 1])
      return Summary.Chapter(
        start: first.start, end: last.end, title: chapters[heaviest].title,
        translation: chapters[heaviest].translation, confidence: chapters[heaviest].confidence,
        shots: first.shots.lowerBound..<last.shots.upperBound)
    }
  }

  /// What a caption speaks of: its words without the small ones.
  private static func words(_ caption: String) -> Set<Substring> {
    Set(caption.split(separator: " ")).subtracting(English.smallWords)
  }
}

extension Set<Substring> {
  /// Whether more than half of the words are the same.
  fileprivate func isAlike(_ other: Set<Substring>) -> Bool {
    Double(intersection(other).count) > 0.5 * Double(Swift.max(union(other).count, 1))
  }
}
