import Foundation
import Language
import Networks
import Tensors

/// Says of each concept how probable it is that a person who describes a picture names it: a classifier of each cell of the
/// encoder's grid, its logits pooled over the cells (Fang et al. 2015, "From Captions to Visual Concepts and Back").
package struct WordDetector: Learned {
  /// [units, channels], before ReLU
  package var projection: Linear
  /// [concepts, units]
  package var output: Linear
  /// What people of a data set name more often than others: [styles, concepts], added to the pooled logits.
  package var style: Tensor

  /// - Parameter priors: [styles][concepts], how often each is named; where the logits begin
  package init(channels: Int, units: Int, priors: [[Float]], using random: inout RandomGenerator?) {
    let concepts = priors[0].count
    projection = Linear(inputs: channels, outputs: units, using: &random)
    output = Linear(inputs: units, outputs: concepts, using: &random)
    output.bias.fill(0)
    style = Tensor(
      shape: [priors.count, concepts],
      values: priors.joined().map { prior in
        let share = min(max(prior, 1e-4), 1 - 1e-4)
        return log(share / (1 - share))
      })
  }

  /// Weights read from a file, under the prefix `detector`.
  package init(
    channels: Int, units: Int, concepts: Int, styles: Int, from file: SafetensorsFile
  ) throws(SafetensorsError) {
    let source = WeightSource(file, "detector")
    projection = try source.linear("projection", units, channels)
    output = try source.linear("output", concepts, units)
    style = try source.tensor("style", [styles, concepts])
  }

  package var concepts: Int { output.outputs }
  package var units: Int { projection.outputs }
  package var styles: Int { style.shape[0] }

  package var parameters: [Parameter<WordDetector>] {
    projection.parameters(of: "projection", at: \WordDetector.projection)
      + output.parameters(of: "output", at: \WordDetector.output) + [Parameter("style", \.style)]
  }
}

/// One forward and backward pass over the grids of a few pictures.
package struct WordDetectorPass {
  private let detector: WordDetector
  private let features: Rows
  private let images: Int
  private let positions: Int
  private let styles: [Int]
  private let dropouts: (features: Float, units: Float)
  private let seed: UInt64
  /// [cells, channels], after dropout; the features themselves without any
  private let dropped: Rows
  /// [cells, units], after ReLU and dropout
  private let hidden: MutableRows
  /// [cells, concepts]
  private let cells: MutableRows
  /// [images, concepts], see `GridPooling`
  private let sharp: MutableRows
  /// [images, concepts]
  package let logits: MutableRows

  /// - Parameters:
  ///   - features: [images * positions, channels]
  ///   - styles: [images], whose captions are looked for
  ///   - featureDropout: of the features, and of the units
  package init(
    _ detector: WordDetector, features: Rows, images: Int, styles: [Int],
    featureDropout: Float = 0, unitDropout: Float = 0, seed: UInt64 = 0, arena: Arena
  ) {
    precondition(styles.count == images && images > 0 && features.rows % images == 0)
    (self.detector, self.features, self.images, self.styles) = (detector, features, images, styles)
    (dropouts, self.seed) = ((featureDropout, unitDropout), seed)
    positions = features.rows / images
    if featureDropout > 0 {
      let copy = arena.rows(features.rows, features.columns)
      copy.copy(from: features)
      dropout(copy, rate: featureDropout, seed: seed)
      dropped = Rows(copy)
    } else {
      dropped = features
    }
    hidden = arena.rows(features.rows, detector.units)
    cells = arena.rows(features.rows, detector.concepts)
    sharp = arena.rows(images, detector.concepts)
    logits = arena.rows(images, detector.concepts)
    forward()
  }

  private func cells(of image: Int) -> MutableRows { cells[image * positions..<(image + 1) * positions] }

  private func forward() {
    detector.projection.forward(dropped, into: hidden)
    relu(hidden)
    dropout(hidden, rate: dropouts.units, seed: seed &+ 1)
    detector.output.forward(Rows(hidden), into: cells)
    let styleRows = detector.style.rows
    for image in 0..<images {
      GridPooling.forward(Rows(cells(of: image)), sharp: sharp[image], into: logits[image])
      add(styleRows[styles[image]], to: logits[image], count: detector.concepts)
    }
  }

  /// Cross-entropy in nats, summed over images and concepts. Afterwards `logits` is its gradient by `scale`.
  /// - Parameter targets: [images], what share of a picture's captions names each concept; 0 where it is left out
  package func loss(_ targets: [[Int: Float]], scale: Float) -> Double {
    precondition(targets.count == images)
    var loss = 0.0
    for (image, target) in targets.enumerated() {
      let row = logits[image]
      for concept in 0..<detector.concepts {
        let (logit, share) = (row[concept], target[concept] ?? 0)
        loss += Self.crossEntropy(logit, share)
        row[concept] = scale * (1 / (1 + exp(-logit)) - share)
      }
    }
    return loss
  }

  /// Of one concept, in nats: log(1 + e^x) - share x.
  package static func crossEntropy(_ logit: Float, _ share: Float) -> Double {
    Double(max(logit, 0) + log1p(exp(-abs(logit))) - share * logit)
  }

  /// Adds to the gradient of the weights. After `loss`.
  /// - Parameter featureGradient: [images * positions, channels], overwritten; nil if the features need none
  package func backward(gradient: inout WordDetector, features featureGradient: MutableRows?, arena: Arena) {
    let styleGradient = gradient.style.mutableRows
    for image in 0..<images {
      add(logits[image], to: styleGradient[styles[image]], count: detector.concepts)
      GridPooling.backward(cells(of: image), sharp: sharp[image], gradient: logits[image])
    }
    let hiddenGradient = arena.rows(hidden.rows, hidden.columns)
    detector.output.backward(
      Rows(hidden), Rows(cells), into: hiddenGradient, gradient: &gradient.output)
    dropout(hiddenGradient, rate: dropouts.units, seed: seed &+ 1)
    reluBackward(Rows(hidden), hiddenGradient)
    detector.projection.backward(
      dropped, Rows(hiddenGradient), into: featureGradient, gradient: &gradient.projection)
    if let featureGradient { dropout(featureGradient, rate: dropouts.features, seed: seed) }
  }
}
