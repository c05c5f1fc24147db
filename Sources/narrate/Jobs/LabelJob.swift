import Files
import Foundation
import Media
import Models
import Narration
import Reports
import Training

/// The loop of `narrate label`: each video is labelled, printed and counted, whatever became of those before it.
package struct LabelJob {
  private let inputs: [Input]
  private let format: LabelFormat
  private let labeler: LabelEngine
  private let options: LabelOptions
  private let timeline: TimelineFile?
  package private(set) var activityNet = ActivityNetResults()

  /// - Parameter timeline: where the one video's labels are drawn, if they are.
  package init(
    inputs: [Input], format: LabelFormat, labeler: LabelEngine, options: LabelOptions,
    timeline: TimelineFile? = nil
  ) {
    (self.inputs, self.format, self.labeler, self.options) = (inputs, format, labeler, options)
    self.timeline = timeline
  }

  /// - Throws: what ends the whole run: a failed write, the exit status of an interruption.
  package mutating func run(output: ResultOutput, console: Console) throws -> RunStatus {
    var failures = 0
    if format == .json { try output.write(Array("[".utf8)) }
    for (index, input) in inputs.enumerated() {
      try Interruption.check()
      let entry: String
      var drawn: Labeling?
      do {
        if let failure = input.failure { throw failure }
        let labeling = try label(input, console)
        if labeling.damagedFrames > 0 {
          console.report("\(input.path.text): \(labeling.damagedFrames) damaged frames skipped")
        }
        drawn = labeling
        activityNet.append(labeling, video: input.path.location.stem ?? "")
        let report = LabelReport(labeling, path: input.path.text, model: labeler.name)
        entry = format == .text ? report.text : report.json.text
      } catch let failure as InputFailure {
        failures += 1
        console.report(input.path, failure)
        entry = format == .text ? "" : failure.json(path: input.path.text).text
      }
      let separator = format == .json ? (index == 0 ? "\n" : ",\n") : ""
      let line = separator + entry + (format == .jsonl ? "\n" : "")
      try console.withoutBar { () throws(FileError) in try output.write(Array(line.utf8)) }
      if let timeline, let drawn {
        try input.path.withReadableText { path in
          try timeline.write(drawn, of: path, title: input.path.location.stem ?? "")
        }
      }
    }
    console.finish()
    if format == .json { try output.write(Array("\n]\n".utf8)) }
    try output.commit()
    return failures > 0 ? .someInputsFailed : .success
  }

  private func label(_ input: Input, _ console: Console) throws -> Labeling {
    let began = ContinuousClock.now
    var shown = -1
    do {
      return try input.path.withReadableText { path in
        try labeler.label(contentsOf: path, options: options) { time, duration in
          try Interruption.check()
          guard let duration, duration > 0, Int(time) != shown else { return }
          shown = Int(time)
          let seconds = (ContinuousClock.now - began) / .seconds(1)
          var bar = ProgressBar(
            task: "label", done: min(Int(time), Int(duration)), total: Int(duration), seconds: seconds)
          bar.fields = [ProgressBar.Field("times_real_time", time / max(seconds, 1e-3), decimals: 1)]
          console.show(bar)
        }
      }
    } catch let error as MediaError {
      throw InputFailure(kind: error.kind, message: error.reason)
    }
  }
}
