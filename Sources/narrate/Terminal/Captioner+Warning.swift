import Logging
import Models
import Narration
import Reports

extension Captioner {
  /// Says which files of the model's folder captions are made without.
  func warnOfFilesLeftAside() {
    guard let first = leftAside.first else { return }
    let names = leftAside.map(\.lastPathComponent).joined(separator: ", ")
    Logger(label: "narrate.caption").warning(
      "\(first.deletingLastPathComponent().path): left aside, being about other weights or of another version: \(names); narrate calibrate reranker and narrate calibrate confidence make them anew"
    )
  }
}
