import Files
import Foundation
import Media
import Models
import Narration
import Reports

/// How long it takes to decode a video, to find its shots, to label and to summarize it, against its own length.
struct VideoBenchmark {
  let path: String
  /// A labelling model's folder.
  let labels: URL
  /// A captioning model's folder.
  let captions: URL
  /// A shot model's folder.
  let shots: URL
  let threads: Int

  /// Medians over the rounds, all by turns.
  func run(rounds: Int, _ format: InfoFormat) throws -> String {
    let labeler = try ActionEngine(model: labels, threads: threads)
    let summarizer = try SummaryEngine(captioner: captions, shots: shots, threads: threads)
    var (decoding, finding, labelling, summarizing) = ([Double](), [Double](), [Double](), [Double]())
    var window: [Double] = []
    var (length, frames, transitions) = (0.0, 0, 0)
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
      finding.append(try seconds { transitions = try summarizer.shots.transitions(contentsOf: path).count })
      window.append(seconds { labeler.encodeBlankWindow() })
      labelling.append(try seconds { length = try labeler.label(contentsOf: path).duration })
      summarizing.append(
        try seconds {
          _ = try summarizer.summarize(summarizer.open(path)) { image, _ in _ = try image.jpegData() }
        })
    }
    let rows = [
      ("decode", decoding), ("shots", finding), ("label", labelling), ("summarize", summarizing),
    ].map { ($0.0, $0.1.sorted()[$0.1.count / 2]) }
    let windowMedian = window.sorted()[window.count / 2]
    if format == .json {
      let fields = rows.flatMap { name, median in
        [
          (key: "\(name)_seconds", value: JSON.rounded(median, places: 4)),
          (key: "\(name)_times_real_time", value: JSON.rounded(length / median, places: 2)),
        ]
      }
      return JSON.object(
        [
          ("seconds", .rounded(length, places: 3)), ("frames", .integer(frames)),
          ("transitions", .integer(transitions)),
          ("label_window_seconds", .rounded(windowMedian, places: 4)),
        ] + fields
      )
      .text + "\n"
    }
    let head = String(
      format: "%.3f s, %d frames, medians of %d rounds; one window of the labeller's network %.3f s\n",
      length,
      frames, rounds, windowMedian)
    return head
      + rows.map { name, median in
        String(
          format: "%@ %8.3f s %8.1f times real time\n",
          name.padding(toLength: 9, withPad: " ", startingAt: 0), median, length / median)
      }.joined()
  }

  private func seconds(_ body: () throws -> Void) rethrows -> Double {
    let start = ContinuousClock.now
    try body()
    return (ContinuousClock.now - start) / .seconds(1)
  }
}
