import ArgumentParser
import Files
import Foundation
import Media
import Models
import Reports
import Tracking

/// The work of `narrate track`: boxes through one video.
struct TrackJob {
  let video: GivenPath
  let boxes: [Box]
  /// Empty, or one for each box.
  let names: [String]
  /// Seconds from the video's beginning; nil is its first frame.
  let start: Double?
  let format: TrackFormat
  let threads: Int
  let model: URL

  /// - Throws: what ends the run; a box that cannot be followed is a `ValidationError`.
  func run(output: ResultOutput, console: Console) throws -> RunStatus {
    do {
      try Spools().reading(video) { path in
        guard try !MediaKind(contentsOf: path).isStill else {
          throw InputFailure(kind: .unsupported, message: "a picture, not a video")
        }
        try follow(path, output, console)
      }
    } catch let error as MediaError {
      console.report(video, InputFailure(kind: error.kind, message: error.reason))
      return .someInputsFailed
    } catch let failure as InputFailure {
      console.report(video, failure)
      return .someInputsFailed
    }
    console.finish()
    try output.commit()
    return .success
  }

  private func follow(_ path: String, _ output: ResultOutput, _ console: Console) throws {
    var options = VideoOptions()
    options.threads = threads
    let stream = FrameStream(
      try VideoFile(contentsOf: path, options: options), progress: console.following("frames"))
    let origin = try stream.first()
    var (frame, time) = (0, origin)
    while let start, time - origin < start {
      guard stream.currentEnd - origin <= start, let next = try stream.next() else { break }
      (frame, time) = (frame + 1, next)
    }
    if let start, stream.currentEnd - origin <= start, start > time - origin {
      let end = String(format: "%.3f", stream.end - origin)
      throw ValidationError("--at: the video has no frame at \(start) s: it ends at \(end) s")
    }
    let first = try stream.image()
    for box in boxes {
      if let problem = box.problem(inWidth: first.width, height: first.height) {
        throw ValidationError("--box: \(problem)")
      }
    }
    let features = try WindowFeatures(CaptionModel(contentsOf: model), threads: threads)
    var things = boxes.enumerated().map { number, box in
      Thing(
        number: number, name: names.isEmpty ? (boxes.count > 1 ? String(number + 1) : nil) : names[number],
        tracker: ObjectTracker(features, first, box), last: TrackedBox(box: box, confidence: 1, isLost: false)
      )
    }
    var image = first
    while true {
      try Interruption.check()
      for index in things.indices { try tell(&things[index], frame, time, output, console) }
      guard let next = try stream.next() else { break }
      (frame, time) = (frame + 1, next)
      image = try stream.image()
      // Boxes are in the pixels of the frame that they were given in.
      if image.width != first.width || image.height != first.height {
        image = image.resized(width: first.width, height: first.height)
      }
      for index in things.indices {
        let wasLost = things[index].last.isLost
        things[index].last = things[index].tracker.follow(image)
        things[index].note(frame, wasLost: wasLost, video, console)
      }
    }
    if format == .json { try output.write(Array((json(things, first) + "\n").utf8)) }
  }

  private func tell(
    _ thing: inout Thing, _ frame: Int, _ time: Double, _ output: ResultOutput, _ console: Console
  ) throws {
    if format == .json { thing.frames.append(TrackFormat.json(frame, time: time, thing.last)) }
    guard let line = format.line(frame, time: time, thing.number, thing.name, thing.last) else { return }
    try console.withoutBar { try output.write(Array(line.utf8)) }
  }

  private func json(_ things: [Thing], _ first: Image) -> String {
    JSON.object([
      ("path", .string(video.text)), ("status", .string("ok")), ("model", .string(model.lastPathComponent)),
      ("width", .integer(first.width)), ("height", .integer(first.height)),
      (
        "things",
        .array(
          things.map { thing in
            .object([("name", .string(thing.name ?? "1")), ("frames", .array(thing.frames))])
          })
      ),
    ]).text
  }
}

/// Something that is followed.
private struct Thing {
  let number: Int
  let name: String?
  var tracker: ObjectTracker
  var last: TrackedBox
  /// For JSON.
  var frames: [JSON] = []

  /// Says when it is lost, and when it is found again.
  func note(_ frame: Int, wasLost: Bool, _ video: GivenPath, _ console: Console) {
    guard last.isLost != wasLost else { return }
    let state = last.isLost ? "lost" : "found again"
    console.report("\(video.text): \(name.map { $0 + " " } ?? "")\(state) at frame \(frame)")
  }
}
