import Files
import Foundation
import Media
import Models
import Narration
import Reports
import Training

/// The loop of `narrate label`: each video is labelled, printed and counted, whatever became of those before it.
package struct ActionJob {
  private let source: any InputSource
  private let format: ActionFormat
  private let labeler: ActionEngine
  private let options: ActionOptions
  private let timeline: TimelineFile?
  private let isNullTerminated: Bool
  private let language: CaptionLanguage
  private let spools = Spools()
  package private(set) var activityNet = ActivityNetResults()

  /// - Parameters:
  ///   - source: gives one video at a time
  ///   - timeline: where the one video's labels are drawn, if they are
  ///   - language: what labels are told in; ActivityNet results and the timeline have the model's own
  ///   - isNullTerminated: whether a text's lines end with a NUL, and paths stand as they are
  package init(
    source: any InputSource, format: ActionFormat, labeler: ActionEngine, options: ActionOptions,
    timeline: TimelineFile? = nil, isNullTerminated: Bool = false, language: CaptionLanguage = .english
  ) {
    (self.source, self.format, self.labeler, self.options) = (source, format, labeler, options)
    (self.timeline, self.isNullTerminated, self.language) = (timeline, isNullTerminated, language)
  }

  /// - Throws: what ends the whole run: a failed write, the exit status of an interruption. What was printed until then is whole.
  package mutating func run(output: ResultOutput, console: Console) throws -> RunStatus {
    let footer = format == .json ? Array("\n]\n".utf8) : []
    if format == .json { try output.write(Array("[".utf8)) }
    var failures = 0
    var isFirst = true
    do {
      while let input = try source.next({ true })?.inputs.first {
        defer { spools.forget(input.source) }
        try Interruption.check()
        let separator = format == .json ? (isFirst ? "\n" : ",\n") : ""
        isFirst = false
        let (entry, labeling) = try describe(input, console)
        let line = Array(separator.utf8) + entry + (format == .jsonl ? Array("\n".utf8) : [])
        try console.withoutBar { () throws(FileError) in try output.write(line) }
        guard let labeling else {
          failures += 1
          continue
        }
        try timeline.map { timeline in
          try spools.reading(input.source) { path in
            try timeline.write(labeling, of: path, title: Self.name(input.path))
          }
        }
      }
    } catch let error where !(error is FileError) {
      try output.write(footer)
      throw error
    }
    console.finish()
    try output.write(footer)
    try output.commit()
    return failures > 0 ? .someInputsFailed : .success
  }

  /// What is printed of an input, and its labels, if it has any.
  private mutating func describe(_ input: Input, _ console: Console) throws -> ([UInt8], Labeling?) {
    do {
      if let failure = input.failure { throw failure }
      let labeling = try label(input, console)
      if labeling.damagedFrames > 0 {
        console.report("\(input.path.text): \(labeling.damagedFrames) damaged frames skipped")
      }
      activityNet.append(labeling, video: Self.name(input.path))
      let report = ActionReport(
        labeling, path: input.path.text, model: labeler.name, language: language)
      if format == .text {
        return (report.lines(of: input.path, isNullTerminated: isNullTerminated), labeling)
      }
      return (Self.object(report.json, .success(labeling), input), labeling)
    } catch let failure as InputFailure {
      console.report(input.path, failure)
      if format == .text { return ([], nil) }
      return (Self.object(failure.json(path: input.path.text), .failure(failure), input), nil)
    }
  }

  private static func object(
    _ result: JSON, _ outcome: Result<Labeling, InputFailure>, _ input: Input
  ) -> [UInt8] {
    Array((input.marks(outcome)?.mark(result) ?? result).text.utf8)
  }

  /// What a video is called without its suffix.
  private static func name(_ path: GivenPath) -> String {
    path.isStandardStream ? "stdin" : path.location.stem ?? ""
  }

  private func label(_ input: Input, _ console: Console) throws -> Labeling {
    let progress = console.following("label")
    do {
      return try spools.reading(input.source) { path in
        try labeler.label(contentsOf: path, options: options, progress: progress)
      }
    } catch let error as MediaError {
      throw InputFailure(kind: error.kind, message: error.reason)
    }
  }
}
