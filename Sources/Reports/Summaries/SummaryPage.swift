import Foundation
import Models
import Mustache
import Narration

/// What `Templates/storyboard.mustache` shows, by the names that stand in it.
struct SummaryPage {
  /// A shot in the strip of all shots and in its chapter.
  struct Shot {
    let number: Int
    let start: String
    let caption: String
    let isSure: Bool
    /// Of the strip's width, in thousandths.
    let share: String
    let hue: Int
    /// Whether it looks like an earlier one, whose pictures stand for both.
    let repeats: Bool
    let earlier: Earlier?
    /// Whether it has a caption and no picture, since no more were wanted.
    let isBare: Bool
    let keyFrames: [KeyFrame]
  }

  /// The shot that one looks like.
  struct Earlier {
    let number: Int
    let start: String
  }

  struct KeyFrame {
    /// The number of its shot, if it is the shot's first.
    let anchor: Int?
    let file: String
    let time: String
    let caption: String
    let isSure: Bool
  }

  struct Chapter {
    let start: String
    let title: String
    let isSure: Bool
    /// What is said in it; nil where that is nothing, or not known.
    let spoken: String?
    let shots: [Shot]
  }

  let language: String
  let name: String
  let length: String
  let shotCount: String
  let chapterCount: String
  let shots: [Shot]
  let chapters: [Chapter]
  let words: PageWords

  private static let template = MustacheTemplate.markup(PackageResources.storyboard_mustache)

  /// The text of the page.
  var html: String { Self.template.render(self) }
}

extension SummaryReport {
  /// `index.html`: the storyboard, with pictures beside it and nothing from a network.
  public var page: String {
    let shots = summary.shots.indices.map(shot)
    let spoken = self.spoken(summary.chapters.map { ($0.start, $0.end) })
    let chapters = zip(summary.chapters, spoken).map { chapter, spoken in
      SummaryPage.Chapter(
        start: Timecode.short(chapter.start),
        title: said(chapter.translation ?? chapter.title, chapter.confidence),
        isSure: chapter.confidence >= sure, spoken: spoken.isEmpty ? nil : spoken,
        shots: Array(shots[chapter.shots.clamped(to: 0..<shots.count)]))
    }
    let words = PageWords(summary.language)
    return SummaryPage(
      language: summary.language.rawValue, name: URL(fileURLWithPath: path).lastPathComponent,
      length: Timecode.short(summary.duration),
      shotCount: words.shots(shots.count), chapterCount: words.chapters(chapters.count),
      shots: shots, chapters: chapters, words: words
    ).html
  }

  private func shot(_ index: Int) -> SummaryPage.Shot {
    let shot = summary.shots[index]
    let share = 1000 * (shot.end - shot.start) / max(summary.duration, 1e-3)
    // A summary may come from a file.
    let earlier = shot.repeats.flatMap { summary.shots.indices.contains($0) ? $0 : nil }.map {
      SummaryPage.Earlier(number: $0 + 1, start: Timecode.short(summary.shots[$0].start))
    }
    let keyFrames = shot.keyFrames.enumerated().map { number, frame in
      SummaryPage.KeyFrame(
        anchor: number == 0 ? index + 1 : nil, file: files[frame.picture] ?? "",
        time: Timecode.short(frame.time), caption: said(frame.translation ?? frame.caption, frame.confidence),
        isSure: frame.confidence >= sure)
    }
    return SummaryPage.Shot(
      number: index + 1, start: Timecode.short(shot.start),
      caption: said(shot.translation ?? shot.caption, shot.confidence),
      isSure: shot.confidence >= sure, share: String(format: "%.1f", max(0.5, share)),
      hue: (earlier.map { $0.number - 1 } ?? index) * 137 % 360, repeats: earlier != nil, earlier: earlier,
      isBare: earlier == nil && keyFrames.isEmpty, keyFrames: earlier == nil ? keyFrames : [])
  }
}
