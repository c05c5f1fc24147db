import ArgumentParser
import Files

/// Of the commands that look at many files: lines as inputs, and parts of all inputs.
struct ManyOptions: ParsableArguments {
  @Flag(
    help: ArgumentHelp(
      "Inputs are lines of standard input, each a path or a JSON object with an \"id\", and a \"path\" or the file's bytes in "
        + "base64 as \"data\". Each gets a line of JSON at once, in order."))
  var stdin = false

  @Option(
    help: ArgumentHelp(
      "One of N equal parts of all inputs, from 1/N to N/N, chosen by the files' bytes.", valueName: "i/n"))
  var shard: Shard?

  /// - Throws: `ValidationError`
  func check(paths: [String], recursive: Bool) throws {
    guard stdin else { return }
    guard paths.isEmpty, !recursive else {
      throw ValidationError("--stdin goes without paths: they come as lines.")
    }
    if shard != nil { throw ValidationError("--stdin goes without --shard.") }
  }
}

/// Of a run over files that goes on where another one ended.
struct ResumeOptions: ParsableArguments {
  @Flag(
    help: ArgumentHelp(
      "Add to --output, of JSON Lines, what is not in it yet. Files are known by their contents, wherever they are and whatever they are "
        + "called; each content is described once."))
  var resume = false

  @Flag(help: "With --resume: try failed files again.")
  var retryFailed = false

  @Flag(help: "Say which files would be described, and write nothing.")
  var dryRun = false

  /// - Throws: `ValidationError`
  func check(stdin: Bool, output: String?) throws {
    if retryFailed, !resume { throw ValidationError("--retry-failed goes with --resume.") }
    if stdin, resume || dryRun { throw ValidationError("--stdin goes without --resume and --dry-run.") }
    guard !resume || output.map({ !GivenPath(argument: $0).isStandardStream }) ?? false else {
      throw ValidationError("--resume goes with --output FILE.")
    }
  }
}
