import Files
import Foundation
import Media
import Models
import Narration
import Reports
import Training

/// One video, summarized into a folder.
package struct SummaryJob {
  private let input: GivenPath
  private let force: Bool
  private var options = SummaryOptions()
  /// What the times of chapters and subtitles begin with.
  package var origin = TimeOrigin.zero

  package init(
    input: GivenPath, keyFrames: Int? = nil, captions: CaptionOptions = CaptionOptions(), force: Bool = false
  ) {
    (self.input, self.force) = (input, force)
    options.keyFrames = keyFrames
    options.captions = captions
  }

  /// - Throws: `InputFailure` if it is the video's fault, `SummaryFolder.Refusal` if it is the output's, `StyleError` if the model
  ///   has no such style; what else is thrown ends the run.
  package func run(_ summarizer: SummaryEngine, output: GivenPath, console: Console) throws -> SummaryReport {
    try summarizer.check(options)
    do {
      return try Spools().reading(input) { path in
        guard try !MediaKind(contentsOf: path).isStill else {
          throw InputFailure(kind: .unsupported, message: "a picture, not a video")
        }
        let video = try summarizer.open(path)
        return try write(video, summarizer, to: SummaryFolder(output, replacing: force), console)
      }
    } catch let error as MediaError {
      throw InputFailure(kind: error.kind, message: error.reason)
    }
  }

  private func write(
    _ video: VideoFile, _ summarizer: SummaryEngine, to folder: SummaryFolder, _ console: Console
  ) throws -> SummaryReport {
    var pictures = 0
    let progress = progress(console)
    let summary = try summarizer.summarize(video, options: options, progress: progress) { image, number in
      try folder.write(image.jpegData(), to: Self.provisional(number))
      pictures = number + 1
    }
    console.finish()
    warn(summary, console)
    let kept = summary.shots.flatMap(\.keyFrames).map(\.picture)
    var files: [Int: String] = [:]
    for (number, picture) in kept.enumerated() {
      let name = SummaryReport.pictureName(number)
      try folder.rename(Self.provisional(picture), to: name)
      files[picture] = name
    }
    for picture in 0..<pictures where files[picture] == nil { folder.delete(Self.provisional(picture)) }
    let contents = SummaryReport(
      summary, path: input.text, model: summarizer.name, files: files, origin: origin)
    try contents.write(to: folder)
    return contents
  }

  private static func provisional(_ picture: Int) -> String { "keyframes/candidate-\(picture).jpg" }

  private func warn(_ summary: Summary, _ console: Console) {
    if summary.damagedFrames > 0 {
      console.report("\(input.text): \(summary.damagedFrames) damaged frames skipped")
    }
    if let claimed = summary.claimedDuration {
      let seconds = String(format: "%.1f of the %.1f seconds", summary.duration, claimed)
      console.report("\(input.text): ends after \(seconds) that it claims to last; cut off?")
    }
  }

  /// Shows each second that is done.
  private func progress(_ console: Console) -> (_ done: Double, _ duration: Double?) throws -> Void {
    let began = ContinuousClock.now
    var shown = -1
    return { done, duration in
      try Interruption.check()
      let whole = Int(bounded: done)
      guard let duration, duration > 0, whole != shown else { return }
      shown = whole
      let seconds = (ContinuousClock.now - began) / .seconds(1)
      var bar = ProgressBar(
        task: "summarize", done: min(whole, Int(bounded: duration)), total: Int(bounded: duration),
        seconds: seconds)
      bar.fields = [ProgressBar.Field("times_real_time", done / max(seconds, 1e-3), decimals: 1)]
      console.show(bar)
    }
  }
}
