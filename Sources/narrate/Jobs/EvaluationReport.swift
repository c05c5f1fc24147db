import Files
import Foundation
import Language
import Models
import Narration
import Reports
import Training

/// The scores of an evaluation, for people and for programs.
package struct EvaluationReport {
  private let evaluation: CaptionEvaluation
  private let corpus: CaptionScores
  private let images: [CaptionScores]
  private let truth: CaptionTruth
  private let imageTruths: [CaptionTruth]
  private let humans: (scores: CaptionScores, truth: CaptionTruth)?

  /// - Parameter objects: the things that captions are checked for
  package init(
    _ evaluation: CaptionEvaluation, frequencies: DocumentFrequencies?, objects: ObjectWords, human: Bool
  ) {
    self.evaluation = evaluation
    (corpus, images) = evaluation.scores(frequencies)
    (truth, imageTruths) = evaluation.truth(objects)
    let examples = evaluation.images.map(\.example)
    humans =
      human
      ? (
        CaptionScorer.leaveOneOut(CaptionEvaluation.words(examples)),
        CaptionTruth.leaveOneOut(examples.map(\.captions), table: objects)
      ) : nil
  }

  private var references: Int { evaluation.images.reduce(0) { $0 + $1.example.captions.count } }

  /// A table; with people, theirs is the second column.
  package var text: String {
    var lines = ["\(evaluation.images.count) images, \(references) references"]
    if humans != nil { lines.append(Self.row("", ["captions", "people"])) }
    let captions = Self.figures(corpus, truth)
    let people = humans.map { Self.figures($0.scores, $0.truth) }
    for (index, figure) in captions.enumerated() {
      let values = [figure.value] + (people.map { [$0[index].value] } ?? [])
      lines.append(Self.row(figure.name, values.map { $0.map { String(format: "%.4f", $0) } ?? "-" }))
    }
    return lines.joined(separator: "\n") + "\n"
  }

  /// All figures by their names; nil where there is nothing to count.
  private static func figures(_ scores: CaptionScores, _ truth: CaptionTruth) -> [(
    name: String, value: Double?
  )] {
    scores.named.map { ($0.name, $0.value) } + truth.named
  }

  private static func row(_ name: String, _ values: [String]) -> String {
    func padded(_ text: String, _ width: Int) -> String {
      String(repeating: " ", count: max(0, width - text.count)) + text
    }
    return name + padded(values.map { padded($0, 9) }.joined(), 9 * values.count + 17 - name.count)
  }

  package var json: JSON {
    let counts: [(key: String, value: JSON)] = [
      ("images", .integer(evaluation.images.count)), ("references", .integer(references)),
    ]
    let people: [(key: String, value: JSON)] =
      humans.map { [("humans", .object(Self.fields($0.scores, $0.truth)))] } ?? []
    return .object(counts + Self.fields(corpus, truth) + people)
  }

  /// One JSON object an image and line: `image_id`, `caption` and the scores.
  package var lines: [UInt8] {
    evaluation.images.indices.flatMap { index in
      let image = evaluation.images[index]
      let object = JSON.object(
        [("image_id", .string(image.example.id)), ("caption", .string(image.candidate))]
          + Self.fields(images[index], imageTruths[index]))
      return Array((object.text + "\n").utf8)
    }
  }

  private static func fields(_ scores: CaptionScores, _ truth: CaptionTruth) -> [(key: String, value: JSON)] {
    figures(scores, truth).map { ($0.name, $0.value.map { JSON.rounded($0, places: 6) } ?? .null) }
  }
}
