import Files
import Foundation
import Media
import Models
import Narration
import Reports

/// The loop of `narrate shots`: the shots of each video are found, printed and exported, whatever became of those before it.
struct ShotsJob {
  private let inputs: [Input]
  private let format: ActionFormat
  private let finder: ShotEngine
  private let spools = Spools()
  /// What is written for other programs, and where.
  var places = ExportPlaces()
  /// The folder for the pieces of the videos; nil leaves them whole.
  var pieces: GivenPath?
  var transcript: Transcript?
  /// Most chapters.
  var chapters: Int?
  /// What the times of chapters begin with.
  var origin = TimeOrigin.zero

  init(inputs: [Input], format: ActionFormat, finder: ShotEngine) {
    (self.inputs, self.format, self.finder) = (inputs, format, finder)
  }

  /// - Throws: what ends the whole run: a failed write, the exit status of an interruption. What was printed until then is whole.
  func run(output: ResultOutput, console: Console) throws -> RunStatus {
    if format == .json { try output.write(Array("[".utf8)) }
    var (failures, isFirst) = (0, true)
    let footer = format == .json ? Array("\n]\n".utf8) : []
    do {
      for input in inputs {
        defer { spools.forget(input.source) }
        try Interruption.check()
        let (object, isWhole) = try describe(input, output, console)
        if !isWhole { failures += 1 }
        let text =
          switch format {
          case .text: ""
          case .json: (isFirst ? "\n" : ",\n") + object.text
          case .jsonl: object.text + "\n"
          }
        isFirst = false
        if !text.isEmpty { try print(text, output, console) }
      }
    } catch let error where !(error is FileError) {
      try output.write(footer)
      throw error
    }
    console.finish()
    try output.write(footer)
    return failures > 0 ? .someInputsFailed : .success
  }

  private func print(_ text: String, _ output: ResultOutput, _ console: Console) throws(FileError) {
    try console.withoutBar { () throws(FileError) in try output.write(Array(text.utf8)) }
  }

  /// - Returns: the object of the JSON formats, and whether all was done.
  private func describe(_ input: Input, _ output: ResultOutput, _ console: Console) throws -> (JSON, Bool) {
    do {
      if let failure = input.failure { throw failure }
      return try spools.reading(input.source) { path in
        guard try !MediaKind(contentsOf: path).isStill else {
          throw InputFailure(kind: .unsupported, message: "a picture, not a video")
        }
        return try find(path, input.path, output, console)
      }
    } catch let error as MediaError {
      return fail(input.path, InputFailure(kind: error.kind, message: error.reason), console)
    } catch let failure as InputFailure {
      return fail(input.path, failure, console)
    }
  }

  private func fail(_ path: GivenPath, _ failure: InputFailure, _ console: Console) -> (JSON, Bool) {
    console.report(path, failure)
    return (failure.json(path: path.text), false)
  }

  private func find(_ path: String, _ name: GivenPath, _ output: ResultOutput, _ console: Console) throws -> (
    JSON, Bool
  ) {
    let video = try finder.open(path)
    var exports = VideoExports(places.kinds, of: name, duration: video.duration) { file, bytes in
      try WholeFile.write(bytes, to: places.place(file, of: name))
    }
    let start = inputs.count > 1 ? name.text.escapingControls + "\t" : ""
    let list = try finder.find(
      video, progress: console.following("shots"), frame: { try exports.look($0, $1) },
      shot: { if format == .text { try print(start + ShotReport.line($0), output, console) } })
    if list.damagedFrames > 0 { console.report("\(name.text): \(list.damagedFrames) damaged frames skipped") }
    let edits = EditList(
      list, of: name.isStandardStream ? nil : name, transcript: transcript, chapters: chapters, origin: origin
    )
    let (files, impossible) = try exports.finish(edits)
    VideoExports.tell(edits, places.kinds, impossible: impossible, name, console)
    let cut = try pieces.map { try PieceFiles(folder: $0, of: name).write(edits, from: path, console) } ?? []
    let json = ShotReport.json(
      list, path: name.text, model: finder.name, exports: files.map { places.place($0, of: name).text },
      pieces: cut)
    return (json, impossible.isEmpty)
  }
}
