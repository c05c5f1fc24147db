import Logging
import Models
import Narration
import Reports

extension CaptionEngine {
  /// Says which files of the model's folder captions are made without.
  func warnOfSkippedFiles() {
    guard let first = skippedFiles.first else { return }
    let names = skippedFiles.map(\.lastPathComponent).joined(separator: ", ")
    Logger(label: "narrate.caption").warning(
      "\(first.deletingLastPathComponent().path): left aside, being about other weights or of another version: \(names); narrate calibrate makes them anew"
    )
  }
}
