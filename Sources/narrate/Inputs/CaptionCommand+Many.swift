import ArgumentParser
import Compute
import Files
import Models
import Narration
import Reports

/// Runs over so many files that they are looked at one after another.
extension CaptionCommand {
  /// Says which files there are to caption.
  func rehearse(_ console: Console) throws -> RunStatus {
    let (tally, source) = (RunTally(isDry: true), try inputs(done: done(), console))
    while let batch = try source.next({ true }) {
      try Interruption.check()
      tally.passed += batch.passed
      for input in batch.inputs {
        if let failure = input.failure {
          tally.count(Result<Void, InputFailure>.failure(failure))
          console.report(input.path, failure)
          continue
        }
        tally.count(Result<Void, InputFailure>.success(()))
        let name = null ? input.path.bytes : String.escapingControls(input.path.bytes)
        try writeAll(name + [null ? 0 : UInt8(ascii: "\n")], to: .standardOutput, name: "standard output")
      }
    }
    tally.tell(console)
    return tally.status
  }

  /// What was done by runs before; nothing without `--resume`.
  private func done() throws -> DoneContents {
    guard resuming.resume, let output else { return DoneContents() }
    var done = try DoneContents(reading: GivenPath(argument: output))
    if resuming.retryFailed { done.forgetFailures() }
    return done
  }

  private func inputs(done: DoneContents, _ console: Console) throws -> any InputSource {
    let named = paths.map(GivenPath.init(argument:))
    guard resuming.resume else {
      let inputs = console.find(named, recursive: recursive, .picturesAndVideos)
      return ListedInputs(many.shard?.part(of: inputs, threads: threads) ?? inputs, batch: 1)
    }
    return ResumedInputs(
      FoundPaths(named, recursive: recursive), done: done, shard: many.shard, batch: CaptionEngine.batch,
      threads: threads)
  }

  /// Captions what a file of results has not yet.
  func resume(to place: GivenPath, _ console: Console) throws -> RunStatus {
    let found = Result { try model.folder(kind: .caption) }
    let named = paths.map(GivenPath.init(argument:))
    var outputs = Outputs()
    outputs.add(file: place, "--output")
    let files = FoundPaths(named, recursive: recursive)
    let beside = metadata.files
    if let beside {
      outputs.add(beside: (0..<files.count).map { beside.places(of: files[$0].path) }, "--sidecar or --txt")
    }
    try outputs.check(reading: named.filter { !$0.location.isFolder }, models: found.model)
    let lines = try LineFile(place)
    let done = try DoneContents(lines, place, retriesFailed: resuming.retryFailed)
    let folder = try found.get()
    let pool = try PictureDescriber.pool(
      model: folder, threads: threads, count: files.count, settings(drawsAttention: false))
    let source = ResumedInputs(
      files, done: done, shard: many.shard,
      batch: CaptionEngine.batch(of: files.count, workers: pool.count), threads: threads)
    let tally = RunTally()
    let job = CaptionJob(
      source: source,
      writer: CaptionWriter(format, showsPaths: true, showsTimes: every != nil, origin: times),
      metadata: beside, tally: tally, workers: pool.map { $0.describe })
    // Also of a run that is broken off.
    defer {
      console.finish()
      tally.tell(console)
    }
    let status = try job.run(output: ResultOutput(lines: lines), console: console)
    guard tally.isEmpty, !files.folders.isEmpty else { return status }
    let reason = "no \(Inputs.Wanted.picturesAndVideos.rawValue) in this folder"
    for folder in files.folders { console.report(folder, InputFailure(kind: .empty, message: reason)) }
    return .someInputsFailed
  }

  /// Captions what lines of standard input ask for.
  func answer(_ console: Console) throws -> RunStatus {
    let found = Result { try model.folder(kind: .caption) }
    let place = output.map(GivenPath.init(argument:))
    var outputs = Outputs()
    outputs.add(file: place, "--output")
    try outputs.check(reading: [GivenPath("-")], models: found.model)
    let output = try ResultOutput(path: place)
    let pool = try PictureDescriber.pool(
      model: try found.get(), threads: threads, count: threads, settings(drawsAttention: false))
    let job = CaptionJob(
      source: RequestedInputs(RequestLines(), batch: CaptionEngine.batch),
      writer: CaptionWriter(format, showsPaths: true, showsTimes: every != nil, origin: times),
      workers: pool.map { $0.describe })
    return try job.run(output: output, console: console)
  }

  /// What these ways of working take of the other options.
  func checkMany() throws {
    try many.check(paths: paths, recursive: recursive)
    try resuming.check(stdin: many.stdin, output: output)
    guard resuming.resume || many.stdin else { return }
    let option = many.stdin ? "--stdin" : "--resume"
    guard format == .jsonl else { throw ValidationError("\(option) writes --format jsonl.") }
    guard !many.stdin || metadata.files == nil else {
      throw ValidationError("--stdin goes without --sidecar and --txt.")
    }
    guard attention == nil else { throw ValidationError("\(option) goes without --attention.") }
  }

  var threads: Int { running.threads ?? availableCores() }
}
