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
  package var inputs: [Input]
  package var writer: CaptionWriter
  /// Where strips of attention go, if they are wanted.
  package var attention: AttentionFolder?
  /// What captions are written into beside the pictures, if that is wanted.
  package var metadata: MetadataFiles?
  /// Each makes the captions of a few inputs at a time, at most `CaptionEngine.batch`.
  package var workers: [([Input]) throws -> [Result<CaptionResult.Described, InputFailure>]]

  package init(
    inputs: [Input], writer: CaptionWriter, attention: AttentionFolder? = nil,
    metadata: MetadataFiles? = nil,
    workers: [([Input]) throws -> [Result<CaptionResult.Described, InputFailure>]]
  ) {
    (self.inputs, self.writer, self.attention, self.workers) = (inputs, writer, attention, workers)
    self.metadata = metadata
  }

  /// - Throws: what ends the whole run: `FileError`, a model's error, the exit status of an interruption. What
  ///   was printed until then is whole.
  package consuming func run(output: ResultOutput, console: Console) throws -> RunStatus {
    var progress = ProgressBar(task: "caption", done: 0, total: inputs.count, seconds: 0)
    var failures = 0
    let start = ContinuousClock.now
    do {
      try output.write(writer.header)
      do {
        console.show(progress)
        let batches = Self.batches(inputs, workers: workers.count)
        try parallelStream(
          batches, by: workers, check: { try Interruption.check() },
          work: { describe, inputs in try describe(inputs) },
          receive: { inputs, outcomes in
            for (input, outcome) in zip(inputs, outcomes) {
              // A read that a signal broke off says nothing of its file.
              try Interruption.check()
              switch outcome {
              case .success(let described):
                if let strip = described.strip { try attention?.write(strip, for: input.path) }
                let problems = metadata?.write(described, for: input.path) ?? []
                for problem in problems { console.report(problem) }
                failures += problems.isEmpty ? 0 : 1
              case .failure(let failure):
                failures += 1
                progress.fields = [ProgressBar.Field("failed", Double(failures))]
                console.report(input.path, failure)
              }
              let entry = writer.entry(CaptionResult(path: input.path, outcome: outcome))
              try console.withoutBar { () throws(FileError) in try output.write(entry) }
              progress.done += 1
              progress.seconds = (ContinuousClock.now - start) / .seconds(1)
              console.show(progress)
            }
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
    return failures > 0 ? .someInputsFailed : .success
  }

  /// The inputs in batches, small enough that all workers have some to the end.
  static func batches(_ inputs: [Input], workers: Int) -> [[Input]] {
    inputs.chunks(ofCount: CaptionEngine.batch(of: inputs.count, workers: workers)).map { Array($0) }
  }
}
