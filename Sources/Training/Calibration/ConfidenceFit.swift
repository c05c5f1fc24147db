import Foundation
import Models
import Narration

/// Fits the probability that a caption is right, as the product of two: that its picture is like photographs, not like drawn
/// pictures; and that the caption of a photograph is right. Each is a ridge regression on the statistics, whose result Platt's
/// scaling turns into a probability.
package struct ConfidenceFit {
  /// A caption of known quality.
  package struct Observation: Sendable {
    /// In the order of the names; NaN is not known.
    package var statistics: [Double]
    /// CIDEr-D by people's.
    package let quality: Double
    /// The data set; negative for a kind of drawn pictures.
    package let source: Int
    /// Observations whose parts are the same modulo `folds` are foretold by a fit to the others.
    package let part: Int

    package init(statistics: [Double], quality: Double, source: Int, part: Int) {
      (self.statistics, self.quality, self.source, self.part) = (statistics, quality, source, part)
    }
  }

  package static let folds = 5
  /// Of the regression, in examples.
  private static let penalty = 150.0
  /// Captions better than this are no better: CIDEr has a long tail.
  private static let bestQuality = 2.0
  /// What all drawn pictures weigh together, beside all photographs.
  private static let drawnShare = 1.0
  /// Of the regression that tells photographs from drawn pictures, in examples.
  private static let familiarityPenalty = 30.0
  /// The logit of what is certain.
  private static let surely = 20.0

  private let observations: [Observation]
  private let names: [String]
  private let level: Double
  /// [statistics]
  private let means, scales: [Double]
  /// [observations][statistics]
  private let rows: [[Double]]

  /// - Parameters:
  ///   - observations: at least one of a photograph
  ///   - names: of the statistics
  ///   - level: the quality from which on a caption is right
  package init(_ observations: [Observation], names: [String], level: Double) {
    precondition(observations.allSatisfy { $0.statistics.count == names.count })
    (self.observations, self.names, self.level) = (observations, names, level)
    // Those of photographs: what is drawn may lie anywhere.
    let photographs = observations.filter { $0.source >= 0 }
    precondition(!photographs.isEmpty)
    let columns = names.indices.map { column in
      photographs.map { $0.statistics[column] }.filter { !$0.isNaN }
    }
    let means = columns.map { $0.reduce(0, +) / Double(max(1, $0.count)) }
    let scales = zip(columns, means).map { column, mean in
      let variance = column.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(max(1, column.count))
      return max(variance.squareRoot(), 1e-9)
    }
    (self.means, self.scales) = (means, scales)
    rows = observations.map { observation in
      observation.statistics.enumerated().map { column, value in
        value.isNaN
          ? 0 : ConfidenceFile.Term.standardized(value, mean: means[column], scale: scales[column])
      }
    }
  }

  /// The weight of each statistic in standard deviations, and the bias, in logits.
  private typealias Line = (weights: [Double], bias: Double)

  private func line(
    _ chosen: [Int], targets: [Double], weights: [Double], penalty: Double, probabilities: [Double]
  ) -> Line {
    let rows = chosen.map { self.rows[$0] }
    let line = LinearFit.ridge(rows, targets: targets, weights: weights, penalty: penalty)
    let scores = rows.map { Self.score($0, line) }
    let (offset, slope) = LinearFit.logistic(scores, targets: probabilities, weights: weights)
    return (line.weights.map { slope * $0 }, offset + slope * line.bias)
  }

  private func fit(_ chosen: [Int]) -> (right: Line, familiar: Line) {
    let photographs = chosen.filter { observations[$0].source >= 0 }
    let qualities = photographs.map { observations[$0].quality }
    let right = line(
      photographs, targets: qualities.map { min($0, Self.bestQuality) },
      weights: qualities.map { _ in 1 }, penalty: Self.penalty,
      probabilities: qualities.map { $0 >= level ? 1 : 0 })
    let drawn = chosen.count - photographs.count
    // Without drawn pictures every picture is familiar.
    guard drawn > 0 else { return (right, (means.map { _ in 0 }, Self.surely)) }
    let share = Self.drawnShare * Double(photographs.count) / Double(drawn)
    let isPhotograph = chosen.map { observations[$0].source >= 0 }
    let familiar = line(
      chosen, targets: isPhotograph.map { $0 ? 1 : 0 }, weights: isPhotograph.map { $0 ? 1 : share },
      penalty: Self.familiarityPenalty, probabilities: isPhotograph.map { $0 ? 0.995 : 0.01 })
    return (right, familiar)
  }

  private static func score(_ row: [Double], _ line: Line) -> Double {
    zip(row, line.weights).reduce(line.bias) { $0 + $1.0 * $1.1 }
  }

  private static func probability(_ row: [Double], _ line: (right: Line, familiar: Line)) -> Double {
    1 / ((1 + exp(-score(row, line.right))) * (1 + exp(-score(row, line.familiar))))
  }

  /// Each observation's confidence by a fit to the other parts.
  package func crossValidated() -> [Double] {
    var foretold = [Double](repeating: 0, count: observations.count)
    for fold in 0..<Self.folds {
      let held = observations.indices.filter { observations[$0].part % Self.folds == fold }
      let others = observations.indices.filter { observations[$0].part % Self.folds != fold }
      guard !held.isEmpty, !others.isEmpty else { continue }
      let line = fit(others)
      for index in held { foretold[index] = Self.probability(rows[index], line) }
    }
    return foretold
  }

  /// The fit to all observations.
  package func file(weights digest: String, reranker: String?, threshold: Double) -> ConfidenceFile {
    let line = fit(Array(observations.indices))
    return ConfidenceFile(
      weights: digest, reranker: reranker, level: level, threshold: threshold, bias: line.right.bias,
      familiarityBias: line.familiar.bias,
      terms: names.indices.map {
        ConfidenceFile.Term(
          name: names[$0], mean: means[$0], scale: scales[$0], weight: line.right.weights[$0],
          familiarity: line.familiar.weights[$0])
      })
  }
}
