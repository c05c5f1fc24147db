import Foundation
import Models
import Narration

/// What a confidence is worth, by cross-validation.
package struct ConfidenceReport {
  let observations: [ConfidenceFit.Observation]
  /// [observations]
  let confidences: [Double]
  /// Names of the data sets.
  let sets: [String]
  let level: Double
  package let threshold: Double

  package init(
    observations: [ConfidenceFit.Observation], confidences: [Double], sets: [String], level: Double,
    threshold: Double
  ) {
    (self.observations, self.confidences, self.sets) = (observations, confidences, sets)
    (self.level, self.threshold) = (level, threshold)
  }

  /// The confidence below which fewer than one caption in four is right.
  /// - Parameter captions: the confidence of each, and whether it is right
  package static func threshold(_ captions: [(confidence: Double, isRight: Bool)]) -> Double {
    let sorted = captions.sorted { $0.confidence < $1.confidence }
    var (right, found) = (0, 0.25)
    for (index, caption) in sorted.enumerated() {
      right += caption.isRight ? 1 : 0
      // A few captions say nothing of a share.
      if index >= 19, 4 * right < index + 1 { found = caption.confidence }
    }
    // Where none is right all are unsure, as little as they are believed.
    return min(0.5, max(0.01, (found * 100).rounded() / 100))
  }

  /// Spearman's correlation of confidence and CIDEr-D, of each data set.
  package var correlations: [Double] {
    sets.indices.map { set in
      let those = of(set)
      return rankCorrelation(those.map { confidences[$0] }, those.map { observations[$0].quality })
    }
  }

  /// Captions of about the same confidence.
  package struct Bin: Sendable, Equatable {
    package let captions: Int
    /// The mean.
    package let confidence: Double
    /// The share that is right.
    package let right: Double

    package init(captions: Int, confidence: Double, right: Double) {
      (self.captions, self.confidence, self.right) = (captions, confidence, right)
    }
  }

  /// The captions of the data sets by tenths of confidence.
  package var bins: [Bin] {
    (0..<10).map { bin in
      let those = observations.indices.filter {
        observations[$0].source >= 0 && min(9, Int(confidences[$0] * 10)) == bin
      }
      let mean = those.reduce(0) { $0 + confidences[$1] } / Double(max(1, those.count))
      return Bin(captions: those.count, confidence: mean, right: share(those, isRight))
    }
  }

  private func of(_ source: Int) -> [Int] {
    observations.indices.filter { observations[$0].source == source }
  }

  private func isRight(_ index: Int) -> Bool { observations[index].quality >= level }

  private func share(_ those: [Int], _ holds: (Int) -> Bool) -> Double {
    Double(those.count(where: holds)) / Double(max(1, those.count))
  }

  /// Tables: the data sets, the reliability of the confidence, the drawn pictures.
  package var text: String {
    var lines = ["set\tcaptions\trank correlation\tright\tunsure\tright if unsure"]
    for (set, correlation) in correlations.enumerated() {
      let those = of(set)
      let unsure = those.filter { confidences[$0] < threshold }
      lines.append(
        sets[set]
          + String(
            format: "\t%d\t%@\t%.3f\t%.3f\t%.3f", those.count,
            correlation.isNaN ? "-" : String(format: "%.3f", correlation), share(those, isRight),
            Double(unsure.count) / Double(max(1, those.count)), share(unsure, isRight)))
    }
    lines += ["", "confidence\tcaptions\tmean confidence\tright"]
    for (index, bin) in bins.enumerated() {
      lines.append(
        String(
          format: "%.1f\t%d\t%.3f\t%.3f", Double(index) / 10, bin.captions, bin.confidence, bin.right))
    }
    lines += ["", "drawn, kind held out\tpictures\tmean confidence\tunsure"]
    for (number, kind) in SyntheticPictures.Kind.allCases.enumerated() {
      let those = of(-1 - number)
      guard !those.isEmpty else { continue }
      let mean = those.reduce(0) { $0 + confidences[$1] } / Double(those.count)
      lines.append(
        kind.rawValue
          + String(
            format: "\t%d\t%.3f\t%.3f", those.count, mean, share(those) { confidences[$0] < threshold }))
    }
    lines += ["", String(format: "unsure below\t%.2f", threshold), ""]
    return lines.joined(separator: "\n")
  }
}
