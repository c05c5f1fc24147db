import Files
import Media
import Reports

/// What became of the files of a run that may have been begun before.
package final class RunTally {
  package private(set) var done = 0
  package private(set) var failed: [FailureKind: Int] = [:]
  package var passed = PassedFiles()
  /// Whether nothing is done, but only told.
  private let isDry: Bool

  package init(isDry: Bool = false) { self.isDry = isDry }

  package func count<Described>(_ outcome: Result<Described, InputFailure>) {
    switch outcome {
    case .success: done += 1
    case .failure(let failure): failed[failure.kind, default: 0] += 1
    }
  }

  /// Whether there was no picture and no video.
  package var isEmpty: Bool { done == 0 && failed.isEmpty && passed.count == passed.other }

  /// The run's status: that of all its files, whenever they were tried.
  package var status: RunStatus { failed.isEmpty && passed.failed == 0 ? .success : .someInputsFailed }

  /// Says it, in one line, and another one of files that are called like pictures and are none.
  package func tell(_ console: Console, _ wanted: Inputs.Wanted = .picturesAndVideos) {
    if !passed.namedOnly.isEmpty {
      let names = passed.namedOnly.map(\.text).joined(separator: ", ")
      console.log("warning", "named like a \(wanted.rawValue) and beginning like none: \(names)")
    }
    let kinds = failed.sorted { $0.key.rawValue < $1.key.rawValue }
    let total = kinds.reduce(0) { $0 + $1.value }
    var parts = ["\(done) \(isDry ? "to do" : "done")", "\(passed.done) skipped"]
    let said = kinds.map { "\($0.value) \($0.key.rawValue)" }.joined(separator: ", ")
    parts.append("\(total) failed" + (said.isEmpty ? "" : " (\(said))"))
    if passed.failed > 0 { parts.append("\(passed.failed) failed before (--retry-failed tries them again)") }
    if passed.elsewhere > 0 { parts.append("\(passed.elsewhere) of other shards") }
    if passed.other > 0 { parts.append("\(passed.other) passed over, no \(wanted.rawValue)") }
    console.tell(
      parts.joined(separator: ", "),
      [
        (isDry ? "to_do" : "done", .integer(done)), ("skipped", .integer(passed.done)),
        ("failed", .object(kinds.map { ($0.key.rawValue, .integer($0.value)) })),
        ("failed_before", .integer(passed.failed)), ("other_shards", .integer(passed.elsewhere)),
        ("passed_over", .integer(passed.other)),
      ])
  }
}
