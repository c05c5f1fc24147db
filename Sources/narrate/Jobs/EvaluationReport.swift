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
  private let humans: CaptionScores?

  package init(_ evaluation: CaptionEvaluation, frequencies: DocumentFrequencies?, human: Bool) {
    self.evaluation = evaluation
    (corpus, images) = evaluation.scores(frequencies)
    let examples = evaluation.images.map(\.example)
    humans = human ? CaptionScorer.leaveOneOut(CaptionEvaluation.words(examples)) : nil
  }

  private var references: Int { evaluation.images.reduce(0) { $0 + $1.example.captions.count } }

  /// A table; with people, theirs is the second column.
  package var text: String {
    var lines = ["\(evaluation.images.count) images, \(references) references"]
    if humans != nil { lines.append(Self.row("", ["captions", "people"])) }
    for (index, score) in corpus.named.enumerated() {
      let values = [score.value] + (humans.map { [$0.named[index].value] } ?? [])
      lines.append(Self.row(score.name, values.map { String(format: "%.4f", $0) }))
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private static func row(_ name: String, _ values: [String]) -> String {
    func padded(_ text: String, _ width: Int) -> String {
      String(repeating: " ", count: max(0, width - text.count)) + text
    }
    return name + padded(values.map { padded($0, 9) }.joined(), 9 * values.count + 15 - name.count)
  }

  package var json: JSON {
    let counts: [(key: String, value: JSON)] = [
      ("images", .integer(evaluation.images.count)), ("references", .integer(references)),
    ]
    let people: [(key: String, value: JSON)] = humans.map { [("humans", .object(Self.fields($0)))] } ?? []
    return .object(counts + Self.fields(corpus) + people)
  }

  /// One JSON object an image and line: `image_id`, `caption` and the scores.
  package var lines: [UInt8] {
    zip(evaluation.images, images).flatMap { image, scores in
      let object = JSON.object(
        [("image_id", .string(image.example.id)), ("caption", .string(image.candidate))] + Self.fields(scores)
      )
      return Array((object.text + "\n").utf8)
    }
  }

  private static func fields(_ scores: CaptionScores) -> [(key: String, value: JSON)] {
    scores.named.map { ($0.name, JSON.rounded($0.value, places: 6)) }
  }
}
