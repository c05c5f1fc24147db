import Algorithms
import Compute
import Files
import Logging
import Models
import Narration
import Reports
import Training

/// The loop of `narrate caption`: the inputs are described by several workers, printed and counted, in order, whatever
/// became of those before.
package struct CaptionJob {
  package var source: any InputSource
  package var writer: CaptionWriter
  /// Where strips of attention go, if they are wanted.
  package var attention: AttentionFolder?
  /// What captions are written into beside the pictures, if that is wanted.
  package var metadata: MetadataFiles?
  /// Counts what becomes of each file, where that is told at the end.
  package var tally: RunTally?
  /// Each makes the captions of a few inputs at a time, at most `CaptionEngine.batch`.
  package var workers: [([Input]) throws -> [Result<CaptionResult.Described, InputFailure>]]

  package init(
    inputs: [Input], writer: CaptionWriter, attention: AttentionFolder? = nil,
    metadata: MetadataFiles? = nil,
    workers: [([Input]) throws -> [Result<CaptionResult.Described, InputFailure>]]
  ) {
    let batch = CaptionEngine.batch(of: inputs.count, workers: workers.count)
    source = ListedInputs(inputs, batch: batch)
    (self.writer, self.attention, self.workers) = (writer, attention, workers)
    self.metadata = metadata
  }

  package init(
    source: any InputSource, writer: CaptionWriter, metadata: MetadataFiles? = nil, tally: RunTally? = nil,
    workers: [([Input]) throws -> [Result<CaptionResult.Described, InputFailure>]]
  ) {
    (self.source, self.writer, self.tally, self.workers) = (source, writer, tally, workers)
    self.metadata = metadata
  }

  /// - Throws: what ends the whole run: `FileError`, a model's error, the exit status of an interruption. What
  ///   was printed until then is whole.
  package consuming func run(output: ResultOutput, console: Console) throws -> RunStatus {
    var progress = ProgressBar(task: "caption", done: 0, total: source.total ?? 0, seconds: 0)
    var failures = 0
    let start = ContinuousClock.now
    do {
      try output.write(writer.header)
      do {
        console.show(progress)
        try parallelStream(
          from: { [source] isWanted in try source.next(isWanted) }, by: workers,
          check: { try Interruption.check() },
          work: { describe, batch in batch.inputs.isEmpty ? [] : try describe(batch.inputs) },
          receive: { batch, outcomes in
            progress.pass(batch.passed.count)
            tally?.passed += batch.passed
            for (input, outcome) in zip(batch.inputs, outcomes) {
              // A read that a signal broke off says nothing of its file.
              try Interruption.check()
              if try !take(input, input.judged(outcome), output: output, console: console) { failures += 1 }
              progress.done += 1
              progress.seconds = (ContinuousClock.now - start) / .seconds(1)
              progress.fields = fields(progress, failures)
              console.show(progress)
            }
            if batch.inputs.isEmpty { console.show(progress) }
          })
      } catch let error where !(error is FileError) {
        try output.write(writer.footer)
        throw error
      }
      console.show(progress)
      console.finish()
      try output.write(writer.footer)
      try output.commit()
      if let kept = metadata?.kept, kept > 0 {
        console.log(
          "note", "\(kept) \(kept == 1 ? "file" : "files") left with the text that was there (--existing)")
      }
    } catch let error as FileError where error.isReaderGone {
      // `head` has enough, and nobody is there to be told.
    }
    return failures > 0 ? .someInputsFailed : tally?.status ?? .success
  }

  /// Writes a result.
  /// - Returns: whether all of it could be done
  private mutating func take(
    _ input: Input, _ outcome: Result<CaptionResult.Described, InputFailure>, output: ResultOutput,
    console: Console
  ) throws -> Bool {
    var outcome = outcome
    var isDone = true
    switch outcome {
    case .success(let described):
      if let strip = described.strip { try attention?.write(strip, for: input.path) }
      let problems = metadata?.write(described, for: input.path) ?? []
      for problem in problems { console.report(problem) }
      isDone = problems.isEmpty
      // So that a run that goes on from here tries it again.
      if tally != nil, let problem = problems.first {
        outcome = .failure(InputFailure(kind: .unreadable, message: problem))
      }
    case .failure(let failure):
      isDone = false
      console.report(input.path, failure)
    }
    tally?.count(outcome)
    let entry = writer.entry(
      CaptionResult(path: input.path, outcome: outcome, marks: input.marks(outcome)))
    try console.withoutBar { () throws(FileError) in try output.write(entry) }
    return isDone
  }

  private func fields(_ progress: ProgressBar, _ failures: Int) -> [ProgressBar.Field] {
    let failed = failures > 0 ? [ProgressBar.Field("failed", Double(failures))] : []
    guard tally != nil else { return failed }
    let rate = Double(progress.done - progress.start) / max(progress.seconds, 1e-3)
    return failed + [ProgressBar.Field("rate", rate, decimals: 1, unit: "/s")]
  }

  /// The inputs in batches, small enough that all workers have some to the end.
  static func batches(_ inputs: [Input], workers: Int) -> [[Input]] {
    inputs.chunks(ofCount: CaptionEngine.batch(of: inputs.count, workers: workers)).map { Array($0) }
  }
}

extension Input {
  /// What became of it, given that it may have been written to since its content was looked at.
  func judged<Described>(_ outcome: Result<Described, InputFailure>) -> Result<Described, InputFailure> {
    guard let stamp = seen?.stamp, case .success = outcome, FileStamp(source.location) != stamp else {
      return outcome
    }
    return .failure(InputFailure(kind: .unreadable, message: "was written to while it was read"))
  }

  /// What the result's object has beside it. A file that could not be read has no content that would be known again.
  func marks<Described>(_ outcome: Result<Described, InputFailure>) -> ResultMarks? {
    if seen == nil, request == nil { return nil }
    var isRead = true
    if case .failure(let failure) = outcome {
      isRead = failure.kind != .missing && failure.kind != .unreadable
    }
    return ResultMarks(
      id: request?.id, isNamed: request?.isNamed ?? true, content: isRead ? seen?.key : nil)
  }
}
