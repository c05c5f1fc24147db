import Foundation
import Models

/// What is known of a caption and its picture without knowing what is in it: what the confidence is made of.
package struct CaptionStatistics: Sendable {
  /// Captions of the beam that are compared.
  package static let compared = 3

  /// Principal components that count one by one: what pictures are about, roughly.
  private static let topics = 8

  /// The decoder's, of which each caption has its own.
  package static let ofCaption = [
    "mean log-probability", "least log-probability", "mean probability", "log-probability of the end",
    "words", "attention entropy", "attention peak", "expected similarity", "telling words", "rarity",
    "expected use", "things seen", "things unseen", "doubt of sexes", "unsupported colors",
    "detected similarity", "margin", "agreement",
  ]
  /// The encoder's and the classifier's.
  package static let ofPicture = [
    "feature norm", "class logit", "class energy", "class probability", "class entropy", "distance",
    "residual",
  ]

  /// The names of all statistics, in order.
  /// - Parameter components: principal components of the features, of which the first count one by one
  package static func names(components: Int) -> [String] {
    ofCaption + ofPicture + (0..<min(components, topics)).map { "component \($0)" }
  }

  /// Statistics of the first captions of a beam.
  /// - Parameter captions: best first, at least one
  /// - Returns: for each the values of `ofCaption`; those that compare are NaN where there is nothing to compare with.
  package static func ofCaptions(_ captions: [Caption]) -> [[Double]] {
    let beam = captions.prefix(compared).map { (words: Set($0.words.map(\.text)), score: score($0)) }
    return captions.enumerated().map { index, caption in
      let own = ofWords(caption)
      let words = Set(caption.words.map(\.text))
      let others = beam.indices.filter { $0 != index }
      guard let best = others.map({ beam[$0].score }).max() else { return own + [.nan, .nan] }
      let agreement = others.reduce(0.0) { sum, other in
        let shared = Double(words.intersection(beam[other].words).count)
        return sum + 2 * shared / Double(max(1, words.count + beam[other].words.count))
      }
      return own + [score(caption) - best, agreement / Double(others.count)]
    }
  }

  /// Those that need no other caption.
  private static func ofWords(_ caption: Caption) -> [Double] {
    let logs = caption.words.map { log(max($0.probability, 1e-12)) }
    let count = Double(max(1, logs.count))
    let end = caption.logProbability - logs.reduce(0, +)
    let probability = caption.words.reduce(0.0) { $0 + $1.probability } / count
    let spread = caption.words.reduce(0.0) { $0 + entropy($1.attention) } / count
    let peak = caption.words.reduce(0.0) { $0 + Double($1.attention.max() ?? 0) } / count
    let outlook = caption.outlook.map { [Double($0.similarity), Double($0.tellingWords), $0.rarity, $0.use] }
    let support = caption.support.map {
      [$0.seen, $0.unseen, $0.wrongSex, $0.unsupportedColors, $0.similarity].map { Double($0) }
    }
    return [
      caption.logProbability / (count + 1), min(logs.min() ?? 0, end), probability, end, count, spread, peak,
    ] + (outlook ?? [.nan, .nan, .nan, .nan]) + (support ?? [.nan, .nan, .nan, .nan, .nan])
  }

  private static func score(_ caption: Caption) -> Double {
    caption.logProbability / pow(Double(caption.words.count + 1), 0.7)
  }

  /// Statistics of a picture.
  /// - Parameters:
  ///   - mean: [channels], the mean of its grids
  ///   - logits: of the classes; nil where the model knows none, and what they would say is not known
  /// - Returns: the values of `ofPicture`, and the components
  package static func ofPicture(mean: [Float], logits: [Float]?, _ space: FeatureSpace) -> [Double] {
    let classes = logits.map(ofClasses) ?? [.nan, .nan, .nan, .nan]
    let position = space.position(of: mean)
    let norm = mean.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
    return [norm] + classes + [position.distance, position.residual] + position.components.prefix(topics)
  }

  private static func ofClasses(_ logits: [Float]) -> [Double] {
    let peak = Double(logits.max() ?? 0)
    let shares = logits.map { exp(Double($0) - peak) }
    let sum = shares.reduce(0, +)
    let entropy = shares.reduce(0.0) { total, share in
      share > 0 ? total - share / sum * log(share / sum) : total
    }
    return [peak, peak + log(sum), 1 / sum, entropy]
  }

  private static func entropy(_ weights: [Float]) -> Double {
    weights.reduce(0.0) { sum, weight in
      weight > 0 ? sum - Double(weight) * log(Double(weight)) : sum
    }
  }
}
