import Files
import Foundation
import Narration

extension SummaryReport {
  /// Writes a folder with the summary's files and pictures, all of it or nothing.
  ///
  ///     try SummaryReport(summary).write(to: URL(fileURLWithPath: "storyboard"), replacing: true)
  /// - Parameter replacing: whether an older summary may be replaced; nothing else ever is.
  /// - Throws: `output` when it cannot be written or something is there that must stay.
  public func write(to folder: URL, replacing: Bool = false) throws(NarrationError) {
    do {
      let target = try SummaryFolder(GivenPath(folder.path), replacing: replacing)
      for frame in summary.shots.flatMap(\.keyFrames) {
        try target.write(frame.jpeg, to: files[frame.picture] ?? "")
      }
      try write(to: target)
    } catch let error as SummaryFolder.Refusal {
      throw NarrationError(.output, file: error.path, reason: error.reason)
    } catch { throw NarrationError(error) }
  }

  /// Writes all files but the pictures, and makes the folder what was written.
  package func write(to folder: SummaryFolder) throws(FileError) {
    try folder.write((json.text + "\n").utf8, to: "summary.json")
    try folder.write(chapters.utf8, to: "chapters.vtt")
    try folder.write(subtitles.utf8, to: "captions.srt")
    try folder.write(page.utf8, to: "index.html")
    try folder.commit()
  }
}
