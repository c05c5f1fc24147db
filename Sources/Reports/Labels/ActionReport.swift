import Files
import Foundation
import Media
import Models
import Narration

/// What is done in a video, for people and for programs.
package struct ActionReport {
  private let labeling: Labeling
  private let path: String
  private let model: String
  private let language: CaptionLanguage

  /// - Parameters:
  ///   - path: the video's, as it is told
  ///   - model: the model's name
  ///   - language: what labels are told in
  package init(_ labeling: Labeling, path: String, model: String, language: CaptionLanguage = .english) {
    (self.labeling, self.path, self.model, self.language) = (labeling, path, model, language)
  }

  /// A line a segment: path, start and end in seconds, and the labels with their probabilities, between tabs.
  /// - Parameter isNullTerminated: whether lines end with a NUL, and the path stands as it is, whatever is in it
  package func lines(of path: GivenPath, isNullTerminated: Bool = false) -> [UInt8] {
    let name = isNullTerminated ? path.bytes : String.escapingControls(path.bytes)
    return labeling.segments.flatMap { segment in
      let labels = segment.labels.map {
        "\(language.name(ofAction: $0.label)) \(Int(bounded: ($0.probability * 100).rounded()))%"
      }
      let said =
        segment.isStill
        ? language.nothingMoves
        : (segment.isConfident ? "" : language.nothingRecognized) + labels.joined(separator: ", ")
      let times = String(format: "\t%.3f\t%.3f\t", segment.start, segment.end)
      return name + Array((times + said.escapingControls + (isNullTerminated ? "\0" : "\n")).utf8)
    }
  }

  /// The object of the formats `json` and `jsonl`.
  package var json: JSON {
    .object(
      [
        ("path", .string(path)), ("status", .string("ok")),
        ("duration", .rounded(labeling.duration, places: 3)),
        ("segments", .array(labeling.segments.map(json))),
        ("damaged_frames", .integer(labeling.damagedFrames)),
        ("repeated_frames", .integer(labeling.repeatedFrames)),
        ("model", .string(model)),
      ] + (language == .english ? [] : [("language", .string(language.rawValue))]))
  }

  private func json(_ segment: Labeling.Segment) -> JSON {
    let labels = segment.labels.map { label in
      JSON.object(
        [
          ("label", .string(language.name(ofAction: label.label))),
          ("probability", .rounded(label.probability, places: 4)),
          ("confident", .boolean(label.isConfident)),
        ] + (language == .english ? [] : [("english", .string(label.label))]))
    }
    let attention = segment.attention.map { moment in
      JSON.object([
        ("time", .rounded(moment.time, places: 3)), ("weight", .rounded(moment.weight, places: 4)),
      ])
    }
    return .object([
      ("start", .rounded(segment.start, places: 3)), ("end", .rounded(segment.end, places: 3)),
      ("labels", .array(labels)), ("confident", .boolean(segment.isConfident)),
      ("still", .boolean(segment.isStill)), ("attention", .array(attention)),
    ])
  }
}

/// Results of several videos as ActivityNet's challenge takes them (Caba Heilbron et al. 2015):
/// `{"version", "results": {VIDEO: [{"label", "score", "segment": [start, end]}]}, "external_data"}`; what is uncertain is left out.
package struct ActivityNetResults {
  private var results: [(key: String, value: JSON)] = []

  package init() {}

  /// - Parameter video: its name, without a suffix
  package mutating func append(_ labeling: Labeling, video: String) {
    let intervals = labeling.intervals.map { interval in
      JSON.object([
        ("label", .string(interval.label)), ("score", .rounded(interval.probability, places: 4)),
        ("segment", .array([.rounded(interval.start, places: 3), .rounded(interval.end, places: 3)])),
      ])
    }
    results.append((video, .array(intervals)))
  }

  package var json: JSON {
    .object([
      ("version", .string("VERSION 1.3")), ("results", .object(results)), ("external_data", .object([])),
    ])
  }
}
