import Compute
import Files
import Foundation
import Media
import Models
import Reports
import Tracking

/// `narrate evaluate --track`: how well things are followed through sequences whose boxes are known.
struct TrackEvaluation {
  let folder: String
  let model: URL
  let format: InfoFormat

  func run(_ running: RunOptions, _ console: Console) throws -> RunStatus {
    let sequences = try TrackSequence.all(in: GivenPath(argument: folder))
    let features = try WindowFeatures(
      CaptionModel(contentsOf: model), threads: running.threads ?? availableCores())
    var scores: [(name: String, score: TrackScore, speed: Double)] = []
    for sequence in sequences {
      let (score, seconds) = try follow(sequence, features)
      scores.append((sequence.name, score, Double(sequence.frames.count) / max(seconds, 1e-9)))
    }
    let mean = TrackScore(meanOf: scores.map(\.score))
    let text = format == .json ? json(scores, mean) : table(scores, mean)
    try ResultOutput(path: nil).write(Array(text.utf8))
    return .success
  }

  /// - Returns: the score, and the seconds without decoding
  private func follow(_ sequence: TrackSequence, _ features: WindowFeatures) throws -> (TrackScore, Double) {
    var tracker: ObjectTracker?
    var (boxes, duration): ([Box], Duration) = ([], .zero)
    let clock = ContinuousClock()
    for (index, frame) in sequence.frames.enumerated() {
      try Interruption.check()
      let image = try frame.withReadableText { path in try Picture(contentsOf: path).image }
      guard index > 0, var following = tracker else {
        guard let box = sequence.truth[0] else { preconditionFailure("a sequence begins with a box") }
        if let problem = box.problem(inWidth: image.width, height: image.height) {
          throw TrackError(path: sequence.name, reason: problem)
        }
        duration += clock.measure { tracker = ObjectTracker(features, image, box) }
        boxes.append(box)
        continue
      }
      duration += clock.measure { boxes.append(following.follow(image).box) }
      tracker = following
    }
    return (TrackScore(boxes, truth: sequence.truth), duration / .seconds(1))
  }

  private func table(_ scores: [(name: String, score: TrackScore, speed: Double)], _ mean: TrackScore)
    -> String
  {
    func line(_ name: String, _ score: TrackScore, _ speed: String) -> String {
      name.padding(toLength: 16, withPad: " ", startingAt: 0)
        + String(format: "%7.3f  %9.3f  %6d", score.success, score.precision, score.frames) + "  \(speed)\n"
    }
    return "sequence        success  precision  frames  frames/s\n"
      + scores.map { line($0.name, $0.score, String(format: "%8.1f", $0.speed)) }.joined()
      + line("mean", mean, "")
  }

  private func json(_ scores: [(name: String, score: TrackScore, speed: Double)], _ mean: TrackScore)
    -> String
  {
    func fields(_ score: TrackScore) -> [(key: String, value: JSON)] {
      [
        ("success", .rounded(score.success, places: 4)), ("precision", .rounded(score.precision, places: 4)),
        ("frames", .integer(score.frames)),
      ]
    }
    let sequences = scores.map { name, score, speed in
      JSON.object(
        [("name", .string(name))] + fields(score) + [("framesPerSecond", .rounded(speed, places: 1))])
    }
    return JSON.object(fields(mean) + [("sequences", .array(sequences))]).text + "\n"
  }
}
