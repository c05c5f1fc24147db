import Files
import Foundation
import Media
import Narration
import Training

/// One video, summarized into a folder.
package struct SummaryJob {
  private let input: FilePath
  private let force: Bool
  private var options = SummaryOptions()

  package init(input: FilePath, keyFrames: Int? = nil, style: String? = nil, force: Bool = false) {
    (self.input, self.force) = (input, force)
    options.keyFrames = keyFrames
    options.captions.style = style
  }

  package func run(_ summarizer: Summarizer, output: FilePath, console: Console) throws -> SummaryFiles {
    let folder = try SummaryFolder(output, replacing: force)
    var pictures = 0
    let summary = try summarize(summarizer, console) { image, number in
      try folder.write(image.jpegData(), to: Self.provisional(number))
      pictures = number + 1
    }
    console.finish()
    if summary.damagedFrames > 0 {
      console.report("\(input.text): \(summary.damagedFrames) damaged frames skipped")
    }
    let kept = summary.shots.flatMap(\.keyFrames).map(\.picture)
    var files: [Int: String] = [:]
    for (number, picture) in kept.enumerated() {
      let name = String(format: "keyframes/%04d.jpg", number + 1)
      try folder.rename(Self.provisional(picture), to: name)
      files[picture] = name
    }
    for picture in 0..<pictures where files[picture] == nil { folder.delete(Self.provisional(picture)) }
    let contents = SummaryFiles(summary, path: input.text, model: summarizer.name, files: files)
    try folder.write((contents.json.text + "\n").utf8, to: "summary.json")
    try folder.write(contents.chapters.utf8, to: "chapters.vtt")
    try folder.write(contents.subtitles.utf8, to: "captions.srt")
    try folder.write(contents.page.utf8, to: "index.html")
    try folder.commit()
    return contents
  }

  private static func provisional(_ picture: Int) -> String { "keyframes/candidate-\(picture).jpg" }

  private func summarize(
    _ summarizer: Summarizer, _ console: Console, picture: (Image, Int) throws -> Void
  ) throws -> Summary {
    let began = ContinuousClock.now
    var shown = -1
    do {
      return try input.withReadableText { path in
        guard try !MediaKind(contentsOf: path).isStill else {
          throw InputFailure(kind: "unsupported", message: "a picture, not a video")
        }
        return try summarizer.summarize(contentsOf: path, options: options) { time, duration in
          try Interruption.check()
          guard let duration, duration > 0, Int(time) != shown else { return }
          shown = Int(time)
          let seconds = (ContinuousClock.now - began) / .seconds(1)
          var bar = ProgressBar(
            task: "summarize", done: min(Int(time), Int(duration)), total: Int(duration), seconds: seconds)
          bar.fields = [ProgressBar.Field("times_real_time", time / max(seconds, 1e-3), decimals: 1)]
          console.show(bar)
        } picture: {
          try picture($0, $1)
        }
      }
    } catch let error as MediaError {
      throw InputFailure(kind: error.kind, message: error.reason)
    }
  }
}
