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
  /// What is written for other programs.
  package var exports: [ExportKind] = []
  package var transcript: Transcript?
  /// Seconds of what matters most, if that is to be chosen, and where it goes as a video.
  package var length: Double?
  package var reel: GivenPath?

  package init(
    input: GivenPath, keyFrames: Int? = nil, chapters: Int? = nil,
    captions: CaptionOptions = CaptionOptions(),
    force: Bool = false
  ) {
    (self.input, self.force) = (input, force)
    (options.keyFrames, options.chapters) = (keyFrames, chapters)
    options.captions = captions
  }

  /// - Throws: `InputFailure` if it is the video's fault, `SummaryFolder.Refusal` if it is the output's, `StyleError` if the model
  ///   has no such style; what else is thrown ends the run.
  /// - Returns: the summary, and whether all that was wanted could be written.
  package func run(
    _ summarizer: SummaryEngine, output: GivenPath, console: Console
  ) throws -> (report: SummaryReport, isWhole: Bool) {
    try summarizer.check(options)
    do {
      return try Spools().reading(input) { path in
        guard try !MediaKind(contentsOf: path).isStill else {
          throw InputFailure(kind: .unsupported, message: "a picture, not a video")
        }
        let video = try summarizer.open(path)
        let film = try reel.map { path throws(FileError) in try Reel(path) }
        let (report, isWhole) = try write(
          video, summarizer, to: SummaryFolder(output, replacing: force), console)
        if let film, let length { try film.write(report.summary, of: path, length: length) }
        return (report, isWhole)
      }
    } catch let error as MediaError {
      throw InputFailure(kind: error.kind, message: error.reason)
    }
  }

  private func write(
    _ video: VideoFile, _ summarizer: SummaryEngine, to folder: SummaryFolder, _ console: Console
  ) throws -> (SummaryReport, Bool) {
    var pictures = 0
    var exported = VideoExports(exports, of: input, duration: video.duration) { file, bytes in
      try folder.write(bytes, to: file)
    }
    let progress = console.following("summarize")
    let summary = try summarizer.summarize(
      video, options: options, progress: progress, frame: { try exported.look($0, $1) },
      picture: { image, number in
        try folder.write(image.jpegData(), to: Self.provisional(number))
        pictures = number + 1
      })
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
    var contents = SummaryReport(
      summary, path: input.text, model: summarizer.name, files: files, origin: origin)
    (contents.transcript, contents.length) = (transcript, length)
    let list = contents.editList(of: input.isStandardStream ? nil : input)
    let impossible: [ExportKind]
    (contents.exports, impossible) = try exported.finish(list)
    try contents.write(to: folder)
    VideoExports.tell(list, exports, impossible: impossible, input, console)
    return (contents, impossible.isEmpty)
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
}
