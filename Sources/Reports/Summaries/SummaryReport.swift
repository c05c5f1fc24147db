import Foundation
import Models
import Narration

/// What the files of a summary say.
package struct SummaryReport {
  /// Captions less sure than this are marked, if the model does not say what it calls sure.
  private static let usualSure = 0.33

  /// Captions less sure than this are marked.
  var sure: Double { summary.sureConfidence ?? Self.usualSure }

  let summary: Summary
  let path: String
  let model: String
  /// The file of each key frame, by its number.
  let files: [Int: String]

  package init(_ summary: Summary, path: String, model: String, files: [Int: String]) {
    (self.summary, self.path, self.model, self.files) = (summary, path, model, files)
  }

  /// What is printed: a line a shot, start, end, transition and caption between tabs.
  package var text: String {
    summary.shots.map { shot in
      String(
        format: "%.3f\t%.3f\t%@\t%@\n", shot.start, shot.end, shot.transition.rawValue,
        said(shot.caption, shot.confidence))
    }.joined()
  }

  func said(_ caption: String, _ confidence: Double) -> String {
    (confidence >= sure ? "" : "perhaps ") + caption
  }

  /// `chapters.vtt`: WebVTT chapters.
  package var chapters: String {
    "WEBVTT\n"
      + summary.chapters.map {
        "\n\(Timecode.cue($0.start, $0.end, isSubRip: false))\n\(said($0.title, $0.confidence))\n"
      }
      .joined()
  }

  /// `captions.srt`: a subtitle a shot.
  package var subtitles: String {
    summary.shots.enumerated().map { index, shot in
      "\(index + 1)\n\(Timecode.cue(shot.start, shot.end, isSubRip: true))\n"
        + said(shot.caption, shot.confidence) + "\n"
    }.joined(separator: "\n")
  }
}
