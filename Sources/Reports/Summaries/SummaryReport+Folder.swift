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
    for (name, bytes) in texts { try folder.write(bytes, to: name) }
    try folder.commit()
  }

  /// All files of the folder but the pictures.
  private var texts: [(name: String, bytes: [UInt8])] {
    [
      ("summary.json", json.text + "\n"), ("chapters.vtt", chapters), ("captions.srt", subtitles),
      ("index.html", page),
    ].map { ($0, Array($1.utf8)) }
  }

  /// All files of the folder, for a summary with its pictures.
  package var contents: [(name: String, bytes: [UInt8])] {
    texts
      + summary.shots.flatMap(\.keyFrames).compactMap { frame in
        files[frame.picture].map { ($0, [UInt8](frame.jpeg)) }
      }
  }
}
