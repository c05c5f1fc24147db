import Foundation
import Media
import Narration

/// How long it takes to decode a video, and to label it, against its own length.
struct VideoBenchmark {
  let path: String
  let model: URL
  let threads: Int

  /// Medians over the rounds, the two by turns.
  func run(rounds: Int, _ format: InfoFormat) throws -> String {
    let labeler = try ActionLabeler(model: model, threads: threads)
    var (decoding, labelling, length, frames) = ([Double](), [Double](), 0.0, 0)
    for _ in 0..<rounds {
      try Interruption.check()
      decoding.append(
        try seconds {
          var options = VideoOptions()
          options.threads = threads
          let video = try VideoFile(contentsOf: path, options: options)
          frames = 0
          while try video.advance() != nil { frames += 1 }
        })
      labelling.append(try seconds { length = try labeler.label(contentsOf: path).duration })
    }
    let rows = [("decode", decoding), ("label", labelling)].map { ($0.0, $0.1.sorted()[$0.1.count / 2]) }
    if format == .json {
      let fields = rows.flatMap { name, median in
        [
          (key: "\(name)_seconds", value: JSON.rounded(median, places: 4)),
          (key: "\(name)_times_real_time", value: JSON.rounded(length / median, places: 2)),
        ]
      }
      return JSON.object([("seconds", .rounded(length, places: 3)), ("frames", .integer(frames))] + fields)
        .text + "\n"
    }
    let head = String(format: "%.3f s, %d frames, medians of %d rounds\n", length, frames, rounds)
    return head
      + rows.map { name, median in
        String(
          format: "%@ %8.3f s %8.1f times real time\n",
          name.padding(toLength: 7, withPad: " ", startingAt: 0), median, length / median)
      }.joined()
  }

  private func seconds(_ body: () throws -> Void) rethrows -> Double {
    let start = ContinuousClock.now
    try body()
    return (ContinuousClock.now - start) / .seconds(1)
  }
}
