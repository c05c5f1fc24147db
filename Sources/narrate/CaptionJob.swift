import Files
import Logging
import Narration
import Training

/// The loop of `narrate caption`: each input is described, printed and counted, in order, whatever became of
/// those before it.
package struct CaptionJob {
  package var inputs: [Input]
  package var writer: CaptionWriter
  /// Makes the captions of one picture.
  package var describe: (Input) throws -> CaptionResult.Described

  package init(
    inputs: [Input], writer: CaptionWriter, describe: @escaping (Input) throws -> CaptionResult.Described
  ) {
    self.inputs = inputs
    self.writer = writer
    self.describe = describe
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
        for input in inputs {
          try Interruption.check()
          console.show(progress)
          let result = try result(for: input)
          // A read that a signal broke off says nothing of its file.
          try Interruption.check()
          if case .failure(let failure) = result.outcome {
            failures += 1
            progress.fields = [ProgressBar.Field("failed", Double(failures))]
            console.report(input.path, failure)
          }
          let entry = writer.entry(result)
          try console.withoutBar { () throws(FileError) in try output.write(entry) }
          progress.done += 1
          progress.seconds = (ContinuousClock.now - start) / .seconds(1)
        }
      } catch let error where !(error is FileError) {
        try output.write(writer.footer)
        throw error
      }
      console.show(progress)
      console.finish()
      try output.write(writer.footer)
      try output.commit()
    } catch let error as FileError where error.isReaderGone {
      // `head` has enough, and nobody is there to be told.
    }
    return failures > 0 ? .someInputsFailed : .success
  }

  private func result(for input: Input) throws -> CaptionResult {
    if let failure = input.failure { return CaptionResult(path: input.path, outcome: .failure(failure)) }
    do {
      return CaptionResult(path: input.path, outcome: .success(try describe(input)))
    } catch let failure as InputFailure {
      return CaptionResult(path: input.path, outcome: .failure(failure))
    }
  }
}
