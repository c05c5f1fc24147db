import Files
import Foundation
import Models
import Narration

/// A summary as files: `summary.json`, `keyframes/NNNN.jpg`, `chapters.vtt` (WebVTT chapters), `captions.srt`, and `index.html`,
/// a storyboard with its pictures beside it.
///
///     try SummaryReport(summary).write(to: URL(fileURLWithPath: "storyboard"))
public struct SummaryReport: Sendable {
  /// Captions less sure than this are marked, if the model does not say what it calls sure.
  private static let usualSure = 0.33

  /// Captions less sure than this are marked.
  var sure: Double { summary.sureConfidence ?? Self.usualSure }

  package let summary: Summary
  let path: String
  let model: String
  /// The file of each key frame, by its number.
  let files: [Int: String]
  /// What is taken from the times of the files with cues.
  private let shift: Double
  private let origin: TimeOrigin
  /// What is said in the video, where somebody has its subtitles.
  package var transcript: Transcript?
  /// Seconds that the most important parts are to last together; nil chooses none.
  package var length: Double?
  /// Files for other programs: their names in the summary's folder.
  package var exports: [String] = []

  /// - Parameter origin: what the times of chapters and subtitles begin with.
  package init(
    _ summary: Summary, path: String, model: String, files: [Int: String], origin: TimeOrigin = .zero
  ) {
    (self.summary, self.path, self.model, self.files) = (summary, path, model, files)
    self.origin = origin
    shift = Timecode.shift(origin, start: summary.shots.first?.start ?? 0)
  }

  /// - Parameters:
  ///   - summary: of a `Summarizer`
  ///   - path: what the files call the video; nil is the path that it was read from.
  public init(_ summary: Summary, path: String? = nil) {
    let numbers = summary.shots.flatMap(\.keyFrames).map(\.picture)
    let files = numbers.enumerated().map { ($1, Self.pictureName($0)) }
    self.init(
      summary, path: path ?? summary.path, model: summary.model,
      files: Dictionary(files, uniquingKeysWith: { first, _ in first }))
  }

  /// The file of a key frame in the summary's folder.
  /// - Parameter index: among all key frames, from 0
  package static func pictureName(_ index: Int) -> String {
    String(format: "keyframes/%04d.jpg", index + 1)
  }

  /// What is printed: a line a shot, start, end, transition and caption between tabs.
  package var text: String {
    summary.shots.map { shot in
      String(
        format: "%.3f\t%.3f\t%@\t%@\n", shot.start, shot.end, shot.transition.rawValue,
        said(shot.translation ?? shot.caption, shot.confidence))
    }.joined()
  }

  /// What other programs are told of the video.
  /// - Parameter video: its file; nil where it came through a pipe
  package func editList(of video: GivenPath?) -> EditList {
    let spoken = self.spoken(summary.shots.map { ($0.start, $0.end) })
    let shots = zip(summary.shots, spoken).map { shot, spoken in
      EditList.Shot(
        start: shot.start, end: shot.end, frames: shot.frames, kind: shot.transition,
        confidence: shot.transitionConfidence,
        caption: said(shot.translation ?? shot.caption, shot.confidence), spoken: spoken)
    }
    let chapters = summary.chapters.map {
      EditList.Chapter(start: $0.start, end: $0.end, title: said($0.translation ?? $0.title, $0.confidence))
    }
    return EditList(
      EditList.Media(video, width: summary.width, height: summary.height), summary.timing, shots: shots,
      chapters: chapters, origin: origin)
  }

  /// What is said in stretches of the video, which follow on each other.
  func spoken(_ stretches: [(start: Double, end: Double)]) -> [String] {
    transcript?.spoken(in: stretches, start: summary.timing.start) ?? stretches.map { _ in "" }
  }

  func said(_ caption: String, _ confidence: Double) -> String {
    (confidence >= sure ? "" : summary.language.perhaps) + caption
  }

  /// `chapters.vtt`: WebVTT chapters. Times begin with the first frame, as players count them.
  public var chapters: String {
    "WEBVTT\n"
      + summary.chapters.map {
        "\n\(Timecode.cue($0.start - shift, $0.end - shift, isSubRip: false))\n\(said($0.translation ?? $0.title, $0.confidence))\n"
      }
      .joined()
  }

  /// `captions.srt`: a subtitle a shot, by the same times.
  public var subtitles: String {
    summary.shots.enumerated().map { index, shot in
      "\(index + 1)\n\(Timecode.cue(shot.start - shift, shot.end - shift, isSubRip: true))\n"
        + said(shot.translation ?? shot.caption, shot.confidence) + "\n"
    }.joined(separator: "\n")
  }
}
