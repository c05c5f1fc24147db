import ArgumentParser
import Files
import Foundation
import Media
import Models
import Narration
import Reports
import Training

/// How labels are printed.
package enum LabelFormat: String, CaseIterable, ExpressibleByArgument {
  /// One line a segment: path, start and end between tabs, and the labels with their probabilities.
  case text
  /// One array of objects.
  case json
  /// One object a line.
  case jsonl
}

/// The loop of `narrate label`: each video is labelled, printed and counted, whatever became of those before it.
package struct LabelJob {
  private let inputs: [Input]
  private let format: LabelFormat
  private let labeler: ActionLabeler
  private let options: LabelOptions
  private let timeline: TimelineFile?
  /// ActivityNet results: a video's segments by its name.
  private var results: [(key: String, value: JSON)] = []

  /// - Parameter timeline: where the one video's labels are drawn, if they are.
  package init(
    inputs: [Input], format: LabelFormat, labeler: ActionLabeler, options: LabelOptions,
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
        results.append((input.path.stem.text, Self.activityNet(labeling)))
        entry = format == .text ? text(labeling, input.path.text) : json(labeling, input.path.text).text
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
          try timeline.write(drawn, of: path, title: input.path.stem.text)
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

  private func text(_ labeling: Labeling, _ path: String) -> String {
    labeling.segments.map { segment in
      let labels = segment.labels.map { "\($0.label) \(Int(($0.probability * 100).rounded()))%" }
      let said =
        segment.isStill
        ? "nothing moves"
        : (segment.isConfident ? "" : "nothing recognised: ") + labels.joined(separator: ", ")
      return String(format: "%@\t%.3f\t%.3f\t%@\n", path, segment.start, segment.end, said)
    }.joined()
  }

  private func json(_ labeling: Labeling, _ path: String) -> JSON {
    .object([
      ("path", .string(path)), ("status", .string("ok")),
      ("duration", .rounded(labeling.duration, places: 3)),
      ("segments", .array(labeling.segments.map(Self.json))),
      ("damaged_frames", .integer(labeling.damagedFrames)),
      ("repeated_frames", .integer(labeling.repeatedFrames)),
      ("model", .string(labeler.name)),
    ])
  }

  private static func json(_ segment: Labeling.Segment) -> JSON {
    .object([
      ("start", .rounded(segment.start, places: 3)), ("end", .rounded(segment.end, places: 3)),
      (
        "labels",
        .array(
          segment.labels.map {
            .object([
              ("label", .string($0.label)), ("probability", .rounded($0.probability, places: 4)),
              ("confident", .boolean($0.isConfident)),
            ])
          })
      ),
      ("confident", .boolean(segment.isConfident)), ("still", .boolean(segment.isStill)),
      (
        "attention",
        .array(
          segment.attention.map {
            .object([("time", .rounded($0.time, places: 3)), ("weight", .rounded($0.weight, places: 4))])
          })
      ),
    ])
  }

  /// `{"version", "results": {VIDEO: [{"label", "score", "segment": [start, end]}]}, "external_data"}`; what is uncertain is left
  /// out.
  package var activityNet: JSON {
    .object([
      ("version", .string("VERSION 1.3")), ("results", .object(results)), ("external_data", .object([])),
    ])
  }

  private static func activityNet(_ labeling: Labeling) -> JSON {
    .array(
      labeling.intervals.map { interval in
        .object([
          ("label", .string(interval.label)), ("score", .rounded(interval.probability, places: 4)),
          ("segment", .array([.rounded(interval.start, places: 3), .rounded(interval.end, places: 3)])),
        ])
      })
  }
}
